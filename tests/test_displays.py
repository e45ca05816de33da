"""Displays against a real server over real sockets."""

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
    asked_for,
    content_id,
    display_snapshot,
    split,
)
from homeassistant.components.media_player import DATA_COMPONENT, MediaPlayerEntityFeature
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import State
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component

from .acting import play
from .common import Changes, House, Pulse, until
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
    server.dashboards.add(TABLET)
    server.dashboards.add(FRAME)
    return server


def show(
    house: House, dashboard: DashboardType, player_id: str | None = None, on: str = "kueche"
) -> None:
    """Let the server show something by itself."""
    house.server.dashboards.show(DashboardSession(on, "A name", dashboard, player_id))


def shown(house: House, key: str = KEY) -> dict[str, Any]:
    """Return what a display shows."""
    state = house.state(key)
    names = ("media_content_type", "media_content_id", "media_title")
    return {"state": state.state, **{name: state.attributes.get(name) for name in names}}


def showing(content: str, title: str) -> dict[str, Any]:
    """Return what a display shows while it shows something."""
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


async def play_media(house: House, content: str, kind: str = "dashboard", key: str = KEY) -> None:
    """Ask a display to show something."""
    await house.call("play_media", key, media_content_type=kind, media_content_id=content)


def entity_of(house: House, key: str = KEY) -> MusicAssistantDisplay:
    """Return the entity of a display."""
    entity = house.hass.data[DATA_COMPONENT].get_entity(house.entity_id(key))
    assert isinstance(entity, MusicAssistantDisplay)
    return entity


def device_of(house: House, key: str = KEY) -> dr.DeviceEntry | None:
    """Return the device of a display."""
    return dr.async_get(house.hass).async_get_device_by_identifier(
        ("music_assistant", key), house.entry.entry_id
    )


def televisions(house: House) -> list[State]:
    """Return the states of all displays."""
    return [state for state in house.states.values() if state.attributes["device_class"] == "tv"]


# What it is


@NEW
async def test_device_and_entity(house: House) -> None:
    """A display is a television of its own, beside the player that bears its id."""
    device = device_of(house)
    assert device
    assert (device.name, device.manufacturer, device.model, device.sw_version) == (
        "Tablet",
        "Music Assistant",
        "Dashboard display",
        None,
    )
    state = house.state(KEY)
    assert state.name == "Tablet"
    assert state.entity_id == "media_player.tablet"
    assert state.attributes["device_class"] == "tv"
    assert MediaPlayerEntityFeature(state.attributes["supported_features"]) == (
        MediaPlayerEntityFeature.PLAY_MEDIA
        | MediaPlayerEntityFeature.BROWSE_MEDIA
        | MediaPlayerEntityFeature.TURN_OFF
    )
    assert "entity_picture" not in state.attributes
    assert shown(house) == shown(house, FRAME_KEY) == NOTHING
    player = house.state("kueche")
    assert (player.name, player.attributes["device_class"]) == ("Küche", "speaker")
    assert "dashboard:kueche" not in house.coordinator.data


@pytest.mark.parametrize("schema_version", [29])
async def test_old_server(house: House) -> None:
    """A server that knows no dashboards isn't asked for any."""
    assert house.states
    assert not televisions(house)
    assert not [name for name, _ in house.server.commands if name.startswith("dashboard/")]


@NEW
async def test_shown_from_the_beginning(house: House) -> None:
    """What is shown already is known after a start."""
    show(house, PARTY)
    await house.caught_up()
    assert await house.hass.config_entries.async_reload(house.entry.entry_id)
    await house.hass.async_block_till_done()
    assert shown(house) == showing("party", "Party")


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
    house: House, content: str, dashboard: DashboardType, player_id: str | None, title: str
) -> None:
    """Each dashboard can be shown, and hidden again."""
    await play_media(house, content)
    session = house.server.dashboards.sessions["kueche"]
    assert (session.dashboard, session.player_id) == (dashboard, player_id)
    await house.caught_up()
    assert shown(house) == showing(content, title)
    assert shown(house, FRAME_KEY) == NOTHING
    await house.call("turn_off", KEY)
    assert not house.server.dashboards.sessions
    await house.caught_up()
    assert shown(house) == NOTHING


VALID = "music_quiz, now_playing/<player_id>, party"


