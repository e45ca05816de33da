"""What is shown of a server beside its players: its providers, and its library."""

from typing import Any

from music_assistant_models.auth import UserRole
from music_assistant_models.enums import EventType, MediaType
import pytest

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.entry.issues import SIGN_IN
from custom_components.music_assistant.server.status import PATIENCE
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er, issue_registry as ir

from .acting import call
from .common import House, Pulse, until
from .server import MassServer, commands
from .server.commands import Caller

SCHEMAS = pytest.mark.parametrize("schema_version", [45, 46])


def entity(house: House, platform: str, key: str) -> State:
    """Return the state of an entity of the server."""
    unique_id = f"{house.server.server_id}_{key}"
    entity_id = er.async_get(house.hass).async_get_entity_id(platform, DOMAIN, unique_id)
    assert entity_id
    state = house.hass.states.get(entity_id)
    assert state
    return state


def a_provider(server: MassServer) -> str:
    """Return a music provider."""
    return next(key for key, one in server.providers.items() if one.type == "music")


def problem(house: House) -> State:
    """Return whether a provider has a problem."""
    return entity(house, "binary_sensor", "provider_problem")


def sign_ins(hass: HomeAssistant) -> list[dict[str, str] | None]:
    """Return the repairs that ask for a sign-in at a provider."""
    issues = ir.async_get(hass).issues.values()
    return [one.translation_placeholders for one in issues if one.translation_key == SIGN_IN]


@SCHEMAS
@pytest.mark.parametrize("sign_in", [False, True])
async def test_provider_fails(house: House, sign_in: bool) -> None:
    """A provider that fails is told, with a repair if it wants a sign-in, until it works again."""
    assert problem(house).state == STATE_OFF
    provider = a_provider(house.server)
    name = house.server.providers[provider].name
    house.server.broken.fail(provider, sign_in=sign_in)
    await until(lambda: problem(house).state == STATE_ON)
    assert problem(house).attributes["providers"] == [
        {"name": name, "instance_id": provider, "sign_in": sign_in}
    ]
    expected = [{"server": house.entry.title, "provider": name}]
    assert sign_ins(house.hass) == (expected if sign_in else [])
    house.server.broken.mend(provider)
    await until(lambda: problem(house).state == STATE_OFF)
    assert sign_ins(house.hass) == []


async def test_provider_out_of_reach(house: House) -> None:
    """A provider that is loaded but can't be reached has a problem, too."""
    provider = a_provider(house.server)
    house.server.broken.reach(provider, available=False)
    await until(lambda: problem(house).state == STATE_ON)
    house.server.broken.reach(provider, available=True)
    await until(lambda: problem(house).state == STATE_OFF)


async def test_entry_removed(house: House) -> None:
    """Nothing is asked for a server that is gone."""
    house.server.broken.fail(a_provider(house.server), sign_in=True)
    await until(lambda: sign_ins(house.hass))
    await house.hass.config_entries.async_remove(house.entry.entry_id)
    assert sign_ins(house.hass) == []


async def test_settings_may_not_be_read(house: House) -> None:
    """A user who may not read the settings sees what is out of reach, at least."""
    house.server.faults.fail("config/providers", 22, "No permission")
    provider = a_provider(house.server)
    house.server.broken.reach(provider, available=False)
    await until(lambda: problem(house).state == STATE_ON)


async def test_settings_cannot_be_read_now(house: House) -> None:
    """What is known stays known while the server has no answer, and isn't told anew afterwards."""
    provider, other = [*house.server.providers][:2]
    house.server.broken.fail(provider)
    await until(lambda: problem(house).state == STATE_ON)
    house.server.faults.fail("config/providers", 999, "Database is locked")
    house.server.broken.reach(other, available=False)
    await house.caught_up()
    assert [one.instance_id for one in house.coordinator.overview.problems] == [provider]


async def test_after_an_outage(house: House, pulse: Pulse) -> None:
    """What failed while the line was down is known afterwards."""
    with pulse.skipping():
        await house.server.faults.refuse()
        await house.server.faults.drop()
        house.server.broken.fail(a_provider(house.server))
        await house.server.faults.accept()
        await house.reconnected(60)
        await until(lambda: problem(house).state == STATE_ON)


@SCHEMAS
async def test_library_sync(house: House) -> None:
    """While the library is read that is told, with the progress where it is known."""
    sync = entity(house, "binary_sensor", "library_sync")
    assert sync.state == STATE_OFF
    await house.coordinator.mass.music.start_sync()
    await until(lambda: entity(house, "binary_sensor", "library_sync").state == STATE_ON)
    running = entity(house, "binary_sensor", "library_sync").attributes
    assert "track" in running["media_types"]
    assert running["providers"]
    if house.coordinator.schema_version >= 46:
        await until(lambda: entity(house, "binary_sensor", "library_sync").attributes["progress"])
    await until(lambda: entity(house, "binary_sensor", "library_sync").state == STATE_OFF)


