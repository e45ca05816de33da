"""Random changes of players and random commands during the faults."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
import random
from typing import Any, Final

from music_assistant_models.enums import PlaybackState, QueueOption, RepeatMode
from music_assistant_models.errors import MusicAssistantError
from music_assistant_models.media_items import Track

from custom_components.music_assistant.server.client import get_command_timeout
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from tests.common import Harness, LoopMonitor
from tests.server import commands

type Arguments = Callable[[random.Random], dict[str, Any]]

# How many players run through many tracks.
FAST_PLAYER_COUNT: Final = 6
FAST_PLAYER_IDS: Final = tuple(f"player_{number:03}" for number in range(1, FAST_PLAYER_COUNT + 1))
TRACKS: Final = tuple(f"library://track/{number}" for number in range(1, 20))
# Seconds that a command may take: its limit, and a second; or a second after a loss, and as long
# as the machine kept the loop from running.
MAX_COMMAND_DURATION: Final = get_command_timeout("player_queues/play_media") + 1
MAX_DELAY_AFTER_LOSS: Final = 1.0

# What people ask of a player: an action and its data.
ACTIONS: Final[dict[str, Arguments]] = {
    "volume_set": lambda dice: {"volume_level": dice.randint(0, 100) / 100},
    "volume_up": lambda _: {},
    "volume_mute": lambda dice: {"is_volume_muted": dice.random() < 0.5},
    "media_play": lambda _: {},
    "media_pause": lambda _: {},
    "media_stop": lambda _: {},
    "media_next_track": lambda _: {},
    "media_seek": lambda dice: {"seek_position": dice.randint(0, 100)},
    "shuffle_set": lambda dice: {"shuffle": dice.random() < 0.5},
    "repeat_set": lambda dice: {"repeat": dice.choice(("off", "one", "all"))},
    "turn_on": lambda _: {},
    "turn_off": lambda _: {},
    "unjoin": lambda _: {},
    "play_media": lambda dice: {
        "media_content_id": dice.choice(TRACKS),
        "media_content_type": "track",
    },
}

# What happens to a player by itself: a command of the server, and its arguments beside the id.
SERVER_COMMANDS: Final[dict[str, Arguments]] = {
    "players/cmd/volume_set": lambda dice: {"volume_level": dice.randint(0, 100)},
    "players/cmd/volume_mute": lambda dice: {"muted": dice.random() < 0.5},
    "players/cmd/power": lambda dice: {"powered": dice.random() < 0.7},
    "players/cmd/play": lambda _: {},
    "players/cmd/pause": lambda _: {},
    "players/cmd/next": lambda _: {},
    "players/cmd/group": lambda dice: {"target_player": f"player_{dice.randint(1, 50):03}"},
    "players/cmd/ungroup": lambda _: {},
    "player_queues/shuffle": lambda dice: {"shuffle_enabled": dice.random() < 0.5},
    "player_queues/repeat": lambda dice: {"repeat_mode": dice.choice(("off", "one", "all"))},
    "player_queues/seek": lambda dice: {"position": dice.randint(0, 100)},
    "player_queues/play_media": lambda dice: {"media": [dice.choice(TRACKS) for _ in range(3)]},
}


def change_repeat_mode(harness: Harness, queue_id: str) -> None:
    """Change the repeat mode of a queue, of which no player event tells."""
    modes = (RepeatMode.OFF, RepeatMode.ONE, RepeatMode.ALL)
    before = harness.server.queues[queue_id].repeat_mode
    harness.server.update_queue(queue_id, repeat_mode=modes[(modes.index(before) + 1) % 3])


def change_each_queue(harness: Harness, dice: random.Random) -> None:
    """Change each queue alone, and seek where something plays."""
    server = harness.server
    for queue_id, queue in list(server.queues.items()):
        change_repeat_mode(harness, queue_id)
        if queue.state is PlaybackState.PLAYING:
            server.playback.seek(queue, dice.uniform(0, 100))


def change_each_volume(harness: Harness, dice: random.Random) -> None:
    """Change the volume of each player, of which no queue event tells."""
    for player_id in list(harness.server.players):
        harness.server.update_player(player_id, volume_level=dice.randint(0, 100))


@dataclass
class Traffic:
    """Represent the traffic; `errors` are commands that didn't end as they should."""

    harness: Harness
    dice: random.Random
    pace: float = 1.0  # of twenty commands and forty changes a second
    ends: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    _commands: set[asyncio.Task[None]] = field(default_factory=set)
    _loops: list[asyncio.Task[None]] = field(default_factory=list)

    def start(self) -> None:
        """Start to change players and call actions."""
        self._loops = [
            asyncio.create_task(self._repeat(0.1 / self.pace, self._start_action)),
            asyncio.create_task(self._repeat(0.05 / self.pace, self._call_server_command)),
            asyncio.create_task(self._repeat(0.2 / self.pace, self._skip_tracks)),
            asyncio.create_task(self._repeat(0.2 / self.pace, self._change_queue)),
        ]

    async def stop(self) -> None:
        """Stop, and wait for the ends of all commands."""
        for loop in self._loops:
            loop.cancel()
        await asyncio.wait(self._loops)
        if self._commands:
            _, late = await asyncio.wait(self._commands, timeout=MAX_COMMAND_DURATION)
            self.errors.extend(f"{task.get_name()} never ended" for task in late)

    async def _repeat(self, seconds: float, act: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            await asyncio.sleep(self.dice.uniform(0, seconds))
            await act()

    async def _call_server_command(self) -> None:
        """Run a random command on the server."""
        server = self.harness.server
        if not server.players:
            return
        player_id = self.dice.choice(list(server.players))
        name = self.dice.choice(list(SERVER_COMMANDS))
        arguments = SERVER_COMMANDS[name](self.dice) | {
            "player_id": player_id,
            "queue_id": player_id,
        }
        with suppress(MusicAssistantError, LookupError):  # not every player can do everything
            await commands.call_command(server, server.anonymous_caller, name, arguments)

    async def _skip_tracks(self) -> None:
        """Play several tracks of a player in one turn of the loop."""
        queues = [*self.harness.server.queues.values()][:FAST_PLAYER_COUNT]
        if not queues:
            return
        playback, queue = self.harness.server.playback, self.dice.choice(queues)
        found = (self.harness.server.library.get(self.dice.choice(TRACKS)) for _ in range(4))
        tracks = [track for track in found if isinstance(track, Track)]
        playback.add_items(queue, tracks, QueueOption.REPLACE)
        for _ in range(self.dice.randint(0, 4)):
            playback.skip_to_next(queue)

    async def _change_queue(self) -> None:
        """Change a queue alone, of which no player event tells."""
        if queues := [*self.harness.server.queues]:
            change_repeat_mode(self.harness, self.dice.choice(queues))

    async def _start_action(self) -> None:
        """Call an action in its own task; one in twenty is cancelled."""
        entity_ids = list(self.harness.states)
        if not entity_ids:
            return
        action = self.dice.choice(list(ACTIONS))
        call = self._call_action(action, self.dice.choice(entity_ids), ACTIONS[action](self.dice))
        task = asyncio.create_task(self._check_action(action, call), name=action)
        self._commands.add(task)
        task.add_done_callback(self._commands.discard)

    async def _call_action(self, action: str, entity_id: str, data: dict[str, Any]) -> None:
        await self.harness.hass.services.async_call(
            "media_player", action, data, blocking=True, target={"entity_id": entity_id}
        )

    async def _check_action(self, action: str, call: Coroutine[Any, Any, None]) -> None:
        """Wait for the end of an action and check its duration and error."""
        loop = asyncio.get_running_loop()
        began, since = loop.time(), dt_util.utcnow()
        task = asyncio.create_task(call)
        cancelled = self.dice.random() < 0.05
        if cancelled:
            loop.call_later(self.dice.uniform(0, 0.05), task.cancel)
        await asyncio.wait([task])
        if task.cancelled():
            self._add_result("cancelled", "" if cancelled else f"{action} was cancelled by nobody")
        elif (err := task.exception()) is None:
            self._add_result("answered", "")
        elif isinstance(err, HomeAssistantError) and err.translation_key:
            self._add_result(
                err.translation_key, self._check_delay(action, err.translation_key, since)
            )
        else:
            self._add_result("error", f"{action} ended with {err!r}")
        if (lasted := loop.time() - began) > MAX_COMMAND_DURATION:
            self.errors.append(f"{action} lasted {lasted:.1f} s")

    def _check_delay(self, action: str, key: str, since: Any) -> str:
        """Return an error if a command failed too late after a lost connection."""
        lost = self.harness.connection_lost_at
        if key != "not_connected" or lost is None:
            return ""
        late = (dt_util.utcnow() - max(lost, since)).total_seconds()
        limit = MAX_DELAY_AFTER_LOSS + LoopMonitor.of_loop().longest_turn
        return f"{action} was told {late:.1f} s after the loss" if late > limit else ""

    def _add_result(self, end: str, wrong: str) -> None:
        self.ends[end] += 1
        if wrong:
            self.errors.append(wrong)
