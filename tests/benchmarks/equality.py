"""Speed leaves nothing out: after the same random events both integrations show the same.

``python -m tests.benchmarks --equality`` prints what differs; `ALLOWED` says what may, and why.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
import random
import time
from typing import Any, Final, override

from music_assistant_models.enums import EventType, MediaType, PlayerType, QueueOption, RepeatMode
from music_assistant_models.errors import MusicAssistantError
from music_assistant_models.player import Player

from homeassistant.components.media_player import MediaPlayerEntityFeature as Feature
from tests.server import Household, groups, players
from tests.server.library import Library

from .house import Frame, House
from .runner import running

type Shown = Mapping[str, Any]

EVENTS: Final = 20_000
PLAYERS: Final = 20
# Events after which states are compared, and which come all at once.
STEP: Final = 500
# Seconds by which positions may differ: servers send whole ones.
TOLERANCE: Final = 1.0
# A player that isn't shown at all.
NOWHERE: Final[Shown] = {"state": None, "supported_features": 0}
# Differences that are printed.
SHOWN: Final = 20
# The longest time between two things that happen, in seconds.
PAUSE: Final = 40.0


# What happens in a house


class LivelyHouse(House):
    """A house that writes down what it would tell."""

    def __init__(self, household: Household, now: float, **options: Any) -> None:
        """Begin with an empty page."""
        self.told: list[Frame] = []
        super().__init__(household, now, **options)
        self.told.clear()

    @override
    def signal(self, event: EventType, object_id: str | None = None, data: Any = None) -> None:
        self.told.append(self.frame(event, object_id or "", data))


type Deed = Callable[[LivelyHouse, Player, random.Random], object]


def _queue_deed(do: Callable[[LivelyHouse, Any, random.Random], object]) -> Deed:
    return lambda house, player, dice: do(house, house.queues[player.player_id], dice)


def _play(house: LivelyHouse, queue: Any, dice: random.Random) -> None:
    kind = dice.choice((MediaType.TRACK, MediaType.TRACK, MediaType.RADIO, MediaType.AUDIOBOOK))
    found: list[Any] = list(house.library.items(kind))
    option = dice.choice((QueueOption.REPLACE, QueueOption.PLAY, QueueOption.ADD))
    house.playback.enqueue(queue, dice.sample(found, min(3, len(found))), option)


def _repeat(house: LivelyHouse, queue: Any, dice: random.Random) -> None:
    queue.repeat_mode = dice.choice((RepeatMode.OFF, RepeatMode.ONE, RepeatMode.ALL))
    house.playback.changed(queue)


def _join(house: LivelyHouse, player: Player, dice: random.Random) -> None:
    groups.join(house, player, dice.choice(list(house.players)))


def _select_source(house: LivelyHouse, player: Player, dice: random.Random) -> None:
    sources = [source.id for source in player.source_list if not source.passive]
    players.select_source(house, player, dice.choice([*sources, player.player_id]))


def _select_sound_mode(house: LivelyHouse, player: Player, dice: random.Random) -> None:
    modes = [mode.id for mode in player.sound_mode_list if not mode.passive]
    players.select_sound_mode(house, player, dice.choice(modes or ["none"]))


def _come_or_go(house: LivelyHouse, player: Player, dice: random.Random) -> None:
    house.update_player(player.player_id, available=dice.random() < 0.8)


def _clear_source(house: LivelyHouse, player: Player, _dice: random.Random) -> None:
    house.update_player(player.player_id, current_media=None)


# What happens -> how often beside the others.
DEEDS: Final[dict[Deed, int]] = {
    _queue_deed(_play): 6,
    _queue_deed(_repeat): 3,
    _queue_deed(lambda house, queue, _: house.playback.next(queue)): 8,
    _queue_deed(lambda house, queue, _: house.playback.pause(queue)): 6,
    _queue_deed(lambda house, queue, _: house.playback.resume(queue)): 10,
    _queue_deed(lambda house, queue, _: house.playback.changed(queue)): 10,
    _queue_deed(lambda house, queue, dice: house.playback.seek(queue, dice.uniform(0, 300))): 5,
    _queue_deed(
        lambda house, queue, dice: house.playback.set_shuffle(queue, dice.random() < 0.5)
    ): 3,
    _queue_deed(lambda house, queue, _: house.playback.clear(queue)): 1,
    lambda house, player, dice: players.volume_set(house, player, dice.randint(0, 100)): 12,
    lambda house, player, dice: players.volume_mute(house, player, dice.random() < 0.5): 3,
    lambda house, player, dice: players.power(house, player, dice.random() < 0.7): 4,
    lambda house, player, _: players.stop(house, player): 2,
    lambda house, player, _: groups.ungroup(house, player): 3,
    lambda house, player, _: house.playback.show(player.player_id): 10,
    _join: 3,
    _select_source: 3,
    _select_sound_mode: 2,
    _come_or_go: 2,
    _clear_source: 1,
}


def household(count: int) -> Household:
    """Return one player of each kind, and plain ones up to a number."""
    mixed = Household.demo().players
    return Household([*mixed, *Household.of(count).players][:count])


def happenings(house: LivelyHouse, seed: int, events: int) -> Iterator[tuple[float, list[Frame]]]:
    """Return what the house tells, in steps, each with the time at its end."""
    dice = random.Random(seed)
    deeds, weights = list(DEEDS), list(DEEDS.values())
    while events > 0:
        while len(house.told) < min(STEP, events):
            house.now += dice.uniform(0, PAUSE)
            player = dice.choice(list(house.players.values()))
            (deed,) = dice.choices(deeds, weights)
            house.playback.tick()
            with suppress(MusicAssistantError, LookupError):
                deed(house, player, dice)
        told, house.told = house.told[:events], []
        events -= len(told)
        yield house.now, told


# What may differ


@dataclass(frozen=True)
class Allowed:
    """A difference that is meant: of what, when, and why."""

    attribute: str
    when: Callable[[Player, Shown, Shown], bool]
    reason: str


def _unavailable(_player: Player, _ours: Shown, builtin: Shown) -> bool:
    return bool(builtin["state"] == "unavailable")


def _is_group(player: Player, _ours: Shown, _builtin: Shown) -> bool:
    return player.type is PlayerType.GROUP


def _only_offers_more(flags: Feature) -> Callable[[Player, Shown, Shown], bool]:
    """Return whether all that differs is that the built-in offers some of these."""

    def when(_player: Player, ours: Shown, builtin: Shown) -> bool:
        here, there = Feature(ours["supported_features"]), Feature(builtin["supported_features"])
        return here & ~there == Feature(0) and there & ~here & ~flags == Feature(0)

    return when


_OF_A_SOURCE: Final = (
    Feature.PAUSE
    | Feature.SEEK
    | Feature.NEXT_TRACK
    | Feature.PREVIOUS_TRACK
    | Feature.SHUFFLE_SET
    | Feature.REPEAT_SET
    | Feature.CLEAR_PLAYLIST
)

# The first that fits explains a difference.
ALLOWED: Final = (
    Allowed(
        "supported_features",
        _only_offers_more(_OF_A_SOURCE),
        "the built-in offers pause, seek, next or shuffle also where the active source can't",
    ),
    Allowed(
        "supported_features",
        lambda player, _ours, _builtin: player.synced_to is not None,
        "the built-in lets no player leave a group that can't lead one",
    ),
    Allowed("picture", _unavailable, "the built-in stops following who is unavailable"),
    Allowed(
        "group_volume",
        lambda player, _ours, _builtin: len(player.group_members) > 1,
        "the built-in says nothing of the volume of a leader's group",
    ),
    Allowed(
        "can_group_with",
        lambda _player, _ours, builtin: "can_group_with" not in builtin,
        "the built-in says nothing of who can be grouped with whom",
    ),
    Allowed("is_volume_muted", _is_group, "the built-in doesn't know whether a group is muted"),
)


# Comparing


@dataclass(frozen=True)
class Difference:
    """What one player shows here and there."""

    player_id: str
    attribute: str
    ours: Any
    builtin: Any


@dataclass
class Comparison:
    """What was found."""

    events: int = 0
    compared: int = 0
    pictures: dict[str, str] = field(default_factory=dict)  # the built-in's -> ours
    allowed: Counter[str] = field(default_factory=Counter)
    unexplained: list[Difference] = field(default_factory=list)


def position(shown: Shown, moment: float) -> float | None:
    """Return where playback is at a moment, as a frontend would show it."""
    if (seconds := shown.get("media_position")) is None:
        return None
    if shown["state"] != "playing":
        return float(seconds)
    updated = datetime.fromisoformat(shown["media_position_updated_at"]).timestamp()
    return float(seconds) + moment - updated


def picture(shown: Shown) -> str | None:
    """Return which picture is shown: its address, or what Home Assistant's proxy calls it."""
    address: str | None = shown.get("entity_picture")
    return address and (address.partition("cache=")[2] or address)


