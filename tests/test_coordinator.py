"""A house of fifty players whose server comes and goes, over real sockets."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
import logging
from typing import Any

from music_assistant_models.enums import CoreState, EventType, PlaybackState
import orjson
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.music_assistant.const import CONF_ORIGIN, DOMAIN, ORIGIN_APP
from custom_components.music_assistant.coordinator import GRACE
from custom_components.music_assistant.entry.issues import issue_id_of
from custom_components.music_assistant.helpers import batching
from custom_components.music_assistant.server.client import DEFAULT_LIMIT
from custom_components.music_assistant.server.connection import SIGN_IN_PAUSE, SOUND
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import CONF_TOKEN, STATE_IDLE, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component

from .common import Changes, House, Pulse, another_house, burst, changed, until
from .server import Household, MassServer, wire
from .server.commands import Command
from .server.faults import Drop, Stage
from .server.household import speaker

ONE, TWO, THREE = "player_001", "player_002", "player_003"
DROPS: tuple[Drop, ...] = ("close", "cut", "reset")
STAGES: tuple[Stage, ...] = ("connect", "auth", "fetch")
VOLUME = "players/cmd/volume_set"


@pytest.fixture
def household() -> Household:
    """Return the server's players."""
    return Household.of(50)


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """Return what the integration, or Home Assistant for it, logs for a person to see."""
    shown: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno >= logging.WARNING and record.name != "asyncio":
                shown.append(record.getMessage())

    handler = Handler()
    logging.getLogger().addHandler(handler)
    yield shown
    logging.getLogger().removeHandler(handler)


def commands(server: MassServer, name: str) -> int:
    """Return how often the server was asked for something."""
    return [command for command, _ in server.commands].count(name)


def volume(house: House, player_id: str) -> float:
    """Return the volume that a player's entity shows."""
    return float(house.state(player_id).attributes["volume_level"])


def reauth_flows(house: House) -> list[Any]:
    """Return the flows that ask for a new sign-in."""
    return list(house.entry.async_get_active_flows(house.hass, {SOURCE_REAUTH}))


# ------------------------------------------------------------------------------ loss and return


@pytest.mark.parametrize("kind", DROPS)
async def test_blink(house: House, changes: Changes, lines: list[str], kind: Drop) -> None:
    """A line that drops and is taken up again is nobody's business."""
    assert len(house.states) == 50
    before = house.coordinator.mass
    await house.server.faults.drop(kind)
    await until(lambda: house.server.connects == 2, 1)
    await house.reconnected(1)
    assert house.coordinator.mass is house.entry.runtime_data.mass is not before
    assert not changes.states
    assert not changes.registry
    assert not lines
    house.server.update_player(ONE, volume_level=77)
    await house.caught_up()
    assert changes.entity_ids == {house.entity_id(ONE)}
    assert volume(house, ONE) == 0.77


async def test_missed_changes(house: House, changes: Changes, pulse: Pulse) -> None:
    """What changed while the line was down shows afterwards, once; who didn't is silent."""
    before = set(house.states)
    with pulse.skipping():
        await house.server.faults.refuse()
        await house.server.faults.drop()
        house.server.update_player(ONE, volume_level=77)
        house.server.update_player(TWO, name="Cellar")
        house.server.add_player(speaker("Balcony", "balcony"))
        await house.server.faults.accept()
        await house.reconnected()
    assert volume(house, ONE) == 0.77
    expected = {house.entity_id(player_id) for player_id in (ONE, TWO, "balcony")}
    assert changes.entity_ids == expected
    known = [event for event in changes.states if event.data["entity_id"] in before]
    assert len(known) == 2


