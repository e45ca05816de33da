"""A run of fuzzing: a server whose frames are odd, and a Home Assistant that must bear it."""

import asyncio
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
import json
import logging
import random
from typing import Any, Final
from unittest.mock import patch

import orjson

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.server.connection import MIN_STABLE_DURATION
from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from ..common import Harness, LoopMonitor, wait_until
from ..faults.compare import get_values
from ..faults.run import ErrorLogHandler
from ..faults.traffic import ACTIONS, SERVER_COMMANDS
from ..server import commands
from ..server.connection import Connection
from .frames import load_corpus, mutate_frame, mutate_text

LOGGER: Final = logging.getLogger(__name__)

# Seconds of oddities between two looks at whether all is well again, of one action, and of that.
ROUND_TIME: Final = 3.0
ACTION_TIMEOUT: Final = 75.0
RECOVERY_TIMEOUT: Final = 30.0
# Shares of the server's frames that are odd, of those whose text is, and of calls of our actions.
ODD_SHARE: Final = 0.25
TEXT_SHARE: Final = 0.1
OWN_ACTION_SHARE: Final = 0.6
# Home Assistant's own error for players that are all unavailable.
_CORE_ERROR: Final = "did not match any entities"
# Actions that read from the server, and their data.
READS: Final[Mapping[str, Mapping[str, Any]]] = {
    "search": {"name": "song"},
    "get_library": {"media_type": "track", "limit": 5},
    "get_item": {"uri": "library://album/1"},
    "get_lyrics": {"uri": "library://track/1"},
    "get_recommendations": {},
    "get_recently_played": {},
    "get_in_progress": {},
    "get_playlists": {},
    "get_providers": {},
    "send_command": {"command": "players/all"},
}
TARGETED: Final[Mapping[str, Mapping[str, Any]]] = {
    "get_queue": {},
    "get_queue_items": {},
    "get_group_volume": {},
    "snapshot": {},
    "play_media": {"media_id": "library://track/1"},
    "transfer_queue": {},
}


@dataclass
class Report:
    """What was sent, how actions ended, and what isn't as it should be."""

    frames: int = 0
    odd_frames: int = 0
    actions: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    longest_turn: float = 0.0

    def __str__(self) -> str:
        """Return the summary."""
        ends = ", ".join(f"{count} {end}" for end, count in self.actions.most_common())
        return (
            f"{self.odd_frames} of {self.frames} frames were odd; actions: {ends}; "
            f"longest turn {self.longest_turn * 1000:.0f} ms; {len(self.findings)} findings"
        )


