"""Playlists of a plugin that follow rules, as the plugin `smart_playlist` of newer servers.

Read in the public source of the server: names, types and limits of the rules, and the errors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from music_assistant_models.auth import Scope
from music_assistant_models.enums import EventType, MediaType, ProviderType
from music_assistant_models.errors import InvalidDataError, MediaNotFoundError
from music_assistant_models.media_items import MediaItem, Playlist, ProviderMapping, Track
from music_assistant_models.provider import ProviderInstance

from .commands import Caller, Command
from .library import get_uri

if TYPE_CHECKING:
    from .server import MassServer

# An assumption: 29 hasn't got the plugin, later servers have; which version brought it isn't known.
SMART_PLAYLISTS_SINCE: Final = 46
PLUGIN: Final = "smart_playlist"
MAX_TRACKS: Final = 2000
MAX_SEEDS: Final = 10
_SEEDS: Final = ("seed_track_uris", "seed_artist_uris", "seed_album_uris", "seed_playlist_uris")
# The rules of a playlist for which none were given.
_DEFAULTS: Final[dict[str, Any]] = {
    **{
        name: []
        for kind in ("genre", "artist", "album")
        for name in (f"{kind}_ids", f"excluded_{kind}_ids")
    },
    **{
        name: {}
        for kind in ("genre", "artist", "album")
        for name in (f"{kind}_names", f"excluded_{kind}_names")
    },
    **dict.fromkeys(_SEEDS, ()),
    "seed_names": {},
    "favorites_only": False,
    "logic": "AND",
    "limit": 100,
    "is_dynamic": True,
    "album_types": [],
    "excluded_album_types": [],
    **dict.fromkeys(
        (
            "min_popularity",
            "year_from",
            "year_to",
            "explicit",
            "min_duration",
            "max_duration",
            "last_played_before_value",
            "last_played_before_unit",
        )
    ),
}

type Rules = dict[str, Any]


def create_plugin() -> ProviderInstance:
    """Return the plugin as servers list it."""
    return ProviderInstance(
        type=ProviderType.PLUGIN,
        domain=PLUGIN,
        name="Smart Playlists",
        instance_id=PLUGIN,
        supported_features=set(),
        available=True,
        lookup_key=PLUGIN,
    )


def _parse_rules(given: Rules, *, is_dynamic: bool) -> Rules:
    """Return complete rules; raises for those that a real server refuses."""
    rules = {name: given.get(name, default) for name, default in _DEFAULTS.items()}
    rules["is_dynamic"] = is_dynamic
    for name, value in rules.items():
        if name.endswith("_ids") and not all(isinstance(item_id, int) for item_id in value):
            raise InvalidDataError(f"Invalid id in {name}: {value!r}")
    if rules["logic"] not in ("AND", "OR"):
        raise InvalidDataError(f"Invalid logic operator: {rules['logic']}. Must be AND or OR.")
    if not 1 <= rules["limit"] <= MAX_TRACKS:
        raise InvalidDataError(f"Track limit must be between 1 and 2000, got {rules['limit']}")
    first, last = rules["year_from"], rules["year_to"]
    if first is not None and last is not None and first > last:
        raise InvalidDataError("year_from must be less than or equal to year_to")
    if sum(len(rules[name]) for name in _SEEDS) > MAX_SEEDS:
        raise InvalidDataError("Too many seeds")
    return rules


def _find_tracks(server: MassServer, rules: Rules, limit: int) -> list[Track]:
    """Return the tracks that follow rules."""
    library = server.library
    seeds = [uri for name in _SEEDS for uri in rules[name]]
    candidates: list[MediaItem] = (
        [track for uri in seeds for track in library.get_similar_tracks(library.get_item(uri))]
        if seeds
        else list(library.get_library_items(MediaType.TRACK))
    )
    included = [
        held
        for kind in (MediaType.GENRE, MediaType.ARTIST, MediaType.ALBUM)
        if not seeds and (held := _get_uris(server, kind, rules[f"{kind.value}_ids"])) is not None
    ]
    combine = all if rules["logic"] == "AND" else any
    excluded = {
        uri
        for kind in (MediaType.GENRE, MediaType.ARTIST, MediaType.ALBUM)
        for uri in _get_uris(server, kind, rules[f"excluded_{kind.value}_ids"]) or ()
    }
    found = [
        track
        for track in candidates
        if isinstance(track, Track)
        and (not included or combine(track.uri in held for held in included))
        and track.uri not in excluded
        and (not rules["favorites_only"] or track.favorite)
        and _is_in_range(getattr(track.album, "year", None), rules["year_from"], rules["year_to"])
        and _is_in_range(track.duration, rules["min_duration"], rules["max_duration"])
    ]
    return found[:limit]


def _get_uris(server: MassServer, kind: MediaType, item_ids: list[int]) -> set[str | None] | None:
    """Return the tracks of items of the library, None if there is no rule about them."""
    if not item_ids:
        return None
    parents = (server.library.get_item(f"library://{kind.value}/{item_id}") for item_id in item_ids)
    return {
        track.uri
        for parent in parents
        for track in server.library.get_children(parent, MediaType.TRACK)
    }


def _is_in_range(value: int | None, first: int | None, last: int | None) -> bool:
    """Return whether a value is in a range; an unknown one is."""
    return value is None or ((first is None or value >= first) and (last is None or value <= last))


def create(
    server: MassServer, caller: Caller, name: str, rules: Rules, is_dynamic: bool = True
) -> Playlist:
    """Create a playlist that follows rules."""
    parsed = _parse_rules(rules, is_dynamic=is_dynamic)
    made = server.library.create_playlist(name, None, "Smart Playlist")
    made.is_dynamic = is_dynamic
    made.provider_mappings = {
        ProviderMapping(
            item_id=f"smart{made.item_id}", provider_domain=PLUGIN, provider_instance=PLUGIN
        )
    }
    server.library.add_item(made)
    _save_rules(server, made, parsed)
    server.send_event(EventType.MEDIA_ITEM_ADDED, get_uri(made), made)
    return made


def _save_rules(server: MassServer, playlist: Playlist, rules: Rules) -> None:
    server.smart_rules[playlist.item_id] = rules
    held = server.library.get_children(playlist, MediaType.TRACK)
    server.library.remove_from_playlist(playlist, range(1, len(held) + 1))
    tracks = _find_tracks(server, rules, rules["limit"])
    server.library.add_to_playlist(playlist, [get_uri(track) for track in tracks])


def get_rules(server: MassServer, caller: Caller, playlist_id: str) -> Rules | None:
    """Return the rules of a playlist, None for one without."""
    return server.smart_rules.get(playlist_id)


def update_rules(server: MassServer, caller: Caller, playlist_id: str, rules: Rules) -> None:
    """Replace the rules of a playlist."""
    if (existing := server.smart_rules.get(playlist_id)) is None:
        raise MediaNotFoundError(f"Smart playlist {playlist_id} not found")
    parsed = _parse_rules(rules, is_dynamic=existing["is_dynamic"])
    playlist = server.library.get_item(f"library://playlist/{playlist_id}")
    assert isinstance(playlist, Playlist)
    _save_rules(server, playlist, parsed)
    server.send_event(EventType.MEDIA_ITEM_UPDATED, get_uri(playlist), playlist)


def count_tracks(server: MassServer, caller: Caller, rules: Rules) -> dict[str, int]:
    """Return how many tracks follow rules, whatever their limit, and how long they are."""
    tracks = _find_tracks(server, _parse_rules(rules, is_dynamic=True), MAX_TRACKS)
    return {
        "count": len(tracks),
        "duration_seconds": sum(track.duration or 0 for track in tracks),
    }


def _build_command(act: Callable[..., Any], scope: Scope) -> Command:
    return Command(act, since=SMART_PLAYLISTS_SINCE, scope=scope)


COMMANDS = {
    "smart_playlists/create": _build_command(create, Scope.LIBRARY_WRITE),
    "smart_playlists/get_rules": _build_command(get_rules, Scope.LIBRARY_READ),
    "smart_playlists/update_rules": _build_command(update_rules, Scope.LIBRARY_WRITE),
    "smart_playlists/count_tracks": _build_command(count_tracks, Scope.LIBRARY_READ),
}
