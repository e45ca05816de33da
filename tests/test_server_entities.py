"""Entities of the server: its providers and library."""

from typing import Any

from music_assistant_models.auth import UserRole
from music_assistant_models.enums import EventType, MediaType
import pytest

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.entry.issues import ISSUE_PROVIDER_SIGN_IN
from custom_components.music_assistant.server.status import COUNT_DELAY
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er, issue_registry as ir

from .action_helpers import call_server_action
from .common import Harness, LoopMonitor, wait_until
from .server import MassServer, commands
from .server.commands import Caller

SCHEMAS = pytest.mark.parametrize("schema_version", [45, 46])


def get_entity_state(harness: Harness, platform: str, key: str) -> State:
    """Return the state of an entity of the server."""
    unique_id = f"{harness.server.server_id}_{key}"
    entity_id = er.async_get(harness.hass).async_get_entity_id(platform, DOMAIN, unique_id)
    assert entity_id
    state = harness.hass.states.get(entity_id)
    assert state
    return state


def get_provider_id(server: MassServer) -> str:
    """Return the id of a music provider."""
    return next(key for key, one in server.providers.items() if one.type == "music")


def get_problem_state(harness: Harness) -> State:
    """Return the state of the provider problem sensor."""
    return get_entity_state(harness, "binary_sensor", "provider_problem")


def sign_ins(hass: HomeAssistant) -> list[dict[str, str] | None]:
    """Return the repairs that ask for a sign-in at a provider."""
    issues = ir.async_get(hass).issues.values()
    return [
        one.translation_placeholders
        for one in issues
        if one.translation_key == ISSUE_PROVIDER_SIGN_IN
    ]


@SCHEMAS
@pytest.mark.parametrize("sign_in", [False, True])
async def test_failed_provider(harness: Harness, sign_in: bool) -> None:
    """A failed provider is a problem, with an issue if it needs a sign-in, until it works again."""
    assert get_problem_state(harness).state == STATE_OFF
    provider = get_provider_id(harness.server)
    name = harness.server.providers[provider].name
    harness.server.broken.fail_provider(provider, sign_in=sign_in)
    await wait_until(lambda: get_problem_state(harness).state == STATE_ON)
    assert get_problem_state(harness).attributes["providers"] == [
        {"name": name, "instance_id": provider, "sign_in": sign_in}
    ]
    expected = [{"server": harness.entry.title, "provider": name}]
    assert sign_ins(harness.hass) == (expected if sign_in else [])
    harness.server.broken.restore_provider(provider)
    await wait_until(lambda: get_problem_state(harness).state == STATE_OFF)
    assert sign_ins(harness.hass) == []


async def test_unavailable_provider(harness: Harness) -> None:
    """A loaded provider that is unavailable is a problem, too."""
    provider = get_provider_id(harness.server)
    harness.server.broken.set_available(provider, available=False)
    await wait_until(lambda: get_problem_state(harness).state == STATE_ON)
    harness.server.broken.set_available(provider, available=True)
    await wait_until(lambda: get_problem_state(harness).state == STATE_OFF)


async def test_remove_entry(harness: Harness) -> None:
    """Removing the entry sends no command."""
    harness.server.broken.fail_provider(get_provider_id(harness.server), sign_in=True)
    await wait_until(lambda: sign_ins(harness.hass))
    await harness.hass.config_entries.async_remove(harness.entry.entry_id)
    assert sign_ins(harness.hass) == []


async def test_providers_without_permission(harness: Harness) -> None:
    """A user who can't read provider settings gets the unavailable providers only."""
    harness.server.faults.fail_command("config/providers", 22, "No permission")
    provider = get_provider_id(harness.server)
    harness.server.broken.set_available(provider, available=False)
    await wait_until(lambda: get_problem_state(harness).state == STATE_ON)


