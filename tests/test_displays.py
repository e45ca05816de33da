"""Displays (dashboard devices) with a real server."""

from base64 import b64encode
from dataclasses import replace
from io import BytesIO
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from music_assistant_models.dashboard import DashboardDevice, DashboardSession
from music_assistant_models.enums import DashboardType, EventType
from music_assistant_models.errors import ProviderUnavailableError
from PIL import Image
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.music_assistant.entities.displays import MusicAssistantDisplay
from custom_components.music_assistant.helpers import texts as texts_module
from custom_components.music_assistant.players.display import (
    build_content_id,
    build_display_snapshot,
    parse_content_id,
    resolve_dashboard,
)
from homeassistant.components.media_player import DATA_COMPONENT, MediaPlayerEntityFeature
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import State
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component

from .action_helpers import start_playback
from .common import Harness, LoopMonitor, RecordedChanges, wait_until
from .server import MassServer
from .server.commands import Command

PARTY, QUIZ = DashboardType.PARTY, DashboardType.MUSIC_QUIZ
NOW_PLAYING, UNKNOWN = DashboardType.NOW_PLAYING, DashboardType.UNKNOWN
# As the apps of some tablets do it, this one bears the id of a player.
TABLET = DashboardDevice("kueche", "Tablet", {PARTY, NOW_PLAYING, QUIZ})
FRAME = DashboardDevice("frame", "Picture frame", {PARTY, UNKNOWN})
KEY, FRAME_KEY = "dashboard:kueche", "dashboard:frame"
OTHER_ALBUM = "library://album/2"

NEW = pytest.mark.parametrize("schema_version", [46, 98])


@pytest.fixture
async def server(server: MassServer) -> MassServer:
    """Return a server with two displays."""
    server.dashboards.add_device(TABLET)
    server.dashboards.add_device(FRAME)
    return server


def show_dashboard(
    harness: Harness, dashboard: DashboardType, player_id: str | None = None, on: str = "kueche"
) -> None:
    """Show a dashboard on the server, not through Home Assistant."""
    harness.server.dashboards.add_session(DashboardSession(on, "A name", dashboard, player_id))


def get_shown_attributes(harness: Harness, key: str = KEY) -> dict[str, Any]:
    """Return what a display shows."""
    state = harness.get_state(key)
    names = ("media_content_type", "media_content_id", "media_title")
    return {"state": state.state, **{name: state.attributes.get(name) for name in names}}


def build_shown_attributes(content: str, title: str) -> dict[str, Any]:
    """Return the attributes of a display that shows something."""
    return {
        "state": "playing",
        "media_content_type": "dashboard",
        "media_content_id": content,
        "media_title": title,
    }


NOTHING = {
    "state": "idle",
    "media_content_type": None,
    "media_content_id": None,
    "media_title": None,
}


async def play_media(
    harness: Harness, content: str, kind: str = "dashboard", key: str = KEY
) -> None:
    """Show something on a display."""
    await harness.call_action("play_media", key, media_content_type=kind, media_content_id=content)


def get_entity_entry(harness: Harness, key: str = KEY) -> MusicAssistantDisplay:
    """Return the registry entry of a display."""
    entity = harness.hass.data[DATA_COMPONENT].get_entity(harness.get_entity_id(key))
    assert isinstance(entity, MusicAssistantDisplay)
    return entity


def get_device(harness: Harness, key: str = KEY) -> dr.DeviceEntry | None:
    """Return the device of a display."""
    return dr.async_get(harness.hass).async_get_device_by_identifier(
        ("music_assistant", key), harness.entry.entry_id
    )


def get_display_states(harness: Harness) -> list[State]:
    """Return the states of all displays."""
    return [state for state in harness.states.values() if state.attributes["device_class"] == "tv"]


# What it is


