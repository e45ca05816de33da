"""Share links of other services, and streaming accounts."""

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from music_assistant_models.enums import MediaType
from music_assistant_models.media_items import Track
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator
from yarl import URL

from custom_components.music_assistant.const import DOMAIN, LOGGER
from custom_components.music_assistant.coordinator import MusicAssistantCoordinator
from custom_components.music_assistant.entry.accounts import (
    CONF_CLIENT_ID,
    CONF_CLIENT_SECRET,
    CONF_ORIGINAL_TOKENS,
    CONF_RESOLVER,
    CONF_RESOLVES,
    CONF_STREAMING,
    RESOLVER_MUSICAPI,
    RESOLVER_ODESLI,
    SUBENTRY_SHARE_LINKS,
)
from custom_components.music_assistant.share_links import musicapi, odesli, services
from custom_components.music_assistant.share_links.errors import CREDENTIALS_REFUSED, ResolverError
from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.components.persistent_notification import _async_get_or_create_notifications
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import Context, HomeAssistant, ServiceResponse, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.trace import trace_id_set

from .fake_musicapi import (
    CLIENT_ID,
    CLIENT_SECRET,
    ORIGINAL_TOKEN,
    USER_ID,
    FakeMusicApi,
    build_track,
)
from .http_servers import respond_with_json, run_http_server
from .server import MassServer
from .server.library import STREAMING

LINK = "https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC"
PLAYER = "media_player.kuche"

type Add = Callable[..., ConfigSubentry]


@pytest.fixture
def add(hass: HomeAssistant, entry: MockConfigEntry, coordinator: MusicAssistantCoordinator) -> Add:
    """Return what adds something beside the server."""

    def add(resolver: str = RESOLVER_MUSICAPI, **data: Any) -> ConfigSubentry:
        subentry = ConfigSubentry(
            data=MappingProxyType({CONF_RESOLVER: resolver, **data}),
            subentry_type=SUBENTRY_SHARE_LINKS,
            title=resolver.title(),
            unique_id=resolver,
        )
        hass.config_entries.async_add_subentry(entry, subentry)
        return subentry

    return add


@pytest.fixture
def account(add: Add) -> ConfigSubentry:
    """Return an account that is asked about links and has a streaming account."""
    return add(
        **{
            CONF_CLIENT_ID: CLIENT_ID,
            CONF_CLIENT_SECRET: CLIENT_SECRET,
            CONF_RESOLVES: True,
            CONF_ORIGINAL_TOKENS: True,
            CONF_STREAMING: [{"uuid": USER_ID, "service": "spotify", "name": "Kim"}],
        }
    )


def track(server: MassServer, number: int = 1) -> Track:
    """Return a track of the server's library."""
    item = server.library.get_item(f"library://track/{number}")
    assert isinstance(item, Track)
    return item


def get_isrc(one: Track) -> str:
    """Return the ISRC of a track."""
    ((_, code),) = one.external_ids
    return code


def describe_track(one: Track, **more: Any) -> dict[str, Any]:
    """Return a track of the library as MusicAPI describes it."""
    artists = [artist.name for artist in one.artists]
    title = f"{one.name} ({one.version})" if one.version else one.name
    return build_track(title, artists, one.duration * 1000, **more)


async def call(
    hass: HomeAssistant, action: str, context: Context | None = None, **fields: Any
) -> Any:
    """Call an action and return what it answers."""
    answer: ServiceResponse = await hass.services.async_call(
        DOMAIN, action, fields, blocking=True, return_response=True, context=context
    )
    return answer


async def call_and_get_error(
    hass: HomeAssistant, action: str, context: Context | None = None, **fields: Any
) -> str:
    """Call an action and return the translation key of its error."""
    with pytest.raises(HomeAssistantError) as caught:
        await call(hass, action, context, **fields)
    return str(caught.value.translation_key)


@pytest.fixture
def linked(server: MassServer, fake_musicapi: FakeMusicApi) -> Track:
    """Let the link stand for a track, and return it."""
    one = track(server, 3)
    fake_musicapi.links[LINK] = {"status": "success", "data": describe_track(one)}
    return one


def count_refused_accounts(hass: HomeAssistant) -> int:
    """Return the number of issues about refused accounts."""
    shown = [issue.translation_key for issue in ir.async_get(hass).issues.values()]
    return shown.count("account_refused")


# -------------------------------------------------------------------------------------- links


