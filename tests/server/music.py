"""The commands `music/*` and `metadata/*`."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from music_assistant_models.auth import Scope
from music_assistant_models.enums import MediaType, SortField

from . import (
    music_changes as changes,
    music_items as items,
    music_lists as lists,
    music_sync as syncing,
)
from .commands import Command
from .library import Library
from .tasks import TASKS_SINCE

_WRITE = partial(Command, scope=Scope.LIBRARY_WRITE)
_MANAGE = partial(Command, scope=Scope.LIBRARY_MANAGE)
GENRES_SINCE = 29
GENRE_CONTENT_SINCE = 84
ARTISTS_SINCE = 84
_TRACKS, _ALBUMS = lists.held(MediaType.TRACK), lists.held(MediaType.ALBUM)


def _of_each(plural: str, kind: MediaType) -> dict[str, Command]:
    """Return the commands that every type of items has."""
    rows = {
        f"music/{plural}/library_items": Command(lists.library_items(kind)),
        f"music/{plural}/count": Command(lists.count(kind)),
        f"music/{plural}/get": Command(items.get(kind)),
        f"music/{plural}/{kind.value}_versions": Command(lists.related(kind, lists.versions)),
        f"music/{plural}/remove": _MANAGE(changes.remove(kind)),
        f"music/{plural}/update": _MANAGE(changes.update(kind)),
    }
    since = GENRES_SINCE if kind is MediaType.GENRE else 0
    return {name: replace(row, since=since) for name, row in rows.items()}


COMMANDS: dict[str, Command] = {
    **{
        name: command
        for plural, kind in lists.PLURALS.items()
        for name, command in _of_each(plural, kind).items()
    },
    "music/albums/album_tracks": Command(
        lists.related(MediaType.ALBUM, _TRACKS, SortField.TRACK_NUMBER)
    ),
    "music/artists/artist_tracks": Command(lists.related(MediaType.ARTIST, _TRACKS)),
    "music/artists/artist_albums": Command(lists.related(MediaType.ARTIST, _ALBUMS)),
    # In the client's sources beyond 1.7.0 from this schema on; whether they come in pages they
    # don't say, so they don't here.
    "music/artists/top_tracks": Command(
        lists.related(MediaType.ARTIST, lists.top_tracks), since=ARTISTS_SINCE
    ),
    "music/artists/similar_artists": Command(
        lists.related(MediaType.ARTIST, lists.similar_artists), since=ARTISTS_SINCE
    ),
    "music/playlists/playlist_tracks": Command(
        lists.related(MediaType.PLAYLIST, Library.playlist_entries, pages_since=93)
    ),
    "music/podcasts/podcast_episodes": Command(
        lists.related(MediaType.PODCAST, lists.held(MediaType.PODCAST_EPISODE))
    ),
    "music/podcasts/podcast_episode": Command(items.get(MediaType.PODCAST_EPISODE)),
    "music/tracks/track_albums": Command(lists.related(MediaType.TRACK, lists.track_albums)),
    "music/tracks/similar_tracks": Command(lists.related(MediaType.TRACK, lists.similar)),
    "music/tracks/preview": Command(items.preview),
    "music/genres/library_items": Command(lists.library_genres(), since=GENRES_SINCE),
    "music/genres/tracks": Command(
        lists.related(MediaType.GENRE, _TRACKS), since=GENRE_CONTENT_SINCE
    ),
    "music/genres/albums": Command(
        lists.related(MediaType.GENRE, _ALBUMS), since=GENRE_CONTENT_SINCE
    ),
    "music/sort_options": Command(lists.sort_options_of, since=86),
    "music/item": Command(items.item),
    "music/item_by_uri": Command(items.item_by_uri),
    "music/item_by_name": Command(items.item_by_name, since=33),
    "music/track_by_name": Command(items.track_by_name, since=27),
    "music/get_library_item": Command(items.get_library_item),
    "music/verify_item_uri": Command(items.verify_item_uri, since=33),
    "music/refresh_item": _WRITE(items.refresh_item),
    "music/search": Command(lists.search),
    "music/browse": Command(lists.browse),
    "music/recommendations": Command(lists.recommendations),
    "music/recommendations/items": Command(
        lists.recommendation_items, since=lists.RECOMMENDATION_ITEMS_SINCE
    ),
    "music/recently_played_items": Command(lists.recently_played),
    "music/in_progress_items": Command(lists.in_progress_items),
    "music/favorites/add_item": _WRITE(changes.add_favorite),
    "music/favorites/remove_item": _WRITE(changes.remove_favorite),
    "music/library/add_item": _WRITE(changes.add_to_library),
    "music/library/remove_item": _WRITE(changes.remove_from_library),
    "music/playlists/create_playlist": _WRITE(changes.create_playlist),
    "music/playlists/add_playlist_tracks": _WRITE(changes.add_playlist_tracks),
    "music/playlists/remove_playlist_tracks": _WRITE(changes.remove_playlist_tracks),
    "music/mark_played": _WRITE(changes.mark_played),
    "music/mark_unplayed": _WRITE(changes.mark_unplayed),
    "music/sync": _MANAGE(syncing.sync),
    "music/synctasks": Command(syncing.sync_tasks, until=TASKS_SINCE),
    "metadata/update_metadata": Command(changes.update_metadata),
    "metadata/set_default_preferred_language": Command(changes.set_language),
    "metadata/get_image_palette": Command(changes.image_palette, since=32),
    "metadata/get_track_lyrics": Command(changes.lyrics),
}