@NEW
async def test_device_and_entity(harness: Harness) -> None:
    """A display is a television with its own device, even beside a player of the same id."""
    device = get_device(harness)
    assert device
    assert (device.name, device.manufacturer, device.model, device.sw_version) == (
        "Tablet",
        "Music Assistant",
        "Dashboard display",
        None,
    )
    state = harness.get_state(KEY)
    assert state.name == "Tablet"
    assert state.entity_id == "media_player.tablet"
    assert state.attributes["device_class"] == "tv"
    assert MediaPlayerEntityFeature(state.attributes["supported_features"]) == (
        MediaPlayerEntityFeature.PLAY_MEDIA
        | MediaPlayerEntityFeature.BROWSE_MEDIA
        | MediaPlayerEntityFeature.TURN_OFF
    )
    assert "entity_picture" not in state.attributes
    assert get_shown_attributes(harness) == get_shown_attributes(harness, FRAME_KEY) == NOTHING
    player = harness.get_state("kueche")
    assert (player.name, player.attributes["device_class"]) == ("Küche", "speaker")
    assert "dashboard:kueche" not in harness.coordinator.data


@pytest.mark.parametrize("schema_version", [29])
async def test_server_without_dashboards(harness: Harness) -> None:
    """A server without dashboards isn't asked for them."""
    assert harness.states
    assert not get_display_states(harness)
    assert not [name for name, _ in harness.server.commands if name.startswith("dashboard/")]


@NEW
async def test_shown_dashboard_after_start(harness: Harness) -> None:
    """What is shown already is known after a start."""
    show_dashboard(harness, PARTY)
    await harness.wait_for_events()
    assert await harness.hass.config_entries.async_reload(harness.entry.entry_id)
    await harness.hass.async_block_till_done()
    assert get_shown_attributes(harness) == build_shown_attributes("party", "Party")


# What can be asked of it


@NEW
@pytest.mark.parametrize(
    ("content", "dashboard", "player_id", "title"),
    [
        ("party", PARTY, None, "Party"),
        ("music_quiz", QUIZ, None, "Music quiz"),
        ("now_playing/kueche", NOW_PLAYING, "kueche", "Now playing: Küche"),
    ],
)
async def test_show_and_hide(
    harness: Harness, content: str, dashboard: DashboardType, player_id: str | None, title: str
) -> None:
    """Each dashboard can be shown and hidden."""
    await play_media(harness, content)
    session = harness.server.dashboards.sessions["kueche"]
    assert (session.dashboard, session.player_id) == (dashboard, player_id)
    await harness.wait_for_events()
    assert get_shown_attributes(harness) == build_shown_attributes(content, title)
    assert get_shown_attributes(harness, FRAME_KEY) == NOTHING
    await harness.call_action("turn_off", KEY)
    assert not harness.server.dashboards.sessions
    await harness.wait_for_events()
    assert get_shown_attributes(harness) == NOTHING


VALID = "music_quiz, now_playing/<player_id>, party"


INVALID_DASHBOARDS = [
    ((KEY, "music", "party"), "invalid_media_type", {"expected", "media_type"}),
    (
        (KEY, "dashboard", "now_playing"),
        "now_playing_requires_player",
        {"dashboard", "expected"},
    ),
    (
        (FRAME_KEY, "dashboard", "now_playing"),
        "now_playing_requires_player",
        {"dashboard", "expected"},
    ),
    *(
        ((KEY, "dashboard", content), "unknown_type", {"dashboard", "valid_ids"})
        for content in ("weather", "unknown", "", "party/kueche")
    ),
    *(
        (
            (FRAME_KEY, "dashboard", content),
            "type_not_supported",
            {"dashboard", "display", "valid_ids"},
        )
        for content in ("music_quiz", "now_playing/kueche", "now_playing/nobody")
    ),
    *(
        ((KEY, "dashboard", f"now_playing/{name}"), "player_not_available", {"player_id"})
        for name in ("nobody", "tablet", "")  # the tablet isn't exposed
    ),
]


@NEW
async def test_invalid_dashboards(harness: Harness, subtests: pytest.Subtests) -> None:
    """Invalid dashboards are refused with an error before a request."""
    for (key, kind, content), error, placeholders in INVALID_DASHBOARDS:
        with subtests.test(content, key=key, kind=kind):
            with pytest.raises(ServiceValidationError) as raised:
                await play_media(harness, content, kind, key)
            assert raised.value.translation_domain == "music_assistant"
            assert raised.value.translation_key == f"dashboard_{error}"
            given = raised.value.translation_placeholders or {}
            assert given.keys() == placeholders
            assert {None, "None"}.isdisjoint(given.values())
            assert "{" not in str(raised.value)
            assert not [name for name, _ in harness.server.commands if name == "dashboard/show"]