async def test_link_of_provider(
    hass: HomeAssistant, server: MassServer, account: ConfigSubentry, fake_musicapi: FakeMusicApi
) -> None:
    """A link of a provider of the server is sent to no resolver."""
    item_id = next(
        item_id
        for item_id, item in server.library.get_provider_items(STREAMING)
        if item.media_type is MediaType.TRACK
    )
    answer = await call(hass, "resolve_link", link=f"https://listen.tidal.com/track/{item_id}")
    assert (answer["service"], answer["told_by"]) == ("Tidal", "server")
    assert (answer["chosen"]["certainty"], answer["chosen"]["by"]) == (1.0, "server")
    assert fake_musicapi.requested_paths == []


async def test_match_by_isrc(
    hass: HomeAssistant, server: MassServer, account: ConfigSubentry, fake_musicapi: FakeMusicApi
) -> None:
    """A recording is matched by its ISRC; the second time no resolver is asked."""
    one = track(server)
    fake_musicapi.links[LINK] = {
        "status": "success",
        "data": describe_track(one, isrc=get_isrc(one)),
    }
    for _ in range(2):
        answer = await call(hass, "resolve_link", link=LINK)
        assert answer["told_by"] == "MusicAPI"
        assert answer["recording"]["isrc"] == get_isrc(one)
        assert (answer["chosen"]["certainty"], answer["chosen"]["by"]) == (1.0, "isrc")
        assert answer["chosen"]["uri"] == one.uri
    assert fake_musicapi.requested_paths == ["/public/inspect/url", "/public/search"]


@pytest.mark.parametrize("how", ["action", "media_player"])
async def test_play_link(
    hass: HomeAssistant,
    server: MassServer,
    account: ConfigSubentry,
    linked: Track,
    how: str,
) -> None:
    """A link of another service plays the matching item."""
    domain = DOMAIN if how == "action" else "media_player"
    fields = {"media_id": LINK} if how == "action" else {"media_content_id": LINK}
    kind = {} if how == "action" else {"media_content_type": "music"}
    await hass.services.async_call(
        domain, "play_media", {"entity_id": PLAYER, **fields, **kind}, blocking=True
    )
    ((_, args),) = [one for one in server.commands if one[0] == "player_queues/play_media"]
    assert args["media"] in (linked.uri, [linked.uri])


@pytest.mark.parametrize("action", ["set_favorite", "add_to_library"])
async def test_link_in_other_actions(
    hass: HomeAssistant, account: ConfigSubentry, linked: Track, action: str
) -> None:
    """Other actions accept a link of another service."""
    answer = await call(hass, action, media_id=LINK)
    assert [item["uri"] for item in answer["items"]] == [linked.uri]


async def test_search_link(
    hass: HomeAssistant, server: MassServer, account: ConfigSubentry, fake_musicapi: FakeMusicApi
) -> None:
    """A link in the search field finds the matching item."""
    one = track(server)
    fake_musicapi.links[LINK] = {"status": "success", "data": describe_track(one)}
    answer = await hass.services.async_call(
        "media_player",
        "search_media",
        {"entity_id": PLAYER, "search_query": LINK},
        blocking=True,
        return_response=True,
    )
    found: Any = answer[PLAYER] if answer else None
    (hit,) = found.result
    assert str(one.uri) in hit.media_content_id


@pytest.fixture
def streamed(server: MassServer, monkeypatch: pytest.MonkeyPatch) -> tuple[str, Track]:
    """Return a track with its id at the server's streaming service, Tidal to the resolvers."""
    tidal = replace(services._SERVICE_BY_PLATFORM["tidal"], provider_domain=STREAMING.domain)
    monkeypatch.setitem(services._SERVICE_BY_PLATFORM, "tidal", tidal)
    monkeypatch.setitem(services._SERVICE_BY_SOURCE, "tidal", tidal)
    return next(
        (item_id, item)
        for item_id, item in server.library.get_provider_items(STREAMING)
        if isinstance(item, Track)
    )


async def test_match_by_service_id(
    hass: HomeAssistant,
    account: ConfigSubentry,
    fake_musicapi: FakeMusicApi,
    streamed: tuple[str, Track],
) -> None:
    """A link plays by its id at a service that the server has."""
    item_id, item = streamed
    said = describe_track(item, external_id=item_id)
    fake_musicapi.links[LINK] = {"status": "success", "data": said | {"externalId": "not here"}}
    fake_musicapi.hits = [{"source": "tidal", "status": "success", "type": "track", "data": said}]
    chosen = (await call(hass, "resolve_link", link=LINK))["chosen"]
    assert (chosen["by"], chosen["name"]) == ("id", item.name)
    assert 0.9 < chosen["certainty"] < 1.0  # it is the same by its names only