@NEW
@pytest.mark.parametrize(
    ("asked", "error", "placeholders"),
    [
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
    ],
)
async def test_what_cannot_be_shown(
    house: House, asked: tuple[str, str, str], error: str, placeholders: set[str]
) -> None:
    """What we know to be impossible is refused in words that help, and not asked."""
    key, kind, content = asked
    with pytest.raises(ServiceValidationError) as raised:
        await play_media(house, content, kind, key)
    assert raised.value.translation_domain == "music_assistant"
    assert raised.value.translation_key == f"dashboard_{error}"
    assert set(raised.value.translation_placeholders or ()) == placeholders
    assert "{" not in str(raised.value)
    assert not [name for name, _ in house.server.commands if name == "dashboard/show"]


async def test_words(house: House) -> None:
    """The refusals name what there is."""
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
            await play_media(house, content, key=key)
        assert raised.value.translation_placeholders == placeholders


def test_display_that_is_away() -> None:
    """A display that isn't there is refused by its name."""
    away = display_snapshot(TABLET, None, None).away()
    with pytest.raises(ServiceValidationError) as raised:
        asked_for(away, "dashboard", "party", ())
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
def test_content_ids(dashboard: DashboardType, player_id: str, content: str) -> None:
    """A content id can be read back."""
    assert content_id(dashboard, player_id) == content
    assert split(content) == (dashboard, player_id)


@pytest.mark.parametrize(("code", "key"), [(2, "media_not_found"), (3, "command_failed")])
@pytest.mark.parametrize("action", ["show", "hide"])
async def test_what_the_server_refuses(house: House, action: str, code: int, key: str) -> None:
    """What the server refuses is told with its reason."""
    house.server.faults.fail(f"dashboard/{action}", code, "the reason")
    with pytest.raises(HomeAssistantError) as raised:
        await (play_media(house, "party") if action == "show" else house.call("turn_off", KEY))
    assert raised.value.translation_key == key
    assert raised.value.translation_placeholders == {
        "server": "Music Assistant",
        "error": "the reason",
    }


async def test_user_who_may_not(house: House) -> None:
    """Displays are for users who may invite others."""
    house.server.accounts.named("demo").role = "guest"
    with pytest.raises(HomeAssistantError) as raised:
        await play_media(house, "party")
    assert raised.value.translation_key == "not_permitted"


async def test_display_is_no_player(house: House) -> None:
    """A display can't be joined to players, though it bears the id of one."""
    with pytest.raises(ServiceValidationError) as raised:
        await house.call("join", "buero", group_members=[house.entity_id(KEY)])
    assert raised.value.translation_key == "not_our_player"


# What it shows


@NEW
async def test_sessions(house: House) -> None:
    """What others let it show is followed."""
    for dashboard, player_id, expected in (
        (PARTY, None, showing("party", "Party")),
        (PARTY, "buero", showing("party", "Party")),  # it isn't about a player
        (NOW_PLAYING, "patio", showing("now_playing/patio", "Now playing: Patio")),
        (NOW_PLAYING, "buero", showing("now_playing/buero", "Now playing: Büro")),
        (NOW_PLAYING, "tablet", showing("now_playing/tablet", "Now playing: Kid's Tablet")),
        (NOW_PLAYING, "nobody", showing("now_playing/nobody", "Now playing: nobody")),
        (NOW_PLAYING, None, showing("now_playing/", "Now playing")),
        (QUIZ, None, showing("music_quiz", "Music quiz")),
        (UNKNOWN, None, showing("unknown", "unknown")),  # of a newer server
    ):
        show(house, dashboard, player_id)
        await house.caught_up()
        assert shown(house) == expected
    assert "entity_picture" not in house.state(KEY).attributes
    house.server.dashboards.hide("kueche")
    await house.caught_up()
    assert shown(house) == NOTHING


@NEW
async def test_shown_player_changes(house: House) -> None:
    """The name and the picture of the player that it shows are followed."""
    server = house.server
    show(house, NOW_PLAYING, "patio")
    await house.caught_up()
    assert "entity_picture" not in house.state(KEY).attributes
    play(server, "patio")
    await house.caught_up()
    first = house.state(KEY).attributes["entity_picture"]
    play(server, "patio", OTHER_ALBUM)
    await house.caught_up()
    assert house.state(KEY).attributes["entity_picture"] != first
    server.update_player("patio", name="Terrace")
    await house.caught_up()
    assert shown(house) == showing("now_playing/patio", "Now playing: Terrace")
    assert not house.state(FRAME_KEY).attributes.get("entity_picture")


async def test_shown_player_goes_and_comes(house: House) -> None:
    """A player that is removed leaves its id, and is named again when it is back."""
    show(house, NOW_PLAYING, "buero")
    player = house.server.players["buero"]
    house.server.remove_player("buero")
    await house.caught_up()
    assert shown(house) == showing("now_playing/buero", "Now playing: buero")
    house.server.add_player(player)
    await house.caught_up()
    assert shown(house) == showing("now_playing/buero", "Now playing: Büro")


