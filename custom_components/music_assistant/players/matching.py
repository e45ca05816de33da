"""The same device under a new player id: who it may have been, and how sure that is. Pure."""

from collections.abc import Collection, Mapping, Set as AbstractSet
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
import re
from typing import Final

from music_assistant_models.enums import IdentifierType

# Identifiers that stay with a device; its address doesn't.
LASTING: Final = frozenset(
    {
        IdentifierType.MAC_ADDRESS,
        IdentifierType.SERIAL_NUMBER,
        IdentifierType.UUID,
        IdentifierType.CAST_UUID,
        IdentifierType.AIRPLAY_ID,
    }
)
# What makers write where nothing is known, without punctuation.
_PLACEHOLDERS: Final = frozenset(
    {"unknown", "undefined", "default", "notavailable", "serialnumber", "0123456789"}
    | {"123456789", "1234567890", "123456789abc", "020000000000"}  # the last is Android's MAC
)
_MAC: Final = re.compile(r"[0-9a-f]{12}")
_SHORTEST: Final = 6  # a shorter one tells no two devices apart
_TELLING: Final = 12  # as long as a MAC: not within another id by chance


class Evidence(IntEnum):
    """What speaks for two player ids being the same device."""

    NAME = 1  # nothing but the name
    HARDWARE = 2  # the same hardware, but something is open
    CERTAIN = 3


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of a player."""

    name: str
    hardware: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Former:
    """Who a player may have been; one, if it is certain."""

    evidence: Evidence
    player_ids: tuple[str, ...]


@lru_cache(maxsize=512)
def hardware(identifiers: tuple[tuple[IdentifierType, str], ...]) -> frozenset[str]:
    """Return what tells a device from all others, as `<kind>:<value without punctuation>`."""
    return frozenset(
        f"{kind}:{value}"
        for kind, written in identifiers
        if kind in LASTING and _tells(kind, value := _plain(written))
    )


def _plain(text: object) -> str:  # a server may send null
    return "".join(filter(str.isalnum, str(text).lower()))


def _tells(kind: IdentifierType, value: str) -> bool:
    if len(value) < _SHORTEST or len(set(value)) == 1 or value in _PLACEHOLDERS:
        return False
    return kind is not IdentifierType.MAC_ADDRESS or _MAC.fullmatch(value) is not None


def shared(player_id: str, known: Mapping[str, Known], there: Collection[str]) -> frozenset[str]:
    """Return the hardware that a player has in common with others that are there."""
    others = (known[one].hardware for one in there if one != player_id and one in known)
    return known[player_id].hardware & frozenset[str]().union(*others)


def former(
    player_id: str,
    known: Mapping[str, Known],
    there: AbstractSet[str],
    listed: Collection[str] | None,
) -> Former | None:
    """Return which of the known players this one may have been.

    `there` are the players that are on the server, `listed` all that it has anything of; None
    if that can't be read. Hardware that several players who are there have, tells nothing.
    """
    if known.keys() <= there:  # at set-up this is asked for every player
        return None
    gone = sorted(known.keys() - there - {player_id})
    if not gone:
        return None
    new = known[player_id]
    own = new.hardware - shared(player_id, known, there)
    if same := tuple(one for one in gone if own & known[one].hardware):
        open_questions = len(same) > 1 or listed is None or same[0] in listed
        if open_questions or _contradict(new, known[same[0]]):
            return Former(Evidence.HARDWARE, same)
        return Former(Evidence.CERTAIN, same)
    if bearers := tuple(one for one in gone if _is_in_id(own, one)):
        return Former(Evidence.HARDWARE, bearers)
    namesakes = tuple(one for one in gone if known[one].name == new.name)
    return Former(Evidence.NAME, namesakes) if len(namesakes) == 1 else None


def _contradict(one: Known, other: Known) -> bool:
    """Tell whether two devices have a kind of identifier both, but not the same."""
    every = one.hardware | other.hardware
    return len({identifier.partition(":")[0] for identifier in every}) < len(every)


def _is_in_id(own: frozenset[str], player_id: str) -> bool:
    """Tell whether a player was named after this hardware: many servers' ids hold the MAC."""
    plain = _plain(player_id)
    values = (identifier.partition(":")[2] for identifier in own)
    return any(len(value) >= _TELLING and value in plain for value in values)