async def test_errors_list_options(harness: Harness) -> None:
    """The errors list the valid options."""
    for key, content, placeholders in (
        (KEY, "weather", {"dashboard": "weather", "valid_ids": VALID}),
        (
            FRAME_KEY,
            "now_playing/kueche",
            {"display": "Picture frame", "dashboard": "now_playing", "valid_ids": "party"},
        ),
        (KEY, "now_playing", {"dashboard": "now_playing", "expected": "now_playing/<player_id>"}),
        (KEY, "now_playing/x/y", {"player_id": "x/y"}),
    ):
        with pytest.raises(ServiceValidationError) as raised:
            await play_media(harness, content, key=key)
        assert raised.value.translation_placeholders == placeholders


def test_unavailable_display() -> None:
    """An unavailable display is an error with its name."""
    away = build_display_snapshot(TABLET, None, None).as_unavailable()
    with pytest.raises(ServiceValidationError) as raised:
        resolve_dashboard(away, "dashboard", "party", ())
    assert raised.value.translation_key == "dashboard_display_not_available"
    assert raised.value.translation_placeholders == {"display": "Tablet"}


@pytest.mark.parametrize(
    ("dashboard", "player_id", "content"),
    [
        (PARTY, "", "party"),
        (NOW_PLAYING, "a/b", "now_playing/a/b"),
        (NOW_PLAYING, "", "now_playing/"),
        (UNKNOWN, "", "unknown"),
    ],
)
def test_content_id_round_trip(dashboard: DashboardType, player_id: str, content: str) -> None:
    """A content id is parsed as it was built."""
    assert build_content_id(dashboard, player_id) == content
    assert parse_content_id(content) == (dashboard, player_id)


@pytest.mark.parametrize(("code", "key"), [(2, "media_not_found"), (3, "command_failed")])
@pytest.mark.parametrize("action", ["show", "hide"])
async def test_server_errors(harness: Harness, action: str, code: int, key: str) -> None:
    """The server's errors are raised with what to do."""
    harness.server.faults.fail_command(f"dashboard/{action}", code, "the reason")
    with pytest.raises(HomeAssistantError) as raised:
        await (
            play_media(harness, "party")
            if action == "show"
            else harness.call_action("turn_off", KEY)
        )
    assert raised.value.translation_key == key
    assert raised.value.translation_placeholders == {"server": "Music Assistant"}


async def test_user_without_right(harness: Harness) -> None:
    """Displays need the right to invite users."""
    harness.server.accounts.get_user("demo").role = "guest"
    with pytest.raises(HomeAssistantError) as raised:
        await play_media(harness, "party")
    assert raised.value.translation_key == "not_permitted"


async def test_display_cannot_be_joined(harness: Harness) -> None:
    """A display can't be joined, even with the id of a player."""
    with pytest.raises(ServiceValidationError) as raised:
        await harness.call_action("join", "buero", group_members=[harness.get_entity_id(KEY)])
    assert raised.value.translation_key == "not_our_player"


# What it shows


@NEW
async def test_sessions_update_state(harness: Harness) -> None:
    """Dashboards shown by others are followed."""
    for dashboard, player_id, expected in (
        (PARTY, None, build_shown_attributes("party", "Party")),
        (PARTY, "buero", build_shown_attributes("party", "Party")),  # it isn't about a player
        (NOW_PLAYING, "patio", build_shown_attributes("now_playing/patio", "Now playing: Patio")),
        (NOW_PLAYING, "buero", build_shown_attributes("now_playing/buero", "Now playing: Büro")),
        (
            NOW_PLAYING,
            "tablet",
            build_shown_attributes("now_playing/tablet", "Now playing: Kid's Tablet"),
        ),
        (
            NOW_PLAYING,
            "nobody",
            build_shown_attributes("now_playing/nobody", "Now playing: nobody"),
        ),
        (NOW_PLAYING, None, build_shown_attributes("now_playing/", "Now playing")),
        (QUIZ, None, build_shown_attributes("music_quiz", "Music quiz")),
        (UNKNOWN, None, build_shown_attributes("unknown", "unknown")),  # of a newer server
    ):
        show_dashboard(harness, dashboard, player_id)
        await harness.wait_for_events()
        assert get_shown_attributes(harness) == expected
    assert "entity_picture" not in harness.get_state(KEY).attributes
    harness.server.dashboards.remove_session("kueche")
    await harness.wait_for_events()
    assert get_shown_attributes(harness) == NOTHING