@pytest.mark.parametrize(("outage", "back_within"), [(5.5, 2), (60, 5), (600, 10)])
async def test_outage(
    house: House, changes: Changes, lines: list[str], outage: float, back_within: float
) -> None:
    """An outage shows after the grace, is told once, and so is its end."""
    pulse = Pulse.of()
    with pulse.skipping():
        await asyncio.sleep(SOUND)
        await house.server.faults.refuse()
        await house.server.faults.drop("cut")
        lost = pulse.time()
        await asyncio.sleep(GRACE - 0.5)
        assert not changes.states
        await until(lambda: len(house.unavailable) == 50, 1)
        await asyncio.sleep(lost + outage - pulse.time())
        assert len(lines) == 1
        assert lines[0].startswith("Lost the connection to Music Assistant at http://127.0.0.1")
        await house.server.faults.accept()
        await until(lambda: not house.unavailable, back_within)
    await house.caught_up()
    assert lines[1:] == ["The connection to Music Assistant is back"]
    assert len(changes.states) == 100
    assert not changes.registry


async def test_two_losses_in_one_grace(
    house: House, changes: Changes, lines: list[str], pulse: Pulse
) -> None:
    """A line that comes back within the grace and drops again has another grace."""
    with pulse.skipping():
        for _ in range(3):
            await house.server.faults.refuse()
            await house.server.faults.drop()
            await asyncio.sleep(GRACE - 3)
            await house.server.faults.accept()
            await house.reconnected()
    assert not changes.states
    assert not lines


async def test_hang(house: House, changes: Changes, pulse: Pulse) -> None:
    """A server that hangs is noticed; the players come back when it does."""
    with pulse.skipping():
        house.server.faults.freeze()
        await until(lambda: len(house.unavailable) == 50, 20 + GRACE)
        house.server.faults.thaw()
        await until(lambda: not house.unavailable, 10)
    assert not changes.registry


@pytest.mark.parametrize("moment", ["connected", "grace", "outage", *STAGES])
async def test_update_entity(
    house: House, changes: Changes, lines: list[str], pulse: Pulse, moment: str
) -> None:
    """Who asks for an update changes nothing, whatever the state of the connection."""
    assert await async_setup_component(house.hass, "homeassistant", {})
    with pulse.skipping():
        if moment != "connected":
            await house.server.faults.refuse()
            await house.server.faults.drop()
        if moment == "outage":
            await until(lambda: len(house.unavailable) == 50, GRACE + 1)
        if moment in STAGES:
            house.server.faults.hang_at(next(stage for stage in STAGES if stage == moment))
            await house.server.faults.accept()
            await until(lambda: house.server.connections, GRACE - 1)
        changes.clear()
        entity_id = [house.entity_id(ONE)]
        await house.hass.services.async_call(
            "homeassistant", "update_entity", {"entity_id": entity_id}, blocking=True
        )
        assert not changes.states
        house.server.faults.clear()
        await house.server.faults.accept()
        await until(lambda: house.connected and not house.unavailable, 60)
    assert house.coordinator.last_update_success
    assert len(lines) == (2 if moment == "outage" else 0)