class FuzzRun:
    """Send odd frames for a time, and check that Home Assistant bears and forgets them."""

    def __init__(self, harness: Harness, seed: int) -> None:
        """Initialize; the same seed throws the same dice."""
        self.harness = harness
        self.dice = random.Random(seed)
        self.report = Report()
        self._errors = ErrorLogHandler()
        self._last_odd: list[str] = []

    async def run_for(self, seconds: float) -> Report:
        """Run rounds for a time."""
        loop_monitor = LoopMonitor.of_loop()
        ends = loop_monitor.time() + seconds
        logging.getLogger().addHandler(self._errors)
        try:
            while loop_monitor.time() < ends:
                loop_monitor.longest_turn = 0.0
                await self._run_round(min(ROUND_TIME, max(ends - loop_monitor.time(), 0.5)))
                longest = max(self.report.longest_turn, loop_monitor.longest_turn)
                self.report.longest_turn = longest
                await self._check_recovery()
        finally:
            logging.getLogger().removeHandler(self._errors)
        return self.report

    async def _run_round(self, seconds: float) -> None:
        """Send odd frames and call actions for a time."""
        # losses that follow each other closely are another test's
        self.harness.coordinator.connection._connected_at -= MIN_STABLE_DURATION
        ends = asyncio.get_running_loop().time() + seconds
        with self._make_frames_odd():
            actions = [asyncio.create_task(self._call_action()) for _ in range(2)]
            while asyncio.get_running_loop().time() < ends:
                frame = mutate_frame(self.dice, self.dice.choice(load_corpus()))
                self._send_odd(orjson.dumps(frame).decode())
                self._change_player()
                await asyncio.sleep(self.dice.uniform(0, 0.02))
                actions = [
                    asyncio.create_task(self._call_action()) if task.done() else task
                    for task in actions
                ]
        await asyncio.wait(actions)

    @contextmanager
    def _make_frames_odd(self) -> Generator[None]:
        """Make some of what the server sends odd, once a client is signed in."""
        send = Connection.send

        def send_odd(connection: Connection, message: dict[str, Any] | str | bytes) -> None:
            self.report.frames += 1
            is_plain = (
                connection.caller is None
                or not isinstance(message, dict)
                or self.dice.random() >= ODD_SHARE
            )
            if is_plain:
                send(connection, message)
                return
            raw = orjson.loads(connection.server.serialize(message))
            if isinstance(raw.get("result"), dict) and "authenticated" in raw["result"]:
                send(connection, message)
                return
            text = orjson.dumps(mutate_frame(self.dice, raw)).decode()
            if self.dice.random() < TEXT_SHARE and "message_id" not in raw:
                text = mutate_text(self.dice, text)
            self._note(text)
            send(connection, text)

        with patch.object(Connection, "send", send_odd):
            yield

    def _send_odd(self, text: str) -> None:
        """Send a frame to all that are signed in."""
        if self.dice.random() < TEXT_SHARE:
            text = mutate_text(self.dice, text)
        self._note(text)
        for connection in self.harness.server.open_connections:
            if connection.caller:
                connection.send(text)

    def _note(self, text: str) -> None:
        self.report.odd_frames += 1
        self._last_odd = [*self._last_odd[-40:], text[:3000]]

    def _change_player(self) -> None:
        """Change a player on the server, so that it has something to send."""
        server = self.harness.server
        player_id = self.dice.choice(list(server.players))
        name = self.dice.choice(list(SERVER_COMMANDS))
        arguments = SERVER_COMMANDS[name](self.dice) | {
            "player_id": player_id,
            "queue_id": player_id,
        }
        server.create_task(self._run_command(name, arguments))

    async def _run_command(self, name: str, arguments: dict[str, Any]) -> None:
        try:
            server = self.harness.server
            await commands.call_command(server, server.anonymous_caller, name, arguments)
        except Exception as err:  # noqa: BLE001 - not every player can do everything
            LOGGER.debug("%s: %s", name, err)

    async def _call_action(self) -> None:
        """Call an action; its error must be one that a person understands."""
        domain, name, data, target = self._choose_action()
        hass = self.harness.hass
        needs_response = hass.services.supports_response(domain, name) == "only"
        try:
            async with asyncio.timeout(ACTION_TIMEOUT):
                response = await hass.services.async_call(
                    domain,
                    name,
                    dict(data),
                    blocking=True,
                    context=Context(),
                    target=target,
                    return_response=needs_response,
                )
            json.dumps(response)
            self.report.actions["answered"] += 1
        except HomeAssistantError as err:
            self.report.actions[err.translation_key or "untranslated"] += 1
            if err.translation_key is None and _CORE_ERROR not in str(err):
                self._add_finding(f"{name} raised an untranslated error: {err!r}")
        except Exception as err:  # noqa: BLE001 - that is what is looked for
            self._add_finding(f"{name} raised {err!r}", err)

    def _choose_action(self) -> tuple[str, str, Mapping[str, Any], dict[str, Any] | None]:
        """Return the domain, name, data and target of an action."""
        entity_ids = sorted(self.harness.states)
        target = {"entity_id": self.dice.choice(entity_ids)} if entity_ids else None
        if self.dice.random() >= OWN_ACTION_SHARE and target:
            name = self.dice.choice(list(ACTIONS))
            return MEDIA_PLAYER_DOMAIN, name, ACTIONS[name](self.dice), target
        name = self.dice.choice([*READS, *TARGETED])
        if name in READS or target is None:
            name = name if name in READS else "search"
            return DOMAIN, name, READS[name], None
        return DOMAIN, name, TARGETED[name], target

    async def _check_recovery(self) -> None:
        """Check the log, and that the states are the server's after a new connection."""
        for line in self._errors.lines:
            self._add_finding(line)
        self._errors.lines.clear()
        harness = self.harness
        await harness.server.faults.disconnect_clients()
        try:
            await wait_until(
                lambda: (
                    harness.is_set_up
                    and harness.is_connected
                    and harness.coordinator.availability.is_settled
                ),
                RECOVERY_TIMEOUT,
            )
            await harness.wait_for_events()
            await wait_until(lambda: not self._find_differences(), RECOVERY_TIMEOUT)
        except TimeoutError:
            self._add_finding(f"not as the server has it: {self._find_differences()[:3]}")

    def _find_differences(self) -> list[str]:
        """Return in what Home Assistant shows the server's players differently.

        It may show more of them: odd events have added players.
        """
        harness, server = self.harness, self.harness.server
        found = []
        for player in map(server.playback.reporter.show, server.players.values()):
            registry = er.async_get(harness.hass)
            entity_id = registry.async_get_entity_id(MEDIA_PLAYER_DOMAIN, DOMAIN, player.player_id)
            if (state := harness.hass.states.get(entity_id or "")) is None:
                found.append(f"{player.player_id} has no state")
                continue
            found += [
                f"{entity_id} {name}: {shown!r} in place of {expected!r}"
                for name, expected, shown in get_values(harness, player, state)
                if expected != shown
            ]
        return found

    def _add_finding(self, text: str, error: BaseException | None = None) -> None:
        LOGGER.warning("Found: %s", text, exc_info=error)
        if text not in self.report.findings:
            self.report.findings.append(text)
            for frame in self._last_odd[-8:]:
                LOGGER.info("Sent before: %s", frame[:600])