async def test_unchanged_writes_nothing(house: House, freezer: FrozenDateTimeFactory) -> None:
    """Events that change nothing that is shown write no state, not even a new report."""
    server = house.server
    play(server, "patio")
    show(house, NOW_PLAYING, "patio")
    await house.caught_up()
    reported = {key: house.state(key).last_reported for key in (KEY, FRAME_KEY)}
    freezer.tick(10)
    server.signal(EventType.DASHBOARDS_UPDATED, data=list(server.dashboards.devices.values()))
    server.signal(
        EventType.DASHBOARD_SESSIONS_UPDATED, data=list(server.dashboards.sessions.values())
    )
    server.update_player("patio", volume_level=77)
    server.update_queue("patio", shuffle_enabled=True)
    play(server, uri=OTHER_ALBUM)
    await house.caught_up()
    assert house.state("patio").attributes["volume_level"] == 0.77
    assert {key: house.state(key).last_reported for key in reported} == reported


async def test_titles_in_another_language(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Titles are in Home Assistant's language; what has no text shows its id or name."""
    own = "component.music_assistant.common.dashboard_"
    texts = {"nl": {f"{own}party": "Feest", f"{own}now_playing_player": "{player} speelt"}}

    def translations(_hass: object, language: str, category: str, domain: str) -> dict[str, str]:
        assert (category, domain) == ("common", "music_assistant")
        return texts.get(language, {})

    monkeypatch.setattr(texts_module, "async_get_cached_translations", translations)
    for language, titles in (
        ("nl", ["Feest", "music_quiz", "Küche speelt"]),
        ("xx", ["party", "music_quiz", "Küche"]),
    ):
        house.hass.config.language = language
        for dashboard, title in zip((PARTY, QUIZ, NOW_PLAYING), titles, strict=True):
            show(house, dashboard, "kueche")
            await house.caught_up()
            assert shown(house)["media_title"] == title


# Coming and going


@NEW
async def test_display_comes_and_goes(house: House, changes: Changes) -> None:
    """A new display gets an entity; one that is away stays, as unavailable."""
    dashboards = house.server.dashboards
    dashboards.add(DashboardDevice("tv", "TV", {PARTY}))
    await house.caught_up()
    assert shown(house, "dashboard:tv") == NOTHING
    show(house, PARTY, on="tv")
    dashboards.remove("tv")
    await house.caught_up()
    assert house.unavailable == {"media_player.tv", "media_player.guest_room"}
    assert house.coordinator.displays["dashboard:tv"].available is False
    changes.clear()
    dashboards.remove("tv")  # said once more
    await house.caught_up()
    assert not changes.states
    dashboards.add(DashboardDevice("tv", "Television", {PARTY, QUIZ}))
    await house.caught_up()
    assert shown(house, "dashboard:tv") == NOTHING
    assert house.state("dashboard:tv").name == "Television"
    await play_media(house, "music_quiz", key="dashboard:tv")
    assert [state.entity_id for state in televisions(house)] == [
        "media_player.tablet",
        "media_player.picture_frame",
        "media_player.tv",
    ]


async def test_renamed_display(house: House) -> None:
    """A new name is followed, and the entity keeps its id."""
    house.server.dashboards.add(replace(TABLET, name="Slate"))
    await house.caught_up()
    device = device_of(house)
    assert device and device.name == "Slate"
    assert house.state(KEY).name == "Slate"
    assert house.entity_id(KEY) == "media_player.tablet"


async def test_registration_under_another_entity_id(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """A display whose entity got another id is the same when it comes back."""
    er.async_get(house.hass).async_update_entity(
        house.entity_id(KEY), new_entity_id="media_player.wall"
    )
    await house.caught_up()
    house.server.dashboards.remove("kueche")
    house.server.dashboards.add(TABLET)
    await house.caught_up()
    house.server.dashboards.remove("kueche")
    await house.caught_up()
    assert house.states["media_player.wall"].state == STATE_UNAVAILABLE
    house.server.dashboards.add(TABLET)
    await house.caught_up()
    assert house.states["media_player.wall"].state == "idle"
    assert "does not generate unique IDs" not in caplog.text


@NEW
async def test_reconnect(house: House, pulse: Pulse) -> None:
    """After an outage a display is there again as soon as it has registered again."""
    faults, dashboards = house.server.faults, house.server.dashboards
    show(house, PARTY)
    await house.caught_up()
    with pulse.skipping():
        await faults.refuse()
        await faults.drop()
        await until(lambda: house.entity_id(KEY) in house.unavailable, 10)
        dashboards.remove("kueche")  # its registration ended with the server
        await faults.accept()
        await house.reconnected(20)
    await until(lambda: shown(house, FRAME_KEY) == NOTHING)
    assert house.entity_id(KEY) in house.unavailable
    assert KEY in house.devices
    dashboards.add(TABLET)
    await house.caught_up()
    assert shown(house) == NOTHING


async def test_short_outage(house: House, changes: Changes) -> None:
    """A short outage changes nothing, and what happened meanwhile is told."""
    await house.server.faults.drop()
    show(house, PARTY)
    await house.reconnected()
    await until(lambda: shown(house) == showing("party", "Party"))
    assert changes.entity_ids == {house.entity_id(KEY)}


async def test_changed_before_anyone_listened(house: House) -> None:
    """What changes while the entity is added isn't missed."""
    server = house.server
    server.dashboards.add(DashboardDevice("tv", "TV", {PARTY}))
    show(house, PARTY, on="tv")
    await house.caught_up()
    assert shown(house, "dashboard:tv") == showing("party", "Party")


@NEW
async def test_device_removed_by_hand(house: House, hass_ws_client: WebSocketGenerator) -> None:
    """A display that is gone can be removed, never by itself, and may come back."""
    assert await async_setup_component(house.hass, "config", {})
    client = await hass_ws_client(house.hass)
    there = device_of(house)
    assert there
    assert not (await client.remove_device(there.id))["success"]
    house.server.dashboards.remove("kueche")
    await house.coordinator._remove_strangers()
    assert await house.hass.config_entries.async_reload(house.entry.entry_id)
    await house.hass.async_block_till_done()
    assert device_of(house)
    house.server.dashboards.add(TABLET)
    await house.caught_up()
    house.server.dashboards.remove("kueche")
    await house.caught_up()
    assert (await client.remove_device(there.id))["success"]
    await house.caught_up()
    assert device_of(house) is None
    assert "media_player.tablet" not in house.states
    house.server.dashboards.add(TABLET)
    await house.caught_up()
    assert shown(house) == NOTHING


# Pictures


def png(size: int) -> str:
    """Return a picture as the server gives icons."""
    data = BytesIO()
    Image.new("RGB", (size, size), "red").save(data, "PNG")
    return f"data:image/png;base64,{b64encode(data.getvalue()).decode()}"


ICONS: dict[str, str | None] = {"party": png(16), "music_quiz": png(32)}


def give_icons(server: MassServer, icons: dict[str, str | None]) -> list[str]:
    """Let the server have icons; returns whose it was asked for."""
    asked: list[str] = []

    def icon(_server: MassServer, _caller: object, provider: str, variant: str) -> str | None:
        asked.append(provider)
        if provider not in icons:
            raise ProviderUnavailableError(provider)
        return icons[provider]

    server.command_table["providers/icon"] = Command(icon, since=39)
    return asked


@NEW
async def test_icons(house: House, hass_client_no_auth: ClientSessionGenerator) -> None:
    """A dashboard has its provider's icon, which is fetched once."""
    asked = give_icons(house.server, ICONS)
    client = await hass_client_no_auth()
    pictures = set()
    for dashboard, size in ((PARTY, 16), (QUIZ, 32), (PARTY, 16)):
        show(house, dashboard)
        await house.caught_up()
        picture = house.state(KEY).attributes["entity_picture"]
        pictures.add(picture)
        response = await client.get(picture)
        assert response.status == 200
        assert response.content_type == "image/png"
        assert Image.open(BytesIO(await response.read())).size == (size, size)
    assert asked == ["party", "music_quiz"]
    assert len(pictures) == 2


@pytest.mark.parametrize("icons", [{}, {"party": None}, {"party": "nonsense"}])
async def test_no_icon(
    house: House, hass_client: ClientSessionGenerator, icons: dict[str, str | None]
) -> None:
    """An icon that can't be had is not found, and is asked for again."""
    asked = give_icons(house.server, icons)
    show(house, PARTY)
    await house.caught_up()
    client = await hass_client()
    for _ in range(2):
        response = await client.get(house.state(KEY).attributes["entity_picture"])
        assert response.status >= 400
    assert asked == ["party", "party"]


@NEW
async def test_artwork(house: House, hass_client_no_auth: ClientSessionGenerator) -> None:
    """Who shows a player has its artwork, also from a server that is wrong about its address."""
    house.server.base_url = "http://172.30.0.1:8095"  # as in a container
    play(house.server)
    show(house, NOW_PLAYING, "kueche")
    await house.caught_up()
    picture = house.state(KEY).attributes["entity_picture"]
    assert picture.startswith("/api/media_player_proxy/media_player.tablet?token=")
    response = await (await hass_client_no_auth()).get(picture)
    assert response.status == 200
    assert Image.open(BytesIO(await response.read())).size == (512, 512)


# Browsing


async def browse(
    house: House, ws: WebSocketGenerator, content: str | None = None, key: str = KEY
) -> dict[str, Any]:
    """Browse a display as the frontend does; returns the whole answer."""
    client = await ws(house.hass)
    question = {"type": "media_player/browse_media", "entity_id": house.entity_id(key)}
    if content is not None:
        question |= {"media_content_type": "dashboard", "media_content_id": content}
    await client.send_json_auto_id(question)
    answer: dict[str, Any] = await client.receive_json()
    return answer


def brief(node: dict[str, Any]) -> tuple[Any, ...]:
    """Return what a node of the tree is."""
    assert node["media_content_type"] == "dashboard"
    names = ("media_content_id", "title", "media_class", "can_play", "can_expand")
    return tuple(node[name] for name in (*names, "children_media_class"))


@NEW
@pytest.mark.parametrize("content", [None, ""])
async def test_browse(
    house: House,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
    content: str | None,
) -> None:
    """A display offers what it can show, with icons."""
    give_icons(house.server, ICONS)
    root = (await browse(house, hass_ws_client, content))["result"]
    assert brief(root) == ("", "Tablet", "directory", False, True, "directory")
    assert [brief(node) for node in root["children"]] == [
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
    frame = (await browse(house, hass_ws_client, key=FRAME_KEY))["result"]
    assert [node["media_content_id"] for node in frame["children"]] == ["party"]


@NEW
async def test_browse_players(
    house: House, hass_ws_client: WebSocketGenerator, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Beneath it there are the players, by name and with what they play."""
    play(house.server)
    await house.caught_up()
    folder = (await browse(house, hass_ws_client, "now_playing"))["result"]
    assert brief(folder) == ("now_playing", "Now playing", "directory", False, True, "app")
    nodes = {node["media_content_id"]: node for node in folder["children"]}
    assert set(nodes) == {f"now_playing/{player_id}" for player_id in house.coordinator.data}
    assert "now_playing/tablet" not in nodes  # not exposed
    titles = [node["title"] for node in folder["children"]]
    assert titles == sorted(titles)
    kitchen = nodes["now_playing/kueche"]
    assert brief(kitchen) == ("now_playing/kueche", "Küche", "app", True, False, None)
    assert nodes["now_playing/patio"]["thumbnail"] is None
    client = await hass_client_no_auth()
    response = await client.get(kitchen["thumbnail"])
    assert Image.open(BytesIO(await response.read())).size == (512, 512)
    play(house.server, uri=OTHER_ALBUM)
    await house.caught_up()
    again = (await browse(house, hass_ws_client, "now_playing"))["result"]["children"]
    assert kitchen["thumbnail"] not in [node["thumbnail"] for node in again]
    await play_media(house, kitchen["media_content_id"])
    await house.caught_up()
    assert shown(house) == showing("now_playing/kueche", "Now playing: Küche")


@pytest.mark.parametrize("content", ["weather", "now_playing/nobody", "now_playing/patio"])
async def test_no_thumbnail(
    house: House, hass_client: ClientSessionGenerator, content: str
) -> None:
    """What has no picture is not found."""
    url = entity_of(house).get_browse_image_url("dashboard", content)
    assert (await (await hass_client()).get(url)).status >= 400


@pytest.mark.parametrize(
    ("key", "content"), [(KEY, "weather"), (KEY, "party"), (FRAME_KEY, "now_playing")]
)
async def test_nothing_to_browse(
    house: House, hass_ws_client: WebSocketGenerator, key: str, content: str
) -> None:
    """What can't be opened is told so."""
    answer = await browse(house, hass_ws_client, content, key)
    assert not answer["success"]
    assert f"nothing called {content}" in answer["error"]["message"]


async def test_browse_display_that_is_away(
    house: House, hass_ws_client: WebSocketGenerator
) -> None:
    """A display that is away can't be browsed, and says why."""
    house.server.dashboards.remove("kueche")
    await house.caught_up()
    answer = await browse(house, hass_ws_client)
    assert "Tablet is not signed in" in answer["error"]["message"]