async def test_match_by_name(
    hass: HomeAssistant, account: ConfigSubentry, fake_musicapi: FakeMusicApi, linked: Track
) -> None:
    """Without ids the recording is matched by name; a resolver that limits requests is skipped."""
    fake_musicapi.searches = 429
    chosen = (await call(hass, "resolve_link", link=LINK))["chosen"]
    assert (chosen["by"], chosen["uri"]) == ("name", linked.uri)
    assert await call_and_get_error(hass, "resolve_link", link=f"{LINK}2") == "resolver_busy"
    assert len(fake_musicapi.requested_paths) == 2


async def test_match_by_odesli(
    hass: HomeAssistant, add: Add, streamed: tuple[str, Track], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Odesli returns ids at other services, and the item is played by one of them."""
    add(RESOLVER_ODESLI)
    item_id, item = streamed
    there = {"id": item_id, "type": "song", "title": item.name}
    answer = {
        "entityUniqueId": "A",
        "entitiesByUniqueId": {"A": {"type": "song", "title": item.name}, "T": there},
        "linksByPlatform": {"tidal": {"entityUniqueId": "T"}},
    }
    async with run_http_server(respond_with_json(answer)) as url:
        monkeypatch.setattr(odesli, "BASE_URL", URL(url))
        resolved = await call(hass, "resolve_link", link=LINK)
    assert resolved["told_by"] == "Odesli"
    chosen = resolved["chosen"]
    assert (chosen["by"], chosen["certainty"], chosen["name"]) == ("id", 1.0, item.name)


async def test_uncertain_match(
    hass: HomeAssistant, server: MassServer, account: ConfigSubentry, fake_musicapi: FakeMusicApi
) -> None:
    """An uncertain match isn't played; the error names the nearest items."""
    one = track(server)
    said = describe_track(one)
    fake_musicapi.links[LINK] = {
        "status": "success",
        "data": {**said, "name": f"{said['name']} (Live)"},
    }
    answer = await call(hass, "resolve_link", link=LINK)
    assert answer["chosen"] is None
    assert answer["nearest"]
    key = await call_and_get_error(hass, "play_media", entity_id=PLAYER, media_id=LINK)
    assert key == "link_not_here_nearest"
    other = f"{LINK}2"
    fake_musicapi.links[other] = {
        "status": "success",
        "data": build_track("Zzyzx Qwrt", ["Nobody"], 1000),
    }
    assert (
        await call_and_get_error(hass, "play_media", entity_id=PLAYER, media_id=other)
        == "link_not_here"
    )
    assert "player_queues/play_media" not in [name for name, _ in server.commands]


async def test_no_resolver(hass: HomeAssistant, coordinator: MusicAssistantCoordinator) -> None:
    """Without a resolver a link is sent to no service."""
    assert (await call(hass, "resolve_link", link=LINK))["told_by"] is None
    assert (
        await call_and_get_error(hass, "play_media", entity_id=PLAYER, media_id=LINK)
        == "link_unknown"
    )
    assert (
        await call_and_get_error(hass, "resolve_link", link="https://example.com/x") == "not_a_link"
    )


async def test_refused_account(
    hass: HomeAssistant,
    server: MassServer,
    entry: MockConfigEntry,
    account: ConfigSubentry,
    fake_musicapi: FakeMusicApi,
) -> None:
    """A revoked account creates an issue until it works again, and nothing else fails."""
    fake_musicapi.status = 401
    assert await call_and_get_error(hass, "resolve_link", link=LINK) == "resolver_refused"
    assert count_refused_accounts(hass) == 1
    fake_musicapi.status = 429
    assert await call_and_get_error(hass, "resolve_link", link=LINK) == "resolver_busy"
    assert count_refused_accounts(hass) == 1
    assert (
        await call_and_get_error(hass, "resolve_link", link=LINK) == "resolver_busy"
    )  # is left alone
    fake_musicapi.status = None
    assert len(fake_musicapi.requested_paths) == 2
    changed = {**account.data, CONF_RESOLVES: False}
    hass.config_entries.async_update_subentry(entry, account, data=changed)
    assert count_refused_accounts(hass) == 0
    assert (await call(hass, "resolve_link", link=LINK))["told_by"] is None


# -------------------------------------------------------------------------- streaming accounts


@pytest.fixture
def playlists(server: MassServer, fake_musicapi: FakeMusicApi) -> FakeMusicApi:
    """Give the streaming account playlists: three known tracks, one twice, and an unknown one."""
    known = [describe_track(track(server, number)) for number in (1, 2, 3)]
    fake_musicapi.playlists = {
        "Morning": [*known, known[0], build_track("Zzyzx Qwrt", ["Nobody"], 1000)],
        "Evening": [],
    }
    return fake_musicapi


async def test_get_playlists(
    hass: HomeAssistant, account: ConfigSubentry, playlists: FakeMusicApi
) -> None:
    """The playlists of all accounts or of the given one are returned."""
    which: list[dict[str, Any]] = [{}, {"account": "Kim"}, {"account": USER_ID}]
    for fields in which:
        (one,) = (await call(hass, "get_streaming_playlists", **fields))["accounts"]
        assert (one["account"], one["name"], one["service"]) == (USER_ID, "Kim", "spotify")
        assert [(each["name"], each["items"]) for each in one["playlists"]] == [
            ("Morning", 5),
            ("Evening", 0),
        ]
    assert (
        await call_and_get_error(hass, "get_streaming_playlists", account="Sam") == "which_account"
    )


async def test_change_refused_account(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    account: ConfigSubentry,
    fake_musicapi: FakeMusicApi,
) -> None:
    """The issue is deleted when its account is removed or changed."""
    fake_musicapi.status = 401
    assert await call_and_get_error(hass, "get_streaming_playlists") == "resolver_refused"
    assert count_refused_accounts(hass) == 1
    changed = {**account.data, CONF_CLIENT_SECRET: "another"}
    hass.config_entries.async_update_subentry(entry, account, data=changed)
    assert count_refused_accounts(hass) == 0
    assert await call_and_get_error(hass, "get_streaming_playlists") == "resolver_refused"
    assert count_refused_accounts(hass) == 1
    hass.config_entries.async_remove_subentry(entry, account.subentry_id)
    assert count_refused_accounts(hass) == 0


async def test_remove_account_during_request(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    account: ConfigSubentry,
    fake_musicapi: FakeMusicApi,
) -> None:
    """An account that was removed during a request gets no issue."""

    async def answer() -> None:
        hass.config_entries.async_remove_subentry(entry, account.subentry_id)
        raise ResolverError(CREDENTIALS_REFUSED, musicapi.NAME, "401")

    with pytest.raises(ResolverError):
        await entry.runtime_data.accounts.async_process_request(account, answer())
    assert count_refused_accounts(hass) == 0


async def test_no_account(hass: HomeAssistant, coordinator: MusicAssistantCoordinator) -> None:
    """Without an account the error says how to add one."""
    assert await call_and_get_error(hass, "get_streaming_playlists") == "no_account"
    assert await call_and_get_error(hass, "import_playlist", playlist="Morning") == "no_account"


async def test_import_playlist(
    hass: HomeAssistant, server: MassServer, account: ConfigSubentry, playlists: FakeMusicApi
) -> None:
    """The items found become a playlist; a second import adds only new ones."""
    answer = await call(hass, "import_playlist", playlist="Morning", name="From Kim")
    uris = [track(server, number).uri for number in (1, 2, 3)]
    assert [one["uri"] for one in answer["added"]] == uris
    assert [one["uri"] for one in answer["already_there"]] == uris[:1]
    assert [one["title"] for one in answer["not_found"]] == ["Zzyzx Qwrt"]
    assert answer["playlist"]["name"] == "From Kim"
    playlists.playlists["Morning"].append(describe_track(track(server, 4)))
    again = await call(hass, "import_playlist", playlist="Morning", name="From Kim")
    assert again["playlist"]["uri"] == answer["playlist"]["uri"]
    assert [one["uri"] for one in again["added"]] == [track(server, 4).uri]
    assert len(again["already_there"]) == 4
    assert not _async_get_or_create_notifications(hass)


async def test_import_progress(
    hass: HomeAssistant, account: ConfigSubentry, playlists: FakeMusicApi
) -> None:
    """A long import shows its progress in a notification until it ends."""
    told: list[str] = []

    @callback
    def note(*_: Any) -> None:
        told.extend(
            str(one["message"]) for one in _async_get_or_create_notifications(hass).values()
        )

    async_dispatcher_connect(hass, "persistent_notifications_updated", note)
    await call(hass, "import_playlist", playlist="Morning")
    assert told == ["4 of 5"]


async def test_import_unknown_playlist(
    hass: HomeAssistant, account: ConfigSubentry, playlists: FakeMusicApi
) -> None:
    """The error of an unknown playlist lists the playlists."""
    key = await call_and_get_error(hass, "import_playlist", playlist="Noon")
    assert key == "which_streaming_playlist"
    playlists.status = 500
    assert (
        await call_and_get_error(hass, "import_playlist", playlist="Morning") == "resolver_failed"
    )


# ----------------------------------------------------------------------------- original tokens


@pytest.fixture
async def admin(hass: HomeAssistant) -> Context:
    """Return what an administrator does."""
    user = await hass.auth.async_create_user("Admin", group_ids=["system-admin"])
    return Context(user_id=user.id)


async def test_original_token(
    hass: HomeAssistant, account: ConfigSubentry, fake_musicapi: FakeMusicApi, admin: Context
) -> None:
    """An administrator gets the cached token, masked unless revealed."""
    answer = await call(hass, "get_original_token", admin)
    assert (answer["name"], answer["token"]) == ("Kim", "********")
    assert answer["expires"]
    answer = await call(hass, "get_original_token", admin, reveal=True)
    assert answer["token"] == ORIGINAL_TOKEN
    assert len(fake_musicapi.requested_paths) == 1
    await call(hass, "get_original_token", admin, fresh=True)
    assert len(fake_musicapi.requested_paths) == 2


async def test_original_token_cache(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    account: ConfigSubentry,
    fake_musicapi: FakeMusicApi,
    admin: Context,
) -> None:
    """The token stays in memory until its account is unlinked."""

    def change(**changes: Any) -> None:
        data = {**account.data, **changes}
        hass.config_entries.async_update_subentry(entry, account, data=data)

    await call(hass, "get_original_token", admin)
    change(**{CONF_RESOLVES: False})
    await call(hass, "get_original_token", admin)
    assert len(fake_musicapi.requested_paths) == 1
    streaming = account.data[CONF_STREAMING]
    change(**{CONF_STREAMING: []})
    change(**{CONF_STREAMING: streaming})
    await call(hass, "get_original_token", admin)
    assert len(fake_musicapi.requested_paths) == 2


async def test_no_secret_in_log(
    hass: HomeAssistant,
    account: ConfigSubentry,
    admin: Context,
    fake_musicapi: FakeMusicApi,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Credentials of accounts are redacted in the log, whichever logger writes them."""
    await call(hass, "get_original_token", admin, reveal=True)
    LOGGER.warning("%s and %s", CLIENT_SECRET, ORIGINAL_TOKEN)
    assert "**REDACTED** and **REDACTED**" in caplog.text
    assert CLIENT_SECRET not in caplog.text
    assert ORIGINAL_TOKEN not in caplog.text


async def test_original_token_refused(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    account: ConfigSubentry,
    fake_musicapi: FakeMusicApi,
    admin: Context,
) -> None:
    """The token needs an administrator, no trace, and the option of the account."""
    other = await hass.auth.async_create_user("Kim", group_ids=[GROUP_ID_USER])
    for context in (None, Context(user_id=other.id)):
        assert (
            await call_and_get_error(hass, "get_original_token", context) == "administrators_only"
        )
    trace_id_set(("script.x", "1"))
    assert (
        await call_and_get_error(hass, "get_original_token", admin, reveal=True) == "token_in_trace"
    )
    changed = {**account.data, CONF_ORIGINAL_TOKENS: False}
    hass.config_entries.async_update_subentry(entry, account, data=changed)
    assert await call_and_get_error(hass, "get_original_token", admin) == "original_tokens_off"
    assert fake_musicapi.requested_paths == []


@pytest.mark.usefixtures("account", "fake_musicapi")
async def test_original_token_websocket(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_access_token: str,
) -> None:
    """The websocket command returns the token to administrators only."""
    asked = {"type": f"{DOMAIN}/original_token", "config_entry_id": entry.entry_id, "reveal": True}
    client = await hass_ws_client(hass)
    await client.send_json_auto_id(asked)
    assert (await client.receive_json())["result"]["token"] == ORIGINAL_TOKEN
    client = await hass_ws_client(hass, hass_read_only_access_token)
    await client.send_json_auto_id(asked)
    assert (await client.receive_json())["error"]["code"] == "unauthorized"
