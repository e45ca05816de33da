"""Actions on share links and on streaming accounts linked through MusicAPI."""

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
from ..entities.browsing import create_reader
from ..entry.accounts import CONF_ORIGINAL_TOKENS, StreamingAccount
from ..entry.permissions import Access
from ..helpers.texts import get_text
from ..media.imports import ImportReport, async_import_playlist
from ..media.nearest import MAX_SUGGESTIONS
from ..media.share_links import async_resolve_link
from ..server.errors import build_validation_error
from ..share_links.musicapi import IntegrationUser, StreamingPlaylist
from ..share_links.services import find_service, find_service_by_source
from .base import ServerAction, async_as_caller, async_check_admin, create_serializer
from .fields import validate_boolean

# Shown in place of a token unless it is revealed.
MASKED_TOKEN: Final = "********"


async def _async_handle_resolve_link(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    """Resolve a share link."""
    link: str = call.data["link"]
    if (service := find_service(link)) is None:
        raise build_validation_error("not_a_link", link=link)
    share_link = await async_as_caller(
        coordinator.mass,
        call,
        lambda user: async_resolve_link(create_reader(coordinator, user), link),
    )
    return {
        "service": service.name,
        **create_serializer(coordinator).serialize_share_link(share_link),
    }


async def _async_handle_get_streaming_playlists(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    """Return {accounts} with their playlists."""
    accounts, account_id = coordinator.accounts, call.data.get("account")
    streaming_accounts = list(accounts.get_streaming_accounts()) if account_id is None else []
    responses: list[JsonValueType] = []
    # without accounts, `find_streaming_account` raises an error that says what to do
    for subentry, account in streaming_accounts or [accounts.find_streaming_account(account_id)]:
        request = accounts.create_client(subentry).async_get_playlists(account.uuid)
        playlists = await accounts.async_process_request(subentry, request)
        responses.append(
            _serialize_account(account)
            | {"playlists": [_serialize_playlist(playlist) for playlist in playlists]}
        )
    return {"accounts": responses}


def _serialize_account(account: StreamingAccount) -> dict[str, Any]:
    """Serialize a streaming account."""
    return {"account": account.uuid, "name": account.name, "service": account.service}


def _serialize_playlist(playlist: StreamingPlaylist) -> dict[str, Any]:
    """Serialize a playlist of a streaming account."""
    return {"playlist": playlist.playlist_id, "name": playlist.name, "items": playlist.total}


async def _async_handle_import_playlist(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    """Import a playlist of a streaming account into the library."""
    accounts, name_or_id = coordinator.accounts, call.data["playlist"]
    subentry, account = accounts.find_streaming_account(call.data.get("account"))
    client = accounts.create_client(subentry)
    playlists = await accounts.async_process_request(
        subentry, client.async_get_playlists(account.uuid)
    )
    matches = [
        playlist for playlist in playlists if name_or_id in (playlist.playlist_id, playlist.name)
    ]
    if len(matches) != 1:
        names = ", ".join(playlist.name for playlist in playlists) or "-"
        raise build_validation_error("which_streaming_playlist", name=name_or_id, choices=names)
    service = find_service_by_source(account.service)
    recordings = await client.async_get_playlist_recordings(
        account.uuid, matches[0].playlist_id, service
    )
    name = call.data.get("name", matches[0].name)
    update_progress = _create_progress_callback(call, name, len(recordings))
    try:
        report = await async_import_playlist(
            create_reader(coordinator), recordings, name, update_progress
        )
    finally:
        update_progress(len(recordings))
    return _serialize_report(coordinator, report)


def _create_progress_callback(call: ServiceCall, name: str, total: int) -> Callable[[int], None]:
    """Create a callback that shows the progress of an import as a notification."""
    title = get_text(call.hass, "import_title", "Importing {name}").format(name=name)
    progress = get_text(call.hass, "import_progress", "{done} of {total}")
    notification_id = f"{DOMAIN}_import_{call.context.id}"

    def update_progress(done: int) -> None:
        """Update the notification; dismiss it at the end."""
        if done >= total:
            persistent_notification.async_dismiss(call.hass, notification_id)
        else:
            message = progress.format(done=done, total=total)
            persistent_notification.async_create(call.hass, message, title, notification_id)

    return update_progress


def _serialize_report(
    coordinator: MusicAssistantCoordinator, report: ImportReport
) -> ServiceResponse:
    """Return {playlist, added, already_there, not_found [{title, artists, ..., nearest}]}."""
    serializer = create_serializer(coordinator)
    return {
        "playlist": serializer.serialize_item(report.playlist),
        "added": [serializer.serialize_candidate(candidate) for candidate in report.added],
        "already_there": [
            serializer.serialize_candidate(candidate) for candidate in report.existing
        ],
        "not_found": [
            serializer.serialize_recording(recording)
            | {
                "nearest": [
                    serializer.serialize_candidate(candidate)
                    for candidate in nearest[:MAX_SUGGESTIONS]
                ]
            }
            for recording, nearest in report.missing
        ],
    }


async def _async_handle_get_original_token(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    """Return the original token of a streaming account."""
    await async_check_admin(call, coordinator.name)
    if call.data["reveal"] and trace_id_get():
        raise build_validation_error("token_in_trace")  # stored traces can be read by all users
    return await async_get_original_token(
        coordinator, call.data.get("account"), reveal=call.data["reveal"], fresh=call.data["fresh"]
    )


async def async_get_original_token(
    coordinator: MusicAssistantCoordinator, account_id: str | None, *, reveal: bool, fresh: bool
) -> dict[str, Any]:
    """Return {account, name, service, token (masked unless revealed), expires (ISO 8601)}."""
    subentry, account = coordinator.accounts.find_streaming_account(account_id)
    if not subentry.data.get(CONF_ORIGINAL_TOKENS):
        raise build_validation_error("original_tokens_off", account=subentry.title)
    user = await coordinator.accounts.async_get_integration_user(
        subentry, account.uuid, fresh=fresh
    )
    return _serialize_account(account) | _serialize_token(user, reveal=reveal)


def _serialize_token(user: IntegrationUser, *, reveal: bool) -> dict[str, Any]:
    """Serialize the original token, masked unless revealed."""
    token = user.token or ""
    return {
        "token": token if reveal or not token else MASKED_TOKEN,
        "expires": user.expires.isoformat() if user.expires else None,
    }


ACTIONS: Final = (
    ServerAction(
        "resolve_link",
        _async_handle_resolve_link,
        {probatio.Required("link"): cv.string, probatio.Optional("username"): cv.string},
    ),
    ServerAction(
        "get_streaming_playlists",
        _async_handle_get_streaming_playlists,
        {probatio.Optional("account"): cv.string},
    ),
    ServerAction(
        "import_playlist",
        _async_handle_import_playlist,
        {
            probatio.Optional("account"): cv.string,
            probatio.Required("playlist"): cv.string,
            probatio.Optional("name"): probatio.All(cv.string, probatio.Length(min=1)),
        },
        SupportsResponse.OPTIONAL,
        access=Access.CONTROL_ONE,
    ),
    ServerAction(
        "get_original_token",
        _async_handle_get_original_token,
        {
            probatio.Optional("account"): cv.string,
            probatio.Optional("reveal", default=False): validate_boolean,
            probatio.Optional("fresh", default=False): validate_boolean,
        },
    ),
)
