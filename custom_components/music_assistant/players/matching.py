"""Matching of new player ids with former ones of the same device."""

from collections.abc import Collection, Mapping, Set as AbstractSet
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
import re
from typing import Final

from music_assistant_models.enums import IdentifierType

# Identifiers that a device keeps, unlike its IP address.
PERMANENT_IDENTIFIERS: Final = frozenset(
    {
        IdentifierType.MAC_ADDRESS,
        IdentifierType.SERIAL_NUMBER,
        IdentifierType.UUID,
        IdentifierType.CAST_UUID,
        IdentifierType.AIRPLAY_ID,
    }
)
# Values of manufacturers for unknown identifiers, without punctuation.
_PLACEHOLDERS: Final = frozenset(
    {"unknown", "undefined", "default", "notavailable", "serialnumber", "0123456789"}
    | {"123456789", "1234567890", "123456789abc", "020000000000"}  # the last is Android's MAC
)
_MAC: Final = re.compile(r"[0-9a-f]{12}")
_MIN_IDENTIFIER_LENGTH: Final = 6  # shorter ones aren't unique
_MIN_LENGTH_IN_PLAYER_ID: Final = 12  # as a MAC address: shorter ones may occur by chance


class Evidence(IntEnum):
    """Evidence that two player ids are the same device."""

    NAME = 1  # only the name is the same
    HARDWARE = 2  # the hardware is the same, but ambiguous or still on the server
    CERTAIN = 3


@dataclass(frozen=True, slots=True)
class KnownPlayer:
    """Represent a player that is or was on the server."""

    name: str
    hardware_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MigrationCandidates:
    """Represent the former ids that a player may have had; only one if it is certain."""

    evidence: Evidence
    player_ids: tuple[str, ...]


@lru_cache(maxsize=512)
def get_hardware_ids(identifiers: tuple[tuple[IdentifierType, str], ...]) -> frozenset[str]:
    """Return the unique identifiers of a device, as `<type>:<value without punctuation>`."""
    return frozenset(
        f"{identifier_type}:{value}"
        for identifier_type, raw_value in identifiers
        if identifier_type in PERMANENT_IDENTIFIERS
        and _is_unique(identifier_type, value := _normalize(raw_value))
    )


def _normalize(text: object) -> str:  # a server may send null
    return "".join(filter(str.isalnum, str(text).lower()))


def _is_unique(identifier_type: IdentifierType, value: str) -> bool:
    if len(value) < _MIN_IDENTIFIER_LENGTH or len(set(value)) == 1 or value in _PLACEHOLDERS:
        return False
    return identifier_type is not IdentifierType.MAC_ADDRESS or _MAC.fullmatch(value) is not None


def get_shared_hardware(
    player_id: str, known: Mapping[str, KnownPlayer], present: Collection[str]
) -> frozenset[str]:
    """Return the hardware ids that a player shares with others that are present."""
    others = (
        known[other_id].hardware_ids
        for other_id in present
        if other_id != player_id and other_id in known
    )
    return known[player_id].hardware_ids & frozenset[str]().union(*others)


def find_candidates(
    player_id: str,
    known: Mapping[str, KnownPlayer],
    present: AbstractSet[str],
    server_player_ids: Collection[str] | None,
) -> MigrationCandidates | None:
    """Return the known players of which a player may be the successor.

    `present` are the players on the server, `server_player_ids` those and the ones that it only
    has a configuration of; None if the configurations can't be read. Hardware ids that several
    present players share are ignored.
    """
    if known.keys() <= present:  # a shortcut: at setup this is called for every player
        return None
    absent = sorted(known.keys() - present - {player_id})
    if not absent:
        return None
    new = known[player_id]
    hardware_ids = new.hardware_ids - get_shared_hardware(player_id, known, present)
    if same := tuple(old_id for old_id in absent if hardware_ids & known[old_id].hardware_ids):
        is_ambiguous = len(same) > 1 or server_player_ids is None or same[0] in server_player_ids
        if is_ambiguous or _has_contradiction(new, known[same[0]]):
            return MigrationCandidates(Evidence.HARDWARE, same)
        return MigrationCandidates(Evidence.CERTAIN, same)
    if same_id := tuple(old_id for old_id in absent if _is_in_player_id(hardware_ids, old_id)):
        return MigrationCandidates(Evidence.HARDWARE, same_id)
    same_name = tuple(old_id for old_id in absent if known[old_id].name == new.name)
    return MigrationCandidates(Evidence.NAME, same_name) if len(same_name) == 1 else None


def _has_contradiction(new: KnownPlayer, old: KnownPlayer) -> bool:
    """Return if two players have different identifiers of the same type."""
    identifiers = new.hardware_ids | old.hardware_ids
    types = {identifier.partition(":")[0] for identifier in identifiers}
    return len(types) < len(identifiers)


def _is_in_player_id(hardware_ids: frozenset[str], player_id: str) -> bool:
    """Return if a player id contains one of the identifiers, as many contain the MAC address."""
    normalized_id = _normalize(player_id)
    values = (identifier.partition(":")[2] for identifier in hardware_ids)
    return any(
        len(value) >= _MIN_LENGTH_IN_PLAYER_ID and value in normalized_id for value in values
    )