def facts(shown: Shown, moment: float) -> dict[str, Any]:
    """Return what can be compared."""
    told_otherwise = (
        "media_position",
        "media_position_updated_at",
        "entity_picture",
        "entity_picture_local",
    )
    plain = {key: value for key, value in shown.items() if key not in told_otherwise}
    return plain | {"position": position(shown, moment), "picture": picture(shown)}


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= TOLERANCE
    return bool(one == other)


def differences(
    player_id: str, ours: Shown, builtin: Shown, moment: float, pictures: dict[str, str]
) -> Iterator[Difference]:
    """Return in what a player differs.

    Ours shows all pictures through Home Assistant, so only which are the same can be compared.
    """
    here, there = facts(ours, moment), facts(builtin, moment)
    if here["picture"] and there["picture"]:
        there["picture"] = pictures.setdefault(there["picture"], here["picture"])
    for key in here.keys() | there.keys():
        if not _same(here.get(key), there.get(key)):
            yield Difference(player_id, key, here.get(key), there.get(key))


def reason_for(player: Player, found: Difference, ours: Shown, builtin: Shown) -> str | None:
    """Return why a difference is meant, None if it isn't."""
    for each in ALLOWED:
        if each.attribute == found.attribute and each.when(player, ours, builtin):
            return each.reason
    return None


