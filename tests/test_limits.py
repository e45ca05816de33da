"""Limits of what a server may send, and of what remains of ids that came and went."""

from collections.abc import Iterator, Mapping
from functools import partial
import gc
import sys
from types import FunctionType, MethodType
from typing import Any

from music_assistant_models.dashboard import DashboardDevice
from music_assistant_models.enums import DashboardType, EventType, IdentifierType
import orjson
import pytest

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.media_player import MusicAssistantPlayer
from custom_components.music_assistant.players import migration
from custom_components.music_assistant.server import limits, payloads, players as players_module
from custom_components.music_assistant.server.client import MAX_SKIP_WARNINGS
from custom_components.music_assistant.server.limits import (
    MAX_ID_LENGTH,
    MAX_NAME_LENGTH,
    MAX_TEXT_LENGTH,
    has_too_many_values,
    is_valid_id,
    shorten_name,
    shorten_texts,
)
from custom_components.music_assistant.updates import snapshots
from homeassistant.helpers import device_registry as dr, issue_registry as ir

from .action_helpers import call_action, get_kitchen_entity, start_playback
from .common import Harness, send_frames, wait_until
from .server.player_set import create_speaker

KITCHEN = "kueche"
HUGE = "n" * 2_000_000
MAC = "02:00:00:aa:00:01"


async def send_events(harness: Harness, *events: tuple[str, str, Any]) -> None:
    """Send events to Home Assistant, and wait until they are handled."""
    frames = (
        harness.server.serialize({"event": event, "object_id": object_id, "data": data})
        for event, object_id, data in events
    )
    await send_frames(harness.server, frames)
    await harness.wait_for_events()


def build_player_payload(harness: Harness, player_id: str = KITCHEN, **changes: Any) -> Any:
    """Return a player as the server sends it, with changes."""
    return orjson.loads(harness.server.serialize(harness.server.players[player_id])) | changes


def get_text_length(value: Any) -> int:
    """Return the length of the longest text in a value."""
    if isinstance(value, Mapping):
        return max((get_text_length(item) for pair in value.items() for item in pair), default=0)
    if isinstance(value, list | tuple | set | frozenset):
        return max(map(get_text_length, value), default=0)
    return len(value) if isinstance(value, str) else 0


# The functions


@pytest.mark.parametrize(
    ("data", "shortened"),
    [
        ({"a": HUGE}, {"a": HUGE[:MAX_TEXT_LENGTH]}),
        ({"a": [1, [HUGE, None]]}, {"a": [1, [HUGE[:MAX_TEXT_LENGTH], None]]}),
        ({"a": {"b": {"c": HUGE}}}, {"a": {"b": {"c": HUGE[:MAX_TEXT_LENGTH]}}}),
        ({"a": "n" * MAX_TEXT_LENGTH}, {"a": "n" * MAX_TEXT_LENGTH}),
        ({}, {}),
    ],
)
def test_shorten_texts(data: dict[str, Any], shortened: dict[str, Any]) -> None:
    """Long texts are cut off wherever they are."""
    shorten_texts(data)
    assert data == shortened


def test_deeply_nested_texts() -> None:
    """Data may be nested deeper than functions can be called."""
    data: dict[str, Any] = {"a": HUGE}
    for _ in range(2 * sys.getrecursionlimit()):
        data = {"a": data}
    shorten_texts(data)


def test_shorten_name() -> None:
    """A name of the greatest length is kept, a longer one has a mark where it is cut off."""
    longest = "n" * MAX_NAME_LENGTH
    assert shorten_name(longest) == longest
    assert shorten_name(f"{longest}n") == f"{longest}…"
    assert shorten_name(None) is None


@pytest.mark.parametrize(
    ("object_id", "is_valid"),
    [
        ("a", True),
        ("a" * MAX_ID_LENGTH, True),
        ("a" * 256, False),
        ("", False),
        (None, False),
        (5, False),
    ],
)
def test_ids(object_id: object, is_valid: bool) -> None:
    """An id is a text that isn't too long."""
    assert is_valid_id(object_id) is is_valid


def test_values() -> None:
    """Values are counted by what separates them."""
    assert not has_too_many_values(orjson.dumps([1] * limits.MAX_VALUES).decode())
    assert has_too_many_values(orjson.dumps([1] * (limits.MAX_VALUES + 2)).decode())
    assert not has_too_many_values(orjson.dumps(HUGE).decode())