@pytest.mark.parametrize("schema_version", [98])
async def test_library_sync_beside_other_tasks(house: House, pulse: Pulse) -> None:
    """What else the server does in the background, such as editing a playlist, is no sync."""
    music = house.coordinator.mass.music
    party = await music.create_playlist("Party")
    await music.add_playlist_tracks(party.item_id, ["library://track/1"])
    assert await house.coordinator.mass.send_command("tasks/list")
    with pulse.skipping():
        assert (await call(house, "sync_library", wait=True))["completed"]
    await music.start_sync()
    await until(lambda: entity(house, "binary_sensor", "library_sync").state == STATE_ON)
    await until(lambda: entity(house, "binary_sensor", "library_sync").state == STATE_OFF)


@SCHEMAS
async def test_library_sync_of_others(house: House) -> None:
    """Newer servers tell who doesn't manage them of nobody else's: then it isn't known."""
    server = house.server
    server.accounts.named("demo").role = UserRole.SERVICE
    kim = Caller(server.add_user("kim", "kims-password"))
    await house.hass.config_entries.async_reload(house.entry.entry_id)
    tells_all = house.coordinator.schema_version < 46
    state = STATE_OFF if tells_all else STATE_UNKNOWN
    await until(lambda: entity(house, "binary_sensor", "library_sync").state == state)
    await commands.call(server, kim, "music/sync", {})
    if tells_all:
        await until(lambda: entity(house, "binary_sensor", "library_sync").state == STATE_ON)
    else:
        assert await house.coordinator.mass.send_command("tasks/list") == []


async def test_library_sync_not_wanted(house: House) -> None:
    """What nobody shows isn't asked for."""

    def asked() -> int:
        return [command for command, _ in house.server.commands].count("tasks/list")

    await until(lambda: asked() == 1)
    er.async_get(house.hass).async_update_entity(
        entity(house, "binary_sensor", "library_sync").entity_id,
        disabled_by=er.RegistryEntryDisabler.USER,
    )
    await house.hass.async_block_till_done()
    house.coordinator.overview.read()
    await house.caught_up()
    assert asked() == 1


@pytest.mark.usefixtures("all_enabled")
async def test_totals(house: House, pulse: Pulse) -> None:
    """What the library has is counted, and again when it changes, but not at each item."""
    server = house.server
    with pulse.skipping():
        await until(lambda: entity(house, "sensor", "library_tracks").state != STATE_UNKNOWN, 10)
        tracks = int(entity(house, "sensor", "library_tracks").state)
        assert tracks > 10
        before = [name for name, _ in server.commands].count("music/tracks/count")
        for number in (1, 2, 3):
            await house.coordinator.mass.music.remove_track(number)
        fewer = f"{tracks - 3}"
        await until(lambda: entity(house, "sensor", "library_tracks").state == fewer, 2 * PATIENCE)
    counted = [name for name, _ in server.commands].count("music/tracks/count")
    assert counted <= before + 2


async def test_not_counted(house: House, pulse: Pulse) -> None:
    """What nobody wants to know isn't counted."""
    with pulse.skipping():
        await house.coordinator.mass.music.remove_track(1)
        await until(lambda: True, 2 * PATIENCE)
    assert not [name for name, _ in house.server.commands if name.endswith("/count")]


@pytest.mark.usefixtures("all_enabled")
@pytest.mark.parametrize("schema_version", [98])
async def test_library_events(house: House) -> None:
    """What comes into the library or is liked is told, whether it plays or not, and syncs."""

    def told() -> dict[str, Any]:
        return dict(entity(house, "event", "library").attributes)

    assert entity(house, "event", "library").state == STATE_UNKNOWN
    item = house.server.library.get("library://track/1")
    house.server.signal(EventType.MEDIA_ITEM_ADDED, "library://track/1", item)
    await until(lambda: told()["event_type"] == "item_added")
    assert item and told() | {"name": item.name, "uri": item.uri, "media_type": "track"} == told()
    music = house.coordinator.mass.music
    await music.add_item_to_favorites("library://album/1")
    await until(lambda: told()["event_type"] == "favorite_added")
    assert told() | {"uri": "library://album/1", "media_type": "album"} == told()
    await music.start_sync()
    await until(lambda: told()["event_type"] == "synced")
    await music.remove_item_from_favorites(MediaType.ALBUM, "1")
    await house.caught_up()
    assert told()["event_type"] == "synced"