def compare(
    house: LivelyHouse, ours: Mapping[str, Shown], builtin: Mapping[str, Shown], into: Comparison
) -> None:
    """Compare all states."""
    for player_id in ours.keys() | builtin.keys():
        one, other = ours.get(player_id, NOWHERE), builtin.get(player_id, NOWHERE)
        into.compared += 1
        for found in differences(player_id, one, other, house.now, into.pictures):
            if reason := reason_for(house.players[player_id], found, one, other):
                into.allowed[reason] += 1
            else:
                into.unexplained.append(found)


async def compared(events: int = EVENTS, count: int = PLAYERS, seed: int = 1) -> Comparison:
    """Let both follow the same events, and compare again and again."""
    now = time.time()
    lively = LivelyHouse(household(count), now, library=Library.generate())
    comparison = Comparison()
    async with (
        running("ours", House(household(count), now, library=Library.generate())) as ours,
        running("builtin", House(household(count), now, library=Library.generate())) as builtin,
    ):
        both = (ours, builtin)
        for runner in both:
            await runner.connect()
        for step, (_, told) in enumerate(happenings(lively, seed, events)):
            for runner in both:
                await runner.burst(f"step {step}", told, len(told))
            comparison.events += len(told)
            here, there = [await runner.ask("states") for runner in both]
            compare(lively, here, there, comparison)
    return comparison


def report(found: Comparison) -> Iterator[str]:
    """Return what was found, line by line."""
    yield f"{found.events} events, {found.compared} states compared"
    for reason, times in found.allowed.most_common():
        yield f"{times:6} times allowed: {reason}"
    yield f"{len(found.unexplained):6} times otherwise"
    yield from map(str, found.unexplained[:SHOWN])