# Long texts and ids, and many values


async def test_long_names(harness: Harness) -> None:
    """Names of 2 MB don't get into states, devices, options or the memory."""
    harness.server.update_player(KITCHEN)
    start_playback(harness.server)
    await harness.wait_for_events()
    media = build_player_payload(harness)["current_media"]
    texts = ("title", "artist", "album", "album_artist")
    payload = build_player_payload(
        harness,
        name=HUGE,
        icon=HUGE,
        device_info={"model": HUGE, "manufacturer": HUGE, "software_version": HUGE},
        current_media={**media, **dict.fromkeys(texts, HUGE)},
        source_list=[{"id": HUGE, "name": HUGE}],
    )
    queue = orjson.loads(harness.server.serialize(harness.server.queues[KITCHEN]))
    queue["display_name"] = queue["current_item"]["name"] = HUGE
    queue["current_item"]["media_item"]["name"] = HUGE
    await send_events(
        harness,
        (EventType.PLAYER_UPDATED, KITCHEN, payload),
        (EventType.QUEUE_UPDATED, KITCHEN, queue),
    )
    attributes = harness.get_state(KITCHEN).attributes
    assert all(attributes[f"media_{name}"].startswith("nnn") for name in ("title", "artist"))
    assert get_text_length(attributes["media_title"]) == MAX_NAME_LENGTH + 1
    for state in harness.hass.states.async_all():
        assert get_text_length(state.as_dict()) <= MAX_TEXT_LENGTH + len("mdi:")
    device = dr.async_get(harness.hass).async_get_device_by_identifier(
        (DOMAIN, KITCHEN), harness.entry.entry_id
    )
    assert device
    for name in (device.name, device.model, device.manufacturer, device.sw_version):
        assert get_text_length(name) == MAX_NAME_LENGTH + 1
    cached = harness.coordinator.mass.players[KITCHEN]
    assert get_text_length(cached.to_dict()) <= MAX_TEXT_LENGTH


async def test_long_names_in_first_fetch(harness: Harness) -> None:
    """Names of 2 MB are cut off in the lists that are fetched first, too."""
    harness.server.update_player(KITCHEN, name=HUGE)
    harness.server.dashboards.add_device(DashboardDevice("frame", HUGE, {DashboardType.PARTY}))
    await harness.server.faults.disconnect_clients()
    await harness.wait_for_reconnect()
    mass = harness.coordinator.mass
    assert len(mass.players[KITCHEN].name) == MAX_TEXT_LENGTH
    assert [len(display.name) for display in mass.dashboard.dashboards] == [MAX_TEXT_LENGTH]


@pytest.mark.parametrize("object_id", ["", "i" * 256], ids=["empty", "long"])
async def test_unusable_ids(harness: Harness, object_id: str) -> None:
    """Players and queues whose ids can't be used are ignored."""
    count = len(harness.states)
    player = build_player_payload(harness) | {"player_id": object_id}
    await send_events(
        harness,
        (EventType.PLAYER_ADDED, object_id, player),
        (
            EventType.PLAYER_CONFIG_UPDATED,
            object_id,
            {"values": {}, "provider": "p", "player_id": object_id},
        ),
        (EventType.QUEUE_ADDED, object_id, {"queue_id": object_id}),
        (EventType.PLAYER_REMOVED, object_id, {}),
    )
    mass = harness.coordinator.mass
    assert mass.players.get(object_id) is None and mass.player_queues.get(object_id) is None
    assert len(harness.states) == count


async def test_payload_of_other_id(harness: Harness) -> None:
    """A player or queue whose payload has the id of another one is ignored."""
    count = len(harness.states)
    queue = orjson.loads(harness.server.serialize(harness.server.queues[KITCHEN]))
    await send_events(
        harness,
        (EventType.PLAYER_ADDED, "other", build_player_payload(harness)),
        (EventType.QUEUE_ADDED, "other", queue),
    )
    mass = harness.coordinator.mass
    assert mass.players.get("other") is None and mass.player_queues.get("other") is None
    assert len(harness.states) == count


