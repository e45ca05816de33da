"""Actions on share links, and on the streaming accounts that were linked through MusicAPI."""

from collections.abc import Callable
from typing import Any, Final

import probatio

from homeassistant.components import persistent_notification
from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.trace import trace_id_get
from homeassistant.util.json import JsonValueType

from ..const import DOMAIN
from ..coordinator import MusicAssistantCoordinator
from ..entities.browsing import reader_of
from ..entry.accounts import CONF_ORIGINAL_TOKENS, Streaming
from ..helpers.texts import text
from ..media.imports import Report, async_import
from ..media.resolve import NEAREST
from ..media.share_links import async_link
from ..server.errors import invalid
from ..share_links.musicapi import Person, Playlist
from ..share_links.services import service_of, service_of_source
from .base import Action, async_as_caller, async_check_administrator, serializer

# What is shown of a token that nobody asked to see.
MASKED: Final = "********"


async def _resolve_link(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    link: str = call.data["link"]
    if (service := service_of(link)) is None:
        raise invalid("not_a_link", link=link)
    linked = await async_as_caller(
        coordinator.mass, call, lambda user: async_link(reader_of(coordinator, user), link)
    )
    return {"service": service.name, **serializer(coordinator).linked(linked)}


async def _get_streaming_playlists(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    accounts, account = coordinator.accounts, call.data.get("account")
    every = list(accounts.streaming()) if account is None else []
    answer: list[JsonValueType] = []
    for subentry, one in every or [accounts.find(account)]:  # of none it says what to do
        asked = accounts.musicapi(subentry).async_playlists(one.uuid)
        playlists = await accounts.async_watched(subentry, asked)
        answer.append(_account(one) | {"playlists": [_playlist(each) for each in playlists]})
    return {"accounts": answer}


def _account(one: Streaming) -> dict[str, Any]:
    return {"account": one.uuid, "name": one.name, "service": one.service}


def _playlist(playlist: Playlist) -> dict[str, Any]:
    return {"playlist": playlist.playlist_id, "name": playlist.name, "items": playlist.total}


async def _import_playlist(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    accounts, asked = coordinator.accounts, call.data["playlist"]
    subentry, account = accounts.find(call.data.get("account"))
    api = accounts.musicapi(subentry)
    playlists = await accounts.async_watched(subentry, api.async_playlists(account.uuid))
    found = [one for one in playlists if asked in (one.playlist_id, one.name)]
    if len(found) != 1:
        names = ", ".join(one.name for one in playlists) or "-"
        raise invalid("which_streaming_playlist", name=asked, choices=names)
    service = service_of_source(account.service)
    recordings = await api.async_playlist(account.uuid, found[0].playlist_id, service)
    name = call.data.get("name", found[0].name)
    tell = _progress(call, name, len(recordings))
    try:
        report = await async_import(reader_of(coordinator), recordings, name, tell)
    finally:
        tell(len(recordings))
    return _report(coordinator, report)


def _progress(call: ServiceCall, name: str, total: int) -> Callable[[int], None]:
    """Return what shows how far an import is, until it is done."""
    title = text(call.hass, "import_title", "Importing {name}").format(name=name)
    progress = text(call.hass, "import_progress", "{done} of {total}")
    notification_id = f"{DOMAIN}_import_{call.context.id}"

    def tell(done: int) -> None:
        if done >= total:
            persistent_notification.async_dismiss(call.hass, notification_id)
        else:
            said = progress.format(done=done, total=total)
            persistent_notification.async_create(call.hass, said, title, notification_id)

    return tell


def _report(coordinator: MusicAssistantCoordinator, report: Report) -> ServiceResponse:
    """Return {playlist, added, already_there, not_found [{title, artists, ..., nearest}]}."""
    answer = serializer(coordinator)
    return {
        "playlist": answer.item(report.playlist),
        "added": [answer.candidate(one) for one in report.added],
        "already_there": [answer.candidate(one) for one in report.there],
        "not_found": [
            answer.recording(recording)
            | {"nearest": [answer.candidate(one) for one in nearest[:NEAREST]]}
            for recording, nearest in report.missing
        ],
    }


async def _get_original_token(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    await async_check_administrator(call, coordinator.name)
    if call.data["reveal"] and trace_id_get():
        raise invalid("token_in_trace")  # where it would be kept for all to read
    return await async_original_token(
        coordinator, call.data.get("account"), reveal=call.data["reveal"], fresh=call.data["fresh"]
    )


async def async_original_token(
    coordinator: MusicAssistantCoordinator, account: str | None, *, reveal: bool, fresh: bool
) -> dict[str, Any]:
    """Return {account, name, service, token (masked unless revealed), expires (ISO 8601)}."""
    subentry, one = coordinator.accounts.find(account)
    if not subentry.data.get(CONF_ORIGINAL_TOKENS):
        raise invalid("original_tokens_off", account=subentry.title)
    person = await coordinator.accounts.async_person(subentry, one.uuid, fresh=fresh)
    return _account(one) | _token(person, reveal=reveal)


def _token(person: Person, *, reveal: bool) -> dict[str, Any]:
    token = person.token or ""
    return {
        "token": token if reveal or not token else MASKED,
        "expires": person.expires.isoformat() if person.expires else None,
    }


ACTIONS: Final = (
    Action(
        "resolve_link",
        _resolve_link,
        {probatio.Required("link"): cv.string, probatio.Optional("username"): cv.string},
    ),
    Action(
        "get_streaming_playlists",
        _get_streaming_playlists,
        {probatio.Optional("account"): cv.string},
    ),
    Action(
        "import_playlist",
        _import_playlist,
        {
            probatio.Optional("account"): cv.string,
            probatio.Required("playlist"): cv.string,
            probatio.Optional("name"): probatio.All(cv.string, probatio.Length(min=1)),
        },
        SupportsResponse.OPTIONAL,
    ),
    Action(
        "get_original_token",
        _get_original_token,
        {
            probatio.Optional("account"): cv.string,
            probatio.Optional("reveal", default=False): cv.boolean,
            probatio.Optional("fresh", default=False): cv.boolean,
        },
    ),
)
