"""Rules of smart playlists: from plain fields to those of the server, and back."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import MediaType

from ..server.errors import build_validation_error
from ..server.providers import LIBRARY_PROVIDER
from .library_lists import LIBRARY_LISTS, Item, LibraryList, LibraryReader

type Rules = dict[str, Any]

# Domain of the server's plugin that has the commands.
PLUGIN_DOMAIN: Final = "smart_playlist"
# Limits of the server.
MAX_TRACKS: Final = 2000
MAX_SEEDS: Final = 10
MATCH_ALL: Final = "all"
MATCH_ANY: Final = "any"

# Rules that are the same here and there: {field: rule}.
PLAIN_RULES: Final = {
    "favorites_only": "favorites_only",
    "year_from": "year_from",
    "year_to": "year_to",
    "min_duration": "min_duration",
    "max_duration": "max_duration",
    "min_popularity": "min_popularity",
    "explicit": "explicit",
    "album_type": "album_types",
    "exclude_album_type": "excluded_album_types",
    "limit": "limit",
}
# Values of rules that are the same as no rule.
_NO_VALUES: Final[dict[str, Any]] = {
    "favorites_only": False,
    "limit": 100,
    "album_types": [],
    "excluded_album_types": [],
}
# Fields whose first value must not be above the second.
_RANGES: Final = (("year_from", "year_to"), ("min_duration", "max_duration"))


@dataclass(frozen=True, slots=True)
class ItemRule:
    """Describe a rule about items of the library: rules with their ids and with their names."""

    library_list: LibraryList
    ids: str
    names: str


ITEM_RULES: Final = {
    f"{prefix}{kind}": ItemRule(
        LIBRARY_LISTS[f"{kind}s"], f"{server_prefix}{kind}_ids", f"{server_prefix}{kind}_names"
    )
    for prefix, server_prefix in (("", ""), ("exclude_", "excluded_"))
    for kind in ("genre", "artist", "album")
}
# Rules with the URIs of music to which the tracks are similar.
_SEED_RULES: Final = {
    MediaType.TRACK: "seed_track_uris",
    MediaType.ARTIST: "seed_artist_uris",
    MediaType.ALBUM: "seed_album_uris",
    MediaType.PLAYLIST: "seed_playlist_uris",
}
_DAYS_OF_UNIT: Final = {"hours": 1 / 24, "days": 1, "weeks": 7, "months": 30}
_LOGIC: Final = {MATCH_ALL: "AND", MATCH_ANY: "OR"}

type ResolveUri = Callable[[str], Awaitable[str]]


def check_supported(mass: MusicAssistantClient) -> None:
    """Raise unless the server has the plugin: only then it has the commands."""
    if not any(provider.domain == PLUGIN_DOMAIN for provider in mass.providers):
        raise build_validation_error("no_smart_playlists")


# From fields to rules


async def async_build_rules(
    reader: LibraryReader, data: Mapping[str, Any], resolve_uri: ResolveUri
) -> Rules:
    """Return the rules that the fields of a call set; a field that is None takes its rule away.

    Raises ServiceValidationError for items that the library hasn't got.
    """
    rules = {rule: data[name] for name, rule in PLAIN_RULES.items() if name in data}
    for name, value in rules.items():
        if value is None:
            rules[name] = _NO_VALUES.get(name)
    if "match" in data:
        rules["logic"] = _LOGIC[data["match"] or MATCH_ALL]
    if "not_played_days" in data:
        days = data["not_played_days"]
        rules["last_played_before_value"] = days
        rules["last_played_before_unit"] = None if days is None else "days"
    for name, rule in ITEM_RULES.items():
        if name in data:
            items = [await _async_find_item(reader, rule, value) for value in data[name] or ()]
            rules[rule.ids] = [int(item.item_id) for item in items]
            rules[rule.names] = {item.item_id: item.name for item in items}
    if "similar_to" in data:
        rules |= await _async_build_seeds(reader, data["similar_to"] or (), resolve_uri)
    return rules


async def _async_find_item(reader: LibraryReader, rule: ItemRule, name: str) -> Item:
    """Return the only item of the library with a name or URI."""
    if "://" in name:
        item = await reader.async_get_item(name)
        if (item.provider, item.media_type) != (LIBRARY_PROVIDER, rule.library_list.media_type):
            raise build_validation_error("not_in_library", name=name)
        return item
    items = await reader.async_search_list(rule.library_list, name)
    if len(items) == 1:
        return items[0]
    if items:
        choices = ", ".join(sorted(str(item.uri) for item in items))
        raise build_validation_error("several_in_library", name=name, choices=choices)
    raise build_validation_error("not_in_library", name=name)


async def _async_build_seeds(
    reader: LibraryReader, names: Iterable[str], resolve_uri: ResolveUri
) -> Rules:
    """Return the rules for music that is similar to items, given by name, URI or share link."""
    rules: Rules = {rule: [] for rule in _SEED_RULES.values()} | {"seed_names": {}}
    for name in names:
        item = await reader.async_get_item(await resolve_uri(name))
        if (rule := _SEED_RULES.get(item.media_type)) is None:
            raise build_validation_error("not_similar_to", name=item.name)
        rules[rule].append(item.uri)
        rules["seed_names"][str(item.uri)] = item.name
    return rules


def check_rules(rules: Rules) -> None:
    """Raise ServiceValidationError if a range of the rules ends before it begins."""
    for first_name, last_name in _RANGES:
        first, last = rules.get(first_name), rules.get(last_name)
        if first is not None and last is not None and first > last:
            raise build_validation_error("rule_range", first=str(first), last=str(last))


# From rules to fields


def describe_rules(rules: Rules) -> dict[str, Any]:
    """Return the fields that set rules, without those that have no rule."""
    fields = {
        name: value
        for name, rule in PLAIN_RULES.items()
        if (value := rules.get(rule)) not in (None, False, [])
        or (name == "explicit" and value is False)
    }
    fields |= {
        name: [
            (rules.get(rule.names) or {}).get(str(item_id), str(item_id)) for item_id in item_ids
        ]
        for name, rule in ITEM_RULES.items()
        if (item_ids := rules.get(rule.ids))
    }
    if seeds := [uri for rule in _SEED_RULES.values() for uri in rules.get(rule) or ()]:
        fields["similar_to"] = seeds
    if (value := rules.get("last_played_before_value")) is not None:
        unit = rules.get("last_played_before_unit") or "days"
        fields["not_played_days"] = ceil(value * _DAYS_OF_UNIT.get(unit, 1))
    fields["match"] = MATCH_ANY if rules.get("logic") == _LOGIC[MATCH_ANY] else MATCH_ALL
    return fields