async def test_failed_read_of_providers(harness: Harness) -> None:
    """If the providers can't be read, known problems stay and aren't reported again."""
    provider, other = [*harness.server.providers][:2]
    harness.server.broken.fail_provider(provider)
    await wait_until(lambda: get_problem_state(harness).state == STATE_ON)
    harness.server.faults.fail_command("config/providers", 999, "Database is locked")
    harness.server.broken.set_available(other, available=False)
    await harness.wait_for_events()
    assert [one.instance_id for one in harness.coordinator.status.problems] == [provider]


async def test_reconnect(harness: Harness, loop_monitor: LoopMonitor) -> None:
    """A provider that failed during a disconnect is a problem after the reconnect."""
    with loop_monitor.skip_idle_time():
        await harness.server.faults.close_port()
        await harness.server.faults.disconnect_clients()
        harness.server.broken.fail_provider(get_provider_id(harness.server))
        await harness.server.faults.open_port()
        await harness.wait_for_reconnect(60)
        await wait_until(lambda: get_problem_state(harness).state == STATE_ON)


@SCHEMAS
async def test_library_sync(harness: Harness) -> None:
    """A library sync is shown, with its progress if it is known."""
    sync = get_entity_state(harness, "binary_sensor", "library_sync")
    assert sync.state == STATE_OFF
    await harness.coordinator.mass.music.start_sync()
    await wait_until(
        lambda: get_entity_state(harness, "binary_sensor", "library_sync").state == STATE_ON
    )
    running = get_entity_state(harness, "binary_sensor", "library_sync").attributes
    assert "track" in running["media_types"]
    assert running["providers"]
    if harness.coordinator.schema_version >= 46:
        await wait_until(
            lambda: get_entity_state(harness, "binary_sensor", "library_sync").attributes[
                "progress"
            ]
        )
    await wait_until(
        lambda: get_entity_state(harness, "binary_sensor", "library_sync").state == STATE_OFF
    )


@pytest.mark.parametrize("schema_version", [98])
async def test_other_tasks(harness: Harness, loop_monitor: LoopMonitor) -> None:
    """Other background tasks of the server are no library sync."""
    music = harness.coordinator.mass.music
    party = await music.create_playlist("Party")
    await music.add_playlist_tracks(party.item_id, ["library://track/1"])
    assert await harness.coordinator.mass.send_command("tasks/list")
    with loop_monitor.skip_idle_time():
        assert (await call_server_action(harness, "sync_library", wait=True))["completed"]
    await music.start_sync()
    await wait_until(
        lambda: get_entity_state(harness, "binary_sensor", "library_sync").state == STATE_ON
    )
    await wait_until(
        lambda: get_entity_state(harness, "binary_sensor", "library_sync").state == STATE_OFF
    )


@SCHEMAS
async def test_library_sync_without_permission(harness: Harness) -> None:
    """On newer servers the state is unknown without the permission to list tasks."""
    server = harness.server
    server.accounts.get_user("demo").role = UserRole.SERVICE
    kim = Caller(server.add_user("kim", "kims-password"))
    await harness.hass.config_entries.async_reload(harness.entry.entry_id)
    tells_all = harness.coordinator.schema_version < 46
    state = STATE_OFF if tells_all else STATE_UNKNOWN
    await wait_until(
        lambda: get_entity_state(harness, "binary_sensor", "library_sync").state == state
    )
    await commands.call_command(server, kim, "music/sync", {})
    if tells_all:
        await wait_until(
            lambda: get_entity_state(harness, "binary_sensor", "library_sync").state == STATE_ON
        )
    else:
        assert await harness.coordinator.mass.send_command("tasks/list") == []