async def test_too_many_values_in_event(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    """An event with too many values is skipped, and the next one is handled."""
    monkeypatch.setattr(limits, "MAX_VALUES", 2000)
    sources = [{"id": str(number), "name": str(number)} for number in range(limits.MAX_VALUES)]
    await send_events(
        harness,
        (EventType.PLAYER_UPDATED, KITCHEN, build_player_payload(harness, source_list=sources)),
        (EventType.PLAYER_UPDATED, KITCHEN, build_player_payload(harness, volume_level=11)),
    )
    assert harness.coordinator.connection.client.connection.skipped_frames == 1
    assert harness.get_state(KITCHEN).attributes["volume_level"] == 0.11


async def test_too_many_values_in_first_fetch(
    harness: Harness, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Players with too many values are left out of the first fetch; few of them are logged."""
    monkeypatch.setattr(limits, "MAX_VALUES", 2000)
    for number in range(15):
        player = harness.server.add_player(create_speaker("Many", f"many{number}"), announce=False)
        player.can_group_with = {str(number) for number in range(limits.MAX_VALUES + 2)}
    await harness.server.faults.disconnect_clients()
    await harness.wait_for_reconnect()
    assert harness.coordinator.mass.players.get("many0") is None
    assert harness.coordinator.mass.players.get(KITCHEN)
    warned = [record for record in caplog.records if record.message.startswith("Skipped an inv")]
    assert [record.levelname for record in warned].count("WARNING") == MAX_SKIP_WARNINGS


# Counts


async def test_too_many_players(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more players and queues than the limit are taken, those that are known keep updated."""
    mass, count = harness.coordinator.mass, len(harness.server.players)
    monkeypatch.setattr(payloads, "MAX_PLAYERS", count + 2)
    for number in range(5):
        harness.server.add_player(create_speaker("Another", f"another{number}"))
    harness.server.update_player("another1", volume_level=12)
    harness.server.update_player("another4", volume_level=12)
    await harness.wait_for_events()
    assert len(mass.players.players) == count + 2
    assert mass.players["another1"].volume_level == 12
    assert mass.player_queues.get("another1") and not mass.player_queues.get("another2")
    harness.server.remove_player("another0")
    harness.server.add_player(create_speaker("Another", "another9"))
    await harness.wait_for_events()
    assert mass.players.get("another9") and mass.player_queues.get("another9")


async def test_pending_payloads(harness: Harness) -> None:
    """Payloads of a player that nobody reads don't pile up, and none that is valid is lost."""
    client = harness.coordinator.connection.client
    cache = client.players
    assert isinstance(cache, players_module.Players)
    for number in range(1000):
        payload = build_player_payload(harness, volume_level=50 if number == 100 else "loud")
        client._handle_incoming_message(
            {"event": "player_updated", "object_id": KITCHEN, "data": payload}
        )
        assert len(cache._cache._pending.get(KITCHEN, ())) <= payloads.MAX_PENDING
    assert cache[KITCHEN].volume_level == 50


async def test_too_many_displays(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    """Displays that are gone make room for others, displays that are there don't."""
    monkeypatch.setattr(snapshots, "MAX_DISPLAYS", 3)
    displays = harness.coordinator.store.displays
    for number in range(10):
        device = DashboardDevice(f"d{number}", "Display", {DashboardType.PARTY})
        harness.server.dashboards.add_device(device)
        await harness.wait_for_events()
        if number < 8:
            harness.server.dashboards.remove_device(device.dashboard_id)
            await harness.wait_for_events()
    assert list(displays) == ["dashboard:d7", "dashboard:d8", "dashboard:d9"]
    assert len([key for key in harness.device_player_ids if key.startswith("dashboard:")]) == 3
    harness.server.dashboards.add_device(
        DashboardDevice("d" * 300, "Display", {DashboardType.PARTY})
    )
    for name in ("e1", "e2"):
        harness.server.dashboards.add_device(DashboardDevice(name, "D", {DashboardType.PARTY}))
        await harness.wait_for_events()
    assert list(displays) == ["dashboard:d8", "dashboard:d9", "dashboard:e1"]


async def test_too_many_absent_players(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of players that are gone only some are remembered, those that came last."""
    monkeypatch.setattr(migration, "MAX_ABSENT_PLAYERS", 10)
    known = harness.coordinator.store.migration
    known._known_limit = len(known._known) + 10
    present = len(known._known)
    for number in range(30):
        harness.server.add_player(create_speaker(f"Guest {number}", f"guest{number}"))
        await harness.wait_for_events()
        known.decline(f"guest{number}", KITCHEN)
        harness.server.remove_player(f"guest{number}")
        await harness.wait_for_events()
        assert len(known._known) <= present + 11
    assert "guest29" in known._known
    assert len(known._declined) <= 11


async def test_too_many_questions(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    """A player whose hardware many former ones had isn't asked about with each of them."""
    monkeypatch.setattr(migration, "MAX_QUESTIONS", 3)
    for number in range(6):
        player = create_speaker(f"Guest {number}", f"guest{number}")
        player.device_info.add_identifier(IdentifierType.MAC_ADDRESS, MAC)
        harness.server.add_player(player)
    await harness.wait_for_events()
    for number in range(6):
        harness.server.remove_player(f"guest{number}")
    await harness.wait_for_events()
    player = create_speaker("New", "new")
    player.device_info.add_identifier(IdentifierType.MAC_ADDRESS, MAC)
    harness.server.add_player(player)
    await harness.wait_for_events()
    await wait_until(lambda: not harness.coordinator.store.migration._pending)
    issues = ir.async_get(harness.hass).issues.values()
    assert len([issue for issue in issues if issue.domain == DOMAIN]) == 3


# Eviction


# What may hold an id for the integration: containers, and its objects and the library's.
_FOLLOWED_MODULES = ("custom_components.", "music_assistant", "collections", "weakref")


def find_holders(root: object, marker: str) -> list[str]:
    """Return the path to each text with a marker in what an object holds."""
    found: list[str] = []
    seen: set[int] = set()
    pending = [(root, "")]
    while pending:
        value, path = pending.pop()
        if isinstance(value, str) and marker in value:
            found.append(path)
        if id(value) in seen or not _is_followed(value):
            continue
        seen.add(id(value))
        pending += [(child, f"{path}.{name}") for name, child in _iterate_children(value)]
    return found


def _is_followed(value: object) -> bool:
    if isinstance(
        value, dict | list | tuple | set | frozenset | MethodType | FunctionType | partial
    ):
        return True
    return type(value).__module__.startswith(_FOLLOWED_MODULES)


def _iterate_children(value: object) -> Iterator[tuple[str, object]]:
    """Yield the parts of an object, and their names."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield "key", key
            yield str(key)[:40], item
    elif isinstance(value, MethodType):
        yield "self", value.__self__
    elif isinstance(value, FunctionType):
        for cell in value.__closure__ or ():
            yield value.__name__, cell.cell_contents
    else:
        names = {id(item): name for name, item in getattr(value, "__dict__", {}).items()}
        for child in gc.get_referents(value):
            yield names.get(id(child), type(value).__name__), child


@pytest.mark.usefixtures("all_enabled")
async def test_ids_that_came_and_went(harness: Harness) -> None:
    """Nothing keeps the ids of players that were added, used and removed."""
    gone = [f"passing-{number}" for number in range(5)]
    for player_id in gone:
        harness.server.add_player(create_speaker(f"Guest {player_id}", player_id))
        await harness.wait_for_events()
        await harness.call_action("volume_set", player_id, volume_level=0.1)
        await harness.coordinator.mass.player_queues.shuffle(player_id, True)
        await call_action(
            harness, "play_announcement", player_id, url="http://music.example/sound.mp3"
        )
        await harness.hass.async_block_till_done()
        harness.server.remove_player(player_id)
        await harness.wait_for_events()
    await send_events(
        harness,
        (
            EventType.PLAYER_CONFIG_UPDATED,
            "passing-config",
            {"values": {}, "provider": "p", "player_id": "passing-config", "enabled": True},
        ),
        (EventType.QUEUE_TIME_UPDATED, "passing-time", 5),
        (EventType.QUEUE_ITEMS_UPDATED, "passing-items", {}),
        (EventType.PLAYER_DSP_CONFIG_UPDATED, "passing-dsp", {}),
        (EventType.MEDIA_ITEM_DELETED, "passing-item", None),
    )
    harness.server.add_player(create_speaker("Last", "last"))  # the platforms forget then
    await harness.wait_for_events()
    await harness.hass.async_block_till_done()
    coordinator = harness.coordinator
    coordinator.store.migration._known = {}  # bounded, see above
    roots = [coordinator, coordinator.mass]
    await wait_until(lambda: not coordinator.store._pending._pending)
    kitchen = get_kitchen_entity(harness)
    assert isinstance(kitchen, MusicAssistantPlayer)
    group_candidates = kitchen._group_candidates
    await wait_until(lambda: group_candidates._timer is None)  # it collects changes
    await harness.hass.async_block_till_done()
    assert find_holders(roots, "passing") == []