@NEW
async def test_changes_of_shown_player(harness: Harness) -> None:
    """Name and picture of the shown player are followed."""
    server = harness.server
    show_dashboard(harness, NOW_PLAYING, "patio")
    await harness.wait_for_events()
    assert "entity_picture" not in harness.get_state(KEY).attributes
    start_playback(server, "patio")
    await harness.wait_for_events()
    first = harness.get_state(KEY).attributes["entity_picture"]
    start_playback(server, "patio", OTHER_ALBUM)
    await harness.wait_for_events()
    assert harness.get_state(KEY).attributes["entity_picture"] != first
    server.update_player("patio", name="Terrace")
    await harness.wait_for_events()
    assert get_shown_attributes(harness) == build_shown_attributes(
        "now_playing/patio", "Now playing: Terrace"
    )
    assert not harness.get_state(FRAME_KEY).attributes.get("entity_picture")


async def test_removal_of_shown_player(harness: Harness) -> None:
    """A removed player is shown by its id, and by its name when it is back."""
    show_dashboard(harness, NOW_PLAYING, "buero")
    player = harness.server.players["buero"]
    harness.server.remove_player("buero")
    await harness.wait_for_events()
    assert get_shown_attributes(harness) == build_shown_attributes(
        "now_playing/buero", "Now playing: buero"
    )
    harness.server.add_player(player)
    await harness.wait_for_events()
    assert get_shown_attributes(harness) == build_shown_attributes(
        "now_playing/buero", "Now playing: Büro"
    )


async def test_unchanged_state_is_not_written(
    harness: Harness, freezer: FrozenDateTimeFactory
) -> None:
    """Events without a visible change write no state."""
    server = harness.server
    start_playback(server, "patio")
    show_dashboard(harness, NOW_PLAYING, "patio")
    await harness.wait_for_events()
    reported = {key: harness.get_state(key).last_reported for key in (KEY, FRAME_KEY)}
    freezer.tick(10)
    server.send_event(EventType.DASHBOARDS_UPDATED, data=list(server.dashboards.devices.values()))
    server.send_event(
        EventType.DASHBOARD_SESSIONS_UPDATED, data=list(server.dashboards.sessions.values())
    )
    server.update_player("patio", volume_level=77)
    server.update_queue("patio", shuffle_enabled=True)
    start_playback(server, uri=OTHER_ALBUM)
    await harness.wait_for_events()
    assert harness.get_state("patio").attributes["volume_level"] == 0.77
    assert {key: harness.get_state(key).last_reported for key in reported} == reported