async def test_disabled_library_sync(harness: Harness) -> None:
    """A disabled sensor causes no requests."""

    def asked() -> int:
        return [command for command, _ in harness.server.commands].count("tasks/list")

    await wait_until(lambda: asked() == 1)
    er.async_get(harness.hass).async_update_entity(
        get_entity_state(harness, "binary_sensor", "library_sync").entity_id,
        disabled_by=er.RegistryEntryDisabler.USER,
    )
    await harness.hass.async_block_till_done()
    harness.coordinator.status.refresh()
    await harness.wait_for_events()
    assert asked() == 1


@pytest.mark.usefixtures("all_enabled")
async def test_library_counts(harness: Harness, loop_monitor: LoopMonitor) -> None:
    """The library is counted at the start and after changes, but not for each item."""
    server = harness.server
    with loop_monitor.skip_idle_time():
        await wait_until(
            lambda: get_entity_state(harness, "sensor", "library_tracks").state != STATE_UNKNOWN, 10
        )
        tracks = int(get_entity_state(harness, "sensor", "library_tracks").state)
        assert tracks > 10
        before = [name for name, _ in server.commands].count("music/tracks/count")
        for number in (1, 2, 3):
            await harness.coordinator.mass.music.remove_track(number)
        fewer = f"{tracks - 3}"
        await wait_until(
            lambda: get_entity_state(harness, "sensor", "library_tracks").state == fewer,
            2 * COUNT_DELAY,
        )
    counted = [name for name, _ in server.commands].count("music/tracks/count")
    assert counted <= before + 2


@pytest.mark.usefixtures("all_enabled")
async def test_removed_library_count(harness: Harness, loop_monitor: LoopMonitor) -> None:
    """What no sensor shows any more isn't counted."""
    server, registry = harness.server, er.async_get(harness.hass)

    def count(media_type: str) -> int:
        return [name for name, _ in server.commands].count(f"music/{media_type}/count")

    async def remove_track(number: int) -> None:
        before = count("albums")
        await harness.coordinator.mass.music.remove_track(number)
        await wait_until(lambda: count("albums") > before, 2 * COUNT_DELAY)

    with loop_monitor.skip_idle_time():
        await wait_until(lambda: count("tracks") and count("albums"), 2 * COUNT_DELAY)
        registry.async_remove(get_entity_state(harness, "sensor", "library_tracks").entity_id)
        await harness.hass.async_block_till_done()
        tracks = count("tracks")
        await remove_track(1)
        await remove_track(2)  # counted after all that is counted after the first one
    assert count("tracks") == tracks


async def test_disabled_library_counts(harness: Harness, loop_monitor: LoopMonitor) -> None:
    """Disabled sensors cause no requests."""
    with loop_monitor.skip_idle_time():
        await harness.coordinator.mass.music.remove_track(1)
        await wait_until(lambda: True, 2 * COUNT_DELAY)
    assert not [name for name, _ in harness.server.commands if name.endswith("/count")]


@pytest.mark.usefixtures("all_enabled")
@pytest.mark.parametrize("schema_version", [98])
async def test_library_events(harness: Harness) -> None:
    """Items that are added or become favorites, and syncs, fire library events."""

    def told() -> dict[str, Any]:
        return dict(get_entity_state(harness, "event", "library").attributes)

    assert get_entity_state(harness, "event", "library").state == STATE_UNKNOWN
    item = harness.server.library.get("library://track/1")
    harness.server.send_event(EventType.MEDIA_ITEM_ADDED, "library://track/1", item)
    await wait_until(lambda: told()["event_type"] == "item_added")
    assert item and told() | {"name": item.name, "uri": item.uri, "media_type": "track"} == told()
    music = harness.coordinator.mass.music
    await music.add_item_to_favorites("library://album/1")
    await wait_until(lambda: told()["event_type"] == "favorite_added")
    assert told() | {"uri": "library://album/1", "media_type": "album"} == told()
    await music.start_sync()
    await wait_until(lambda: told()["event_type"] == "synced")
    await music.remove_item_from_favorites(MediaType.ALBUM, "1")
    await harness.wait_for_events()
    assert told()["event_type"] == "synced"
