"""What goes on all the time: players change, and people ask for things."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
import random
from typing import Any, Final

from music_assistant_models.enums import QueueOption
from music_assistant_models.errors import MusicAssistantError
from music_assistant_models.media_items import Track

from custom_components.music_assistant.server.client import limit_of
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from tests.common import House
from tests.server import commands

type Arguments = Callable[[random.Random], dict[str, Any]]

# How many players run through many tracks.
HURRIED: Final = 6
TRACKS: Final = tuple(f"library://track/{number}" for number in range(1, 20))
# Seconds that a command may take: its limit, and a second; or a second after a loss.
LONGEST: Final = limit_of("player_queues/play_media") + 1
AFTER_LOSS: Final = 1.0

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
EVENTS: Final[dict[str, Arguments]] = {
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


@dataclass
class Traffic:
    """Keeps a house busy; `wrong` tells of commands that didn't end as they should."""

    house: House
    dice: random.Random
    pace: float = 1.0  # of twenty commands and forty changes a second
    ends: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    _commands: set[asyncio.Task[None]] = field(default_factory=set)
    _loops: list[asyncio.Task[None]] = field(default_factory=list)

    def begin(self) -> None:
        """Let players change and people ask."""
        self._loops = [
            asyncio.create_task(self._every(0.1 / self.pace, self._ask)),
            asyncio.create_task(self._every(0.05 / self.pace, self._change)),
            asyncio.create_task(self._every(0.2 / self.pace, self._hurry)),
        ]

    async def end(self) -> None:
        """Let nothing more happen, and wait for the ends of all commands."""
        for loop in self._loops:
            loop.cancel()
        await asyncio.wait(self._loops)
        if self._commands:
            _, late = await asyncio.wait(self._commands, timeout=LONGEST)
            self.wrong.extend(f"{task.get_name()} never ended" for task in late)

    async def _every(self, seconds: float, act: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            await asyncio.sleep(self.dice.uniform(0, seconds))
            await act()

    async def _change(self) -> None:
        """Let something happen on the server."""
        server = self.house.server
        if not server.players:
            return
        player_id = self.dice.choice(list(server.players))
        name = self.dice.choice(list(EVENTS))
        arguments = EVENTS[name](self.dice) | {"player_id": player_id, "queue_id": player_id}
        with suppress(MusicAssistantError, LookupError):  # not every player can do everything
            await commands.call(server, server.nobody, name, arguments)

    async def _hurry(self) -> None:
        """Let one of the first players run through some tracks in one turn of the loop."""
        queues = [*self.house.server.queues.values()][:HURRIED]
        if not queues:
            return
        playback, queue = self.house.server.playback, self.dice.choice(queues)
        found = (self.house.server.library.get(self.dice.choice(TRACKS)) for _ in range(4))
        tracks = [track for track in found if isinstance(track, Track)]
        playback.enqueue(queue, tracks, QueueOption.REPLACE)
        for _ in range(self.dice.randint(0, 4)):
            playback.next(queue)

    async def _ask(self) -> None:
        """Call an action in a task of its own; one in twenty callers changes their mind."""
        entity_ids = list(self.house.states)
        if not entity_ids:
            return
        action = self.dice.choice(list(ACTIONS))
        call = self._call(action, self.dice.choice(entity_ids), ACTIONS[action](self.dice))
        task = asyncio.create_task(self._judged(action, call), name=action)
        self._commands.add(task)
        task.add_done_callback(self._commands.discard)

    async def _call(self, action: str, entity_id: str, data: dict[str, Any]) -> None:
        await self.house.hass.services.async_call(
            "media_player", action, data, blocking=True, target={"entity_id": entity_id}
        )

    async def _judged(self, action: str, call: Coroutine[Any, Any, None]) -> None:
        """Wait for the end of a command and judge it."""
        loop = asyncio.get_running_loop()
        began, since = loop.time(), dt_util.utcnow()
        task = asyncio.create_task(call)
        cancelled = self.dice.random() < 0.05
        if cancelled:
            loop.call_later(self.dice.uniform(0, 0.05), task.cancel)
        await asyncio.wait([task])
        if task.cancelled():
            self._note("cancelled", "" if cancelled else f"{action} was cancelled by nobody")
        elif (err := task.exception()) is None:
            self._note("answered", "")
        elif isinstance(err, HomeAssistantError) and err.translation_key:
            self._note(err.translation_key, self._late(action, err.translation_key, since))
        else:
            self._note("error", f"{action} ended with {err!r}")
        if (lasted := loop.time() - began) > LONGEST:
            self.wrong.append(f"{action} lasted {lasted:.1f} s")

    def _late(self, action: str, key: str, since: Any) -> str:
        """Return what is wrong if a lost command was told too late."""
        lost = self.house.lost_at
        if key != "not_connected" or lost is None:
            return ""
        late = (dt_util.utcnow() - max(lost, since)).total_seconds()
        return f"{action} was told {late:.1f} s after the loss" if late > AFTER_LOSS else ""

    def _note(self, end: str, wrong: str) -> None:
        self.ends[end] += 1
        if wrong:
            self.wrong.append(wrong)