async def test_slices(
    house: House, pulse: Pulse, changes: Changes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loss and return of many are told in many turns of the loop."""
    monkeypatch.setattr(batching, "SLICE", 0.0)  # one player takes longer
    turns: dict[int, None] = {}
    with pulse.skipping():
        for target in (50, 0):
            turns.clear()
            house.hass.bus.async_listen("state_changed", lambda _: turns.setdefault(pulse.turns))
            await (house.server.faults.refuse() if target else house.server.faults.accept())
            await (house.server.faults.drop() if target else asyncio.sleep(0))
            await until(lambda expected=target: len(house.unavailable) == expected, 30)  # type: ignore[misc]
            assert len(turns) > 20


async def test_lost_while_telling(
    house: House, pulse: Pulse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who wasn't told yet that the line is back, when it blinks again, is told afterwards."""
    monkeypatch.setattr(batching, "SLICE", 0.0)
    with pulse.skipping():
        await house.server.faults.refuse()
        await house.server.faults.drop()
        await until(lambda: len(house.unavailable) == 50, GRACE + 1)
        house.coordinator.on_connected(house.coordinator.connection.client)
        await until(lambda: 0 < len(house.unavailable) < 50)
        house.coordinator.on_lost("again")
        house.coordinator.on_connected(house.coordinator.connection.client)
        await until(lambda: not house.unavailable, 1)


# --------------------------------------------------------------------------- players come and go


async def test_server_restarts(house: House, changes: Changes, pulse: Pulse) -> None:
    """A server that starts without players loses none; each comes back as it is announced."""
    server = house.server
    with pulse.skipping():
        restart = asyncio.create_task(server.faults.restart(starting=10))
        await until(lambda: len(house.unavailable) == 50, 10)
        assert house.connected
        await restart
        await until(lambda: not house.unavailable, 5)
    assert {event.data["action"] for event in changes.registry} <= {"update"}
    assert len(house.devices) == 50


async def test_each_comes_back(house: House, pulse: Pulse) -> None:
    """A player that the server announces is back, while others aren't yet."""
    server = house.server
    with pulse.skipping():
        away = server.take_players_away()
        server.status = CoreState.STARTING
        await server.faults.drop()
        await until(lambda: len(house.unavailable) == 50)
        server.add_player(away[0][TWO], queue=False)
        await house.caught_up()
    assert house.states.keys() - house.unavailable == {house.entity_id(TWO)}


@pytest.mark.parametrize("gone", [{"available": False}, {"available": False, "enabled": False}])
async def test_offline(house: House, changes: Changes, gone: dict[str, bool]) -> None:
    """A player that goes offline or is disabled is unavailable, no more."""
    house.server.update_player(ONE, **gone)
    await house.caught_up()
    assert house.unavailable == {house.entity_id(ONE)}
    house.server.update_player(ONE, available=True, enabled=True)
    await house.caught_up()
    assert not house.unavailable
    assert not changes.registry
    assert changes.entity_ids == {house.entity_id(ONE)}


async def test_missing_but_configured(house: House, changes: Changes, pulse: Pulse) -> None:
    """A player that isn't listed but still configured is unavailable, no more.

    The configurations are asked for only then.
    """
    server = house.server
    assert not commands(server, "config/players")
    player = server.players.pop(ONE)
    server.configs._disabled[ONE] = player
    with pulse.skipping():
        await server.faults.drop()
        await until(lambda: house.unavailable == {house.entity_id(ONE)})
        await until(lambda: commands(server, "config/players") == 1)
        await house.caught_up()
        server.configs._disabled.clear()
        server.add_player(player)
        await house.caught_up()
    assert not house.unavailable
    assert not changes.registry


async def test_removed(house: House) -> None:
    """A player that the server removed goes with its device, and may come back."""
    player = house.server.players[ONE]
    entity_id = house.entity_id(ONE)
    house.server.remove_player(ONE)
    await house.caught_up()
    assert ONE not in house.devices
    assert entity_id not in house.states
    assert len(house.states) == len(house.devices) == 49
    assert house.coordinator.player(ONE) is None
    house.server.add_player(player)
    await house.caught_up()
    assert house.state(ONE).state == STATE_IDLE
    assert len(house.devices) == 50


async def test_removed_meanwhile(house: House) -> None:
    """A player that is no longer configured when the line is back, goes with its device."""
    del house.server.players[ONE]
    await house.server.faults.drop()
    await until(lambda: ONE not in house.devices)
    assert len(house.states) == len(house.devices) == 49


@pytest.mark.parametrize("answer", ["refused", "lost", "odd", "silent"])
async def test_configurations_cannot_be_read(house: House, pulse: Pulse, answer: str) -> None:
    """Without the configurations nothing is removed, and nothing else is wrong."""
    server = house.server
    del server.players[ONE]
    asked = commands(server, "config/players")
    if answer == "refused":
        server.faults.fail("config/players", 22)
    elif answer == "odd":
        server.command_table["config/players"] = Command(lambda _server, _caller: [{"odd": 1}])
    else:
        server.faults.silence("config/players")
    with pulse.skipping():
        await server.faults.drop()
        await until(lambda: commands(server, "config/players") > asked)
        if answer == "lost":
            server.faults.fail("config/players", 22)
            await server.faults.drop()
        if answer == "silent":
            await asyncio.sleep(DEFAULT_LIMIT + 1)
        await house.reconnected()
    assert len(house.devices) == 50
    assert house.unavailable == {house.entity_id(ONE)}


async def test_not_removed_while_starting(house: House) -> None:
    """What a server says while it starts isn't the last word; what it says then, is."""
    server = house.server
    del server.players[ONE]
    server.status = CoreState.STARTING
    asked = commands(server, "config/players")
    await server.faults.drop()
    await until(lambda: house.unavailable == {house.entity_id(ONE)})
    await house.caught_up()
    assert commands(server, "config/players") == asked
    assert ONE in house.devices
    server.set_status(CoreState.RUNNING)
    await until(lambda: ONE not in house.devices)


async def test_hidden_and_shown(house: House) -> None:
    """A player that is hidden from Home Assistant goes, also when it is shown again meanwhile."""
    server = house.server
    player = server.players[ONE]
    server.set_player_config(ONE, expose_player_to_ha=False)
    await house.caught_up()
    assert ONE not in house.devices
    await server.faults.refuse()
    await server.faults.drop()
    player.expose_to_ha = True
    await server.faults.accept()
    await until(lambda: ONE in house.devices)


@pytest.mark.parametrize("word", ["event", "reconnect"])
async def test_hidden_by_its_configuration_alone(house: House, word: str) -> None:
    """The configuration counts until the player itself says it."""
    server = house.server
    player = server.players[ONE]
    with changed(player, expose_to_ha=False):
        config = server.configs.get(ONE)
    server.signal(EventType.PLAYER_CONFIG_UPDATED, ONE, config)
    server.signal(EventType.PLAYER_CONFIG_UPDATED, TWO, None)
    await house.caught_up()
    assert ONE not in house.devices
    await house.coordinator.async_refresh()
    assert ONE not in house.devices
    if word == "event":
        server.update_player(ONE)
    else:
        await server.faults.drop()
    await until(lambda: ONE in house.devices)


async def test_group_follows_entity_ids(house: House) -> None:
    """A group shows the entities of its members as they are called now."""
    server, registry = house.server, er.async_get(house.hass)
    server.update_player(ONE, group_members=[ONE, TWO])
    await house.caught_up()
    members = house.state(ONE).attributes["group_members"]
    assert members == [house.entity_id(ONE), house.entity_id(TWO)]
    registry.async_update_entity(house.entity_id(TWO), new_entity_id="media_player.other")
    await house.hass.async_block_till_done()
    assert house.state(ONE).attributes["group_members"] == [members[0], "media_player.other"]
    registry.async_update_entity("media_player.other", name="Other")
    foreign = registry.async_get_or_create("media_player", "other", "foreign")
    registry.async_update_entity(foreign.entity_id, new_entity_id="media_player.foreign")
    registry.async_remove("media_player.other")
    await house.hass.async_block_till_done()
    assert house.state(ONE).attributes["group_members"] == members[:1]


async def test_listeners(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """A listener is called for its player only, and one that fails harms no other."""
    called: list[str] = []

    def broken() -> None:
        raise RuntimeError("broken listener")

    coordinator = house.coordinator
    removers = [
        coordinator.async_add_listener(broken, ONE),
        coordinator.async_add_listener(lambda: called.append(ONE), ONE),
        coordinator.async_add_listener(lambda: called.append("new"), "new"),
        coordinator.async_add_listener(lambda: called.append("all")),
    ]
    house.server.update_player(ONE, volume_level=1)
    house.server.update_player(TWO, volume_level=1)
    await house.caught_up()
    assert called == [ONE]
    assert "broken listener" in caplog.text
    for remove in removers:
        remove()
    assert "new" not in coordinator.told._of


async def test_many_events_one_state(house: House, changes: Changes) -> None:
    """Events that arrive together make one state."""
    for level in range(40, 60):
        house.server.update_player(ONE, volume_level=level)
    await house.caught_up()
    assert volume(house, ONE) == 0.59
    assert 1 <= len(changes.states) < 5


# ------------------------------------------------------------------------------------ commands


@pytest.mark.parametrize("kind", DROPS)
async def test_command_in_flight(house: House, kind: Drop) -> None:
    """Who waits for a command when the line drops gets a translated error within a second."""
    server = house.server
    server.faults.silence(VOLUME)
    callers = [
        asyncio.create_task(house.call("volume_set", player_id, volume_level=0.5))
        for player_id in (ONE, TWO)
    ]
    await until(lambda: commands(server, VOLUME) == 2)
    callers[1].cancel()
    await server.faults.drop(kind)
    async with asyncio.timeout(1):
        with pytest.raises(HomeAssistantError) as caught:
            await callers[0]
        with pytest.raises(asyncio.CancelledError):
            await callers[1]
    assert not callers[0].cancelled()
    assert caught.value.translation_key == "not_connected"
    assert str(caught.value).startswith("Music Assistant can't be reached at the moment")


async def test_command_not_answered(house: House, pulse: Pulse) -> None:
    """A command without an answer ends after its limit, with a translated error."""
    house.server.faults.silence(VOLUME)
    with pulse.skipping():
        began = pulse.time()
        with pytest.raises(HomeAssistantError) as caught:
            await house.call("volume_set", ONE, volume_level=0.5)
        assert DEFAULT_LIMIT - 1 < pulse.time() - began < DEFAULT_LIMIT + 1
    assert caught.value.translation_key == "command_timeout"
    assert VOLUME in str(caught.value)


@pytest.mark.parametrize("moment", ["grace", *STAGES])
async def test_command_while_disconnected(house: House, pulse: Pulse, moment: str) -> None:
    """A command within the grace fails at once, and says which server is away."""
    server = house.server
    await server.faults.refuse()
    await server.faults.drop("cut")
    await until(lambda: not house.connected)
    if moment in STAGES:
        server.faults.hang_at(next(stage for stage in STAGES if stage == moment))
        await server.faults.accept()
        await until(lambda: server.connections)
    async with asyncio.timeout(1):
        with pytest.raises(HomeAssistantError, match="Music Assistant can't be reached") as caught:
            await house.call("volume_set", ONE, volume_level=0.5)
    assert caught.value.translation_key == "not_connected"
    assert not commands(server, VOLUME)
    server.faults.clear()
    await server.faults.accept()
    with pulse.skipping():
        await house.reconnected(60)
    await house.call("volume_set", ONE, volume_level=0.5)
    assert server.players[ONE].volume_level == 50


async def test_command_after_the_grace(house: House, pulse: Pulse) -> None:
    """Home Assistant doesn't pass commands on to entities that are unavailable."""
    with pulse.skipping():
        await house.server.faults.refuse()
        await house.server.faults.drop()
        await until(lambda: len(house.unavailable) == 50, GRACE + 1)
        await house.call("volume_set", ONE, volume_level=0.5)
    assert not commands(house.server, VOLUME)


# ------------------------------------------------------------------- sign-in, versions, identity


@pytest.mark.parametrize("reason", ["revoked", "disabled"])
async def test_sign_in_ends(house: House, pulse: Pulse, reason: str) -> None:
    """A sign-in that ends while connected is asked for again soon, once, and may heal."""
    server = house.server
    user = next(iter(server.users.values()))
    token = dict(server.tokens)
    with pulse.skipping():
        if reason == "revoked":
            server.revoke_token(house.entry.data["token"])
        else:
            server.disable_user("demo")
        await until(lambda: reauth_flows(house), 5)
        tried = commands(server, "auth")
        await asyncio.sleep(1200)
        assert commands(server, "auth") - tried <= 1200 / SIGN_IN_PAUSE
        assert len(reauth_flows(house)) == 1
        server.tokens.update(token)
        server.accounts.enable(user, enabled=True)
        await until(lambda: not house.unavailable, SIGN_IN_PAUSE + 1)
        await until(lambda: not reauth_flows(house))


@pytest.mark.parametrize("trouble", ["restarting", "not onboarded", "error", "silent"])
async def test_trouble_is_no_refusal(house: House, pulse: Pulse, trouble: str) -> None:
    """Trouble during authentication doesn't ask for a new sign-in."""
    server = house.server
    asked = commands(server, "auth")
    with pulse.skipping(), changed(server, onboard_done=trouble != "not onboarded"):
        if trouble == "not onboarded":
            server.faults.fail("auth", 20, "Setup required")
        elif trouble == "error":
            server.faults.fail("auth", 999, "Database is locked")
        else:
            server.faults.silence("auth")
        await server.faults.drop()
        for count in range(3):
            await until(lambda expected=asked + count: commands(server, "auth") > expected, 30)  # type: ignore[misc]
            if trouble == "restarting":
                await server.faults.drop("cut")
        await asyncio.sleep(30)
        assert not reauth_flows(house)
    server.faults.clear()
    with pulse.skipping():
        await until(lambda: not house.unavailable, 20)


async def test_app_signs_in_by_itself(house: House, pulse: Pulse) -> None:
    """Of an entry that follows the app nobody is asked to sign in: its token comes by discovery."""
    data = {**house.entry.data, CONF_ORIGIN: ORIGIN_APP}
    house.hass.config_entries.async_update_entry(house.entry, data=data)
    with pulse.skipping():
        house.server.disable_user("demo")
        await until(lambda: len(house.unavailable) == 50, 20)
    assert not reauth_flows(house)


async def test_app_is_waited_for(
    hass: HomeAssistant, server: MassServer, entry: MockConfigEntry, pulse: Pulse
) -> None:
    """Until the app's token comes, its entry isn't set up again and again."""
    data = {**entry.data, CONF_ORIGIN: ORIGIN_APP, CONF_TOKEN: "over"}
    hass.config_entries.async_update_entry(entry, data=data)
    with pulse.skipping():
        assert not await hass.config_entries.async_setup(entry.entry_id)
        await asyncio.sleep(1000)
        assert entry.state is ConfigEntryState.SETUP_RETRY
        assert commands(server, "auth") < 25  # Home Assistant's own attempts are among them
        data[CONF_TOKEN] = server.mint_token("demo")
        hass.config_entries.async_update_entry(entry, data=data)
        hass.config_entries.async_schedule_reload(entry.entry_id)
        await until(lambda: entry.state is ConfigEntryState.LOADED)


@pytest.mark.parametrize(
    ("changes_of_server", "key"),
    [
        ({"schema_version": 26, "min_supported_schema_version": 24}, "server_too_old"),
        ({"schema_version": 1000, "min_supported_schema_version": 999}, "server_too_new"),
        ({"server_id": "another"}, "other_server"),
    ],
)
async def test_repair(
    house: House, pulse: Pulse, changes_of_server: dict[str, Any], key: str
) -> None:
    """A server that is another one, or too old or new, is told as a repair until it is right."""
    issues = ir.async_get(house.hass).issues
    data = dict(house.entry.data)
    issue_id = (DOMAIN, issue_id_of(key, house.entry))
    with pulse.skipping():
        with changed(house.server, **changes_of_server):
            version = house.server.server_version
            await house.server.faults.drop()
            await until(lambda: issue_id in issues)
            await until(lambda: len(house.unavailable) == 50, GRACE + 1)
        placeholders = issues[issue_id].translation_placeholders
        assert placeholders
        assert placeholders["server"] == "Music Assistant"
        assert key == "other_server" or placeholders["version"] == version
        assert [one for one in issues if one[0] == DOMAIN] == [issue_id]
        await until(lambda: not house.unavailable, 10)
    assert issue_id not in issues
    assert dict(house.entry.data) == data
    assert house.entry.unique_id == house.server.server_id
    assert not reauth_flows(house)


# ------------------------------------------------------------------------------- odd payloads

ODD: tuple[Any, ...] = (None, "", "odd", 5, -1, 1e300, True, [], [None], [5], {}, {"odd": 1})


def odd_players(server: MassServer) -> Iterator[dict[str, Any]]:
    """Yield the first player with each of its fields missing, and with odd values in it."""
    player = server.players[ONE]
    player.current_media = server.players[TWO].current_media
    whole = orjson.loads(server.dumps(player))
    for name in whole:
        yield {key: value for key, value in whole.items() if key != name}
        yield from ({**whole, name: odd} for odd in ODD)
    media = {"uri": "library://track/1", "media_type": "track", "title": "A", "duration": 5}
    media |= {"elapsed_time": 1.0, "elapsed_time_last_updated": 1.0, "image_url": "http://x/y"}
    for name in media:
        yield from (
            {**whole, "playback_state": "playing", "current_media": {**media, name: odd}}
            for odd in ODD
        )


async def test_odd_player(house: House) -> None:
    """A payload with missing or odd fields costs nobody else anything, and then not itself."""
    server = house.server
    whole = server.players[ONE]
    frames = [
        server.dumps(wire.event(EventType.PLAYER_UPDATED, ONE, odd)) for odd in odd_players(server)
    ]
    assert len(frames) > 500
    for count, frame in enumerate(frames):
        await server.faults.send_text(frame)
        server.update_player(TWO, volume_level=count % 100)
        await house.coordinator.mass.send_command("info")
        await until(lambda expected=count % 100 / 100: volume(house, TWO) == expected, 1)  # type: ignore[misc]
    server.signal(EventType.PLAYER_UPDATED, ONE, replace(whole, volume_level=99))
    await house.caught_up()
    assert volume(house, ONE) == 0.99
    assert house.server.connects == 1


async def test_odd_players_at_once(house: House) -> None:
    """Odd payloads in a list don't keep the good ones from being fetched."""
    server = house.server
    good = [orjson.loads(server.dumps(player)) for player in server.players.values()][1:]
    odd = [{**player, "player_id": f"odd_{i}"} for i, player in enumerate(odd_players(server))]

    def players(_server: MassServer, _caller: Any) -> list[Any]:
        return [*odd, *good]

    server.command_table["players/all"] = Command(players)
    await server.faults.drop()
    await until(lambda: house.server.connects == 2)
    await house.reconnected()
    server.update_player(TWO, volume_level=98)
    await until(lambda: volume(house, TWO) == 0.98)
    assert house.unavailable >= {house.entity_id(ONE)}
    assert not house.unavailable & {house.entity_id(player["player_id"]) for player in good}


async def test_events_about_nobody(house: House, changes: Changes) -> None:
    """Events about players and queues that nobody knows, or of no known kind, change nothing."""
    server = house.server
    for event in EventType:
        server.signal(event, "nobody", None)
        server.signal(event, None, None)
        server.signal(event, "nobody", {"queue_id": "nobody"})
    await server.faults.send_text('{"event": "from_the_future", "object_id": "player_001"}')
    await house.caught_up()
    assert not changes.states
    assert not changes.registry
    assert server.connects == 1


@pytest.mark.parametrize("frame", ["{nonsense", b"\x00\xff", "[]", '{"event": {}}'])
async def test_bad_frame(house: House, changes: Changes, frame: str | bytes) -> None:
    """A bad frame costs itself."""
    if isinstance(frame, bytes):
        await house.server.faults.send_bytes(frame)
    else:
        await house.server.faults.send_text(frame)
    house.server.update_player(ONE, volume_level=77)
    await house.caught_up()
    assert changes.entity_ids == {house.entity_id(ONE)}
    assert house.server.connects == 1


async def test_huge_message(house: House) -> None:
    """A message of 20 MB is survived."""
    huge = {"event": "player_updated", "object_id": "huge", "data": {"x": "x" * 20_000_000}}
    await house.server.faults.send_text(orjson.dumps(huge).decode())
    house.server.update_player(ONE, volume_level=77)
    await house.caught_up()
    assert volume(house, ONE) == 0.77


async def test_flood(house: House, pulse: Pulse) -> None:
    """20,000 events at once: the loop turns on, and what shows at the end is the server's."""
    server = house.server
    ids = list(server.players)
    await house.call("play_media", ONE, media_content_id="library://track/1", media_content_type="")
    server.playback.stop()
    frames = []
    for count in range(20_000):
        queue = server.queues[ids[count % 50]]
        queue.shuffle_enabled = count % 3 == 0
        frames.append(server.dumps(wire.event(EventType.QUEUE_UPDATED, queue.queue_id, queue)))
    turns, pulse.longest = pulse.turns, 0.0
    await burst(server, frames)
    await house.caught_up()
    logging.getLogger(__name__).warning(
        "Flood: %d turns, the longest %d ms", pulse.turns - turns, pulse.longest * 1000
    )
    assert pulse.turns - turns > 50
    for player_id, queue in server.queues.items():
        assert house.state(player_id).attributes["shuffle"] == queue.shuffle_enabled
    assert server.connects == 1
    assert house.state(ONE).state == PlaybackState.PLAYING


async def test_unavailable_is_not_removed(hass: HomeAssistant, house: House, pulse: Pulse) -> None:
    """In an outage, players keep what they are: registry entry, device and attributes."""
    with pulse.skipping():
        await house.server.faults.refuse()
        await house.server.faults.drop()
        await until(lambda: len(house.unavailable) == 50, GRACE + 1)
    registry = er.async_get(hass)
    assert {registry.async_get(entity_id) is not None for entity_id in house.states} == {True}
    assert len(house.states) == len(house.devices) == 50
    state = house.state(ONE)
    assert state.state == STATE_UNAVAILABLE
    assert "restored" not in state.attributes


async def test_one_players_fault(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A player that can't be compared doesn't keep the others from being shown."""
    refresh = house.coordinator._refresh

    def failing(player_id: str) -> bool:
        if player_id == ONE:
            raise ZeroDivisionError
        return refresh(player_id)

    monkeypatch.setattr(house.coordinator, "_refresh", failing)
    house.server.update_player(TWO, volume_level=11)
    house.server.update_player(ONE, volume_level=11)
    await until(lambda: house.state(TWO).attributes["volume_level"] == 0.11)
    assert house.state(ONE).attributes["volume_level"] != 0.11


async def test_same_players_on_two_servers(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """The entities of a player that two servers have, enabled or not, are those of the first."""
    registry = er.async_get(house.hass)

    def ours() -> set[str]:
        entities = er.async_entries_for_config_entry(registry, house.entry.entry_id)
        return {one.entity_id for one in entities}

    before = ours()
    async with another_house(house.hass, household=Household.of(3)) as other:
        assert ours() == before
        other.server.add_player(speaker("New"))
        await other.caught_up()
        assert registry.async_get(other.entity_id("new"))
    await house.hass.config_entries.async_remove(other.entry.entry_id)
    assert ours() == before
    assert "unique IDs" not in caplog.text