async def test_titles_are_translated(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    """Titles are in Home Assistant's language; without a translation the id or name is shown."""
    own = "component.music_assistant.common.dashboard_"
    texts = {"nl": {f"{own}party": "Feest", f"{own}now_playing_player": "{player} speelt"}}

    def get_translations(
        _hass: object, language: str, category: str, domain: str
    ) -> dict[str, str]:
        assert (category, domain) == ("common", "music_assistant")
        return texts.get(language, {})

    monkeypatch.setattr(texts_module, "async_get_cached_translations", get_translations)
    for language, titles in (
        ("nl", ["Feest", "music_quiz", "Küche speelt"]),
        ("xx", ["party", "music_quiz", "Küche"]),
    ):
        harness.hass.config.language = language
        for dashboard, title in zip((PARTY, QUIZ, NOW_PLAYING), titles, strict=True):
            show_dashboard(harness, dashboard, "kueche")
            await harness.wait_for_events()
            assert get_shown_attributes(harness)["media_title"] == title


# Coming and going


@NEW
async def test_new_and_removed_display(harness: Harness, changes: RecordedChanges) -> None:
    """A new display gets an entity; a removed one is unavailable."""
    dashboards = harness.server.dashboards
    dashboards.add_device(DashboardDevice("tv", "TV", {PARTY}))
    await harness.wait_for_events()
    assert get_shown_attributes(harness, "dashboard:tv") == NOTHING
    show_dashboard(harness, PARTY, on="tv")
    dashboards.remove_device("tv")
    await harness.wait_for_events()
    assert harness.unavailable_entity_ids == {"media_player.tv", "media_player.guest_room"}
    assert harness.coordinator.store.displays["dashboard:tv"].available is False
    changes.clear()
    dashboards.remove_device("tv")  # said once more
    await harness.wait_for_events()
    assert not changes.states
    dashboards.add_device(DashboardDevice("tv", "Television", {PARTY, QUIZ}))
    await harness.wait_for_events()
    assert get_shown_attributes(harness, "dashboard:tv") == NOTHING
    assert harness.get_state("dashboard:tv").name == "Television"
    await play_media(harness, "music_quiz", key="dashboard:tv")
    assert [state.entity_id for state in get_display_states(harness)] == [
        "media_player.tablet",
        "media_player.picture_frame",
        "media_player.tv",
    ]


async def test_renamed_display(harness: Harness) -> None:
    """A new name is followed, and the entity id is kept."""
    harness.server.dashboards.add_device(replace(TABLET, name="Slate"))
    await harness.wait_for_events()
    device = get_device(harness)
    assert device and device.name == "Slate"
    assert harness.get_state(KEY).name == "Slate"
    assert harness.get_entity_id(KEY) == "media_player.tablet"


async def test_display_with_renamed_entity(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    """A display whose entity id was changed is the same when it returns."""
    er.async_get(harness.hass).async_update_entity(
        harness.get_entity_id(KEY), new_entity_id="media_player.wall"
    )
    await harness.wait_for_events()
    harness.server.dashboards.remove_device("kueche")
    harness.server.dashboards.add_device(TABLET)
    await harness.wait_for_events()
    harness.server.dashboards.remove_device("kueche")
    await harness.wait_for_events()
    assert harness.states["media_player.wall"].state == STATE_UNAVAILABLE
    harness.server.dashboards.add_device(TABLET)
    await harness.wait_for_events()
    assert harness.states["media_player.wall"].state == "idle"
    assert "does not generate unique IDs" not in caplog.text


@NEW
async def test_reconnect(harness: Harness, loop_monitor: LoopMonitor) -> None:
    """After an outage a display is available when it has registered again."""
    faults, dashboards = harness.server.faults, harness.server.dashboards
    show_dashboard(harness, PARTY)
    await harness.wait_for_events()
    with loop_monitor.skip_idle_time():
        await faults.close_port()
        await faults.disconnect_clients()
        await wait_until(lambda: harness.get_entity_id(KEY) in harness.unavailable_entity_ids, 10)
        dashboards.remove_device("kueche")  # its registration ended with the server
        await faults.open_port()
        await harness.wait_for_reconnect(20)
    await wait_until(lambda: get_shown_attributes(harness, FRAME_KEY) == NOTHING)
    assert harness.get_entity_id(KEY) in harness.unavailable_entity_ids
    assert KEY in harness.device_player_ids
    dashboards.add_device(TABLET)
    await harness.wait_for_events()
    assert get_shown_attributes(harness) == NOTHING


async def test_short_outage(harness: Harness, changes: RecordedChanges) -> None:
    """A short outage changes nothing, and changes meanwhile are shown."""
    await harness.server.faults.disconnect_clients()
    show_dashboard(harness, PARTY)
    await harness.wait_for_reconnect()
    await wait_until(
        lambda: get_shown_attributes(harness) == build_shown_attributes("party", "Party")
    )
    assert changes.entity_ids == {harness.get_entity_id(KEY)}


async def test_change_while_entity_is_added(harness: Harness) -> None:
    """A change while the entity is added isn't missed."""
    server = harness.server
    server.dashboards.add_device(DashboardDevice("tv", "TV", {PARTY}))
    show_dashboard(harness, PARTY, on="tv")
    await harness.wait_for_events()
    assert get_shown_attributes(harness, "dashboard:tv") == build_shown_attributes("party", "Party")


@NEW
async def test_remove_device(harness: Harness, hass_ws_client: WebSocketGenerator) -> None:
    """The device of a missing display can be removed by the user only, and can return."""
    assert await async_setup_component(harness.hass, "config", {})
    client = await hass_ws_client(harness.hass)
    there = get_device(harness)
    assert there
    assert not (await client.remove_device(there.id))["success"]
    harness.server.dashboards.remove_device("kueche")
    await harness.coordinator.store.async_remove_stale_players()
    assert await harness.hass.config_entries.async_reload(harness.entry.entry_id)
    await harness.hass.async_block_till_done()
    assert get_device(harness)
    harness.server.dashboards.add_device(TABLET)
    await harness.wait_for_events()
    harness.server.dashboards.remove_device("kueche")
    await harness.wait_for_events()
    assert (await client.remove_device(there.id))["success"]
    await harness.wait_for_events()
    assert get_device(harness) is None
    assert "media_player.tablet" not in harness.states
    harness.server.dashboards.add_device(TABLET)
    await harness.wait_for_events()
    assert get_shown_attributes(harness) == NOTHING


# Pictures


def create_png(size: int) -> str:
    """Return a picture as the server returns icons."""
    data = BytesIO()
    Image.new("RGB", (size, size), "red").save(data, "PNG")
    return f"data:image/png;base64,{b64encode(data.getvalue()).decode()}"


ICONS: dict[str, str | None] = {"party": create_png(16), "music_quiz": create_png(32)}


def set_icons(server: MassServer, icons: dict[str, str | None]) -> list[str]:
    """Add icons to the server; return the requested providers."""
    asked: list[str] = []

    def get_icon(_server: MassServer, _caller: object, provider: str, variant: str) -> str | None:
        asked.append(provider)
        if provider not in icons:
            raise ProviderUnavailableError(provider)
        return icons[provider]

    server.command_table["providers/icon"] = Command(get_icon, since=39)
    return asked


@NEW
async def test_icons(harness: Harness, hass_client_no_auth: ClientSessionGenerator) -> None:
    """A dashboard has its provider's icon, which is fetched once."""
    asked = set_icons(harness.server, ICONS)
    client = await hass_client_no_auth()
    pictures = set()
    for dashboard, size in ((PARTY, 16), (QUIZ, 32), (PARTY, 16)):
        show_dashboard(harness, dashboard)
        await harness.wait_for_events()
        picture = harness.get_state(KEY).attributes["entity_picture"]
        pictures.add(picture)
        response = await client.get(picture)
        assert response.status == 200
        assert response.content_type == "image/png"
        assert Image.open(BytesIO(await response.read())).size == (size, size)
    assert asked == ["party", "music_quiz"]
    assert len(pictures) == 2


@pytest.mark.parametrize(
    "icons",
    [
        {},
        {"party": None},
        {"party": "nonsense"},
        {"party": "data:image/svg+xml;base64,PHN2Zy8+"},  # may contain a script
    ],
)
async def test_missing_icon(
    harness: Harness, hass_client: ClientSessionGenerator, icons: dict[str, str | None]
) -> None:
    """A missing icon is "not found", and requested again."""
    asked = set_icons(harness.server, icons)
    show_dashboard(harness, PARTY)
    await harness.wait_for_events()
    client = await hass_client()
    for _ in range(2):
        response = await client.get(harness.get_state(KEY).attributes["entity_picture"])
        assert response.status >= 400
    assert asked == ["party", "party"]


@NEW
async def test_artwork(harness: Harness, hass_client_no_auth: ClientSessionGenerator) -> None:
    """A display of a player has its artwork, also if the server's base url is wrong."""
    harness.server.base_url = "http://172.30.0.1:8095"  # as in a container
    start_playback(harness.server)
    show_dashboard(harness, NOW_PLAYING, "kueche")
    await harness.wait_for_events()
    picture = harness.get_state(KEY).attributes["entity_picture"]
    assert picture.startswith("/api/media_player_proxy/media_player.tablet?token=")
    response = await (await hass_client_no_auth()).get(picture)
    assert response.status == 200
    assert Image.open(BytesIO(await response.read())).size == (512, 512)


# Browsing


async def send_browse_command(
    harness: Harness, ws: WebSocketGenerator, content: str | None = None, key: str = KEY
) -> dict[str, Any]:
    """Send the frontend's browse command for a display; return the whole response."""
    client = await ws(harness.hass)
    question = {"type": "media_player/browse_media", "entity_id": harness.get_entity_id(key)}
    if content is not None:
        question |= {"media_content_type": "dashboard", "media_content_id": content}
    await client.send_json_auto_id(question)
    answer: dict[str, Any] = await client.receive_json()
    return answer


def summarize_node(node: dict[str, Any]) -> tuple[Any, ...]:
    """Return the main fields of a node."""
    assert node["media_content_type"] == "dashboard"
    names = ("media_content_id", "title", "media_class", "can_play", "can_expand")
    return tuple(node[name] for name in (*names, "children_media_class"))


@NEW
@pytest.mark.parametrize("content", [None, ""])
async def test_browse(
    harness: Harness,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
    content: str | None,
) -> None:
    """A display offers what it can show, with icons."""
    set_icons(harness.server, ICONS)
    root = (await send_browse_command(harness, hass_ws_client, content))["result"]
    assert summarize_node(root) == ("", "Tablet", "directory", False, True, "directory")
    assert [summarize_node(node) for node in root["children"]] == [
        ("party", "Party", "app", True, False, None),
        ("music_quiz", "Music quiz", "app", True, False, None),
        ("now_playing", "Now playing", "directory", False, True, "app"),
    ]
    party, quiz, now_playing = root["children"]
    assert now_playing["thumbnail"] is None
    client = await hass_client_no_auth()
    for node, size in ((party, 16), (quiz, 32)):
        response = await client.get(node["thumbnail"])
        assert Image.open(BytesIO(await response.read())).size == (size, size)
    frame = (await send_browse_command(harness, hass_ws_client, key=FRAME_KEY))["result"]
    assert [node["media_content_id"] for node in frame["children"]] == ["party"]


@NEW
async def test_browse_players(
    harness: Harness,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """The children are the players, by name and with what they play."""
    start_playback(harness.server)
    await harness.wait_for_events()
    folder = (await send_browse_command(harness, hass_ws_client, "now_playing"))["result"]
    assert summarize_node(folder) == ("now_playing", "Now playing", "directory", False, True, "app")
    nodes = {node["media_content_id"]: node for node in folder["children"]}
    assert set(nodes) == {f"now_playing/{player_id}" for player_id in harness.coordinator.data}
    assert "now_playing/tablet" not in nodes  # not exposed
    titles = [node["title"] for node in folder["children"]]
    assert titles == sorted(titles)
    kitchen = nodes["now_playing/kueche"]
    assert summarize_node(kitchen) == ("now_playing/kueche", "Küche", "app", True, False, None)
    assert nodes["now_playing/patio"]["thumbnail"] is None
    client = await hass_client_no_auth()
    response = await client.get(kitchen["thumbnail"])
    assert Image.open(BytesIO(await response.read())).size == (512, 512)
    start_playback(harness.server, uri=OTHER_ALBUM)
    await harness.wait_for_events()
    again = (await send_browse_command(harness, hass_ws_client, "now_playing"))["result"][
        "children"
    ]
    assert kitchen["thumbnail"] not in [node["thumbnail"] for node in again]
    await play_media(harness, kitchen["media_content_id"])
    await harness.wait_for_events()
    assert get_shown_attributes(harness) == build_shown_attributes(
        "now_playing/kueche", "Now playing: Küche"
    )


@pytest.mark.parametrize("content", ["weather", "now_playing/nobody", "now_playing/patio"])
async def test_missing_thumbnail(
    harness: Harness, hass_client: ClientSessionGenerator, content: str
) -> None:
    """A missing thumbnail is "not found"."""
    url = get_entity_entry(harness).get_browse_image_url("dashboard", content)
    assert (await (await hass_client()).get(url)).status >= 400


@pytest.mark.parametrize(
    ("key", "content"), [(KEY, "weather"), (KEY, "party"), (FRAME_KEY, "now_playing")]
)
async def test_browse_invalid_id(
    harness: Harness, hass_ws_client: WebSocketGenerator, key: str, content: str
) -> None:
    """An invalid id is a browse error."""
    answer = await send_browse_command(harness, hass_ws_client, content, key)
    assert not answer["success"]
    assert f"nothing called {content}" in answer["error"]["message"]


async def test_browse_unavailable_display(
    harness: Harness, hass_ws_client: WebSocketGenerator
) -> None:
    """An unavailable display is a browse error."""
    harness.server.dashboards.remove_device("kueche")
    await harness.wait_for_events()
    answer = await send_browse_command(harness, hass_ws_client)
    assert "Tablet is not signed in" in answer["error"]["message"]
