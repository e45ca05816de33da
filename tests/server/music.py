"""The commands `music/*` and `metadata/*`."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from music_assistant_models.auth import Scope
from music_assistant_models.enums import MediaType, SortField

from . import (
    music_changes as changes,
    music_items as items,
    music_list_commands as lists,
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
# In the client's sources beyond 1.7.0 from this schema on.
TRANSCRIPTS_SINCE = 84
# Public sources of this version have it; which one brought it isn't known.
MATCHING_SINCE = 29
_TRACKS, _ALBUMS = (
    lists.build_children_getter(MediaType.TRACK),
    lists.build_children_getter(MediaType.ALBUM),
)


def _build_commands(plural: str, kind: MediaType) -> dict[str, Command]:
    """Return the commands that every media type has."""
    rows = {
        f"music/{plural}/library_items": Command(lists.build_library_handler(kind)),
        f"music/{plural}/count": Command(lists.build_count_handler(kind)),
        f"music/{plural}/get": Command(items.build_get_handler(kind)),
        f"music/{plural}/{kind.value}_versions": Command(
            lists.build_related_handler(kind, lists.get_versions)
        ),
        f"music/{plural}/remove": _MANAGE(changes.build_remove_handler(kind)),
        f"music/{plural}/update": _MANAGE(changes.build_update_handler(kind)),
    }
    since = GENRES_SINCE if kind is MediaType.GENRE else 0
    return {name: replace(row, since=since) for name, row in rows.items()}


COMMANDS: dict[str, Command] = {
    **{
        name: command
        for plural, kind in lists.MEDIA_TYPES_BY_PLURAL.items()
        for name, command in _build_commands(plural, kind).items()
    },
    "music/albums/album_tracks": Command(
        lists.build_related_handler(MediaType.ALBUM, _TRACKS, SortField.TRACK_NUMBER)
    ),
    "music/artists/artist_tracks": Command(lists.build_related_handler(MediaType.ARTIST, _TRACKS)),
    "music/artists/artist_albums": Command(lists.build_related_handler(MediaType.ARTIST, _ALBUMS)),
    # In the client's sources beyond 1.7.0 from this schema on; whether they come in pages they
    # don't say, so they don't here.
    "music/artists/top_tracks": Command(
        lists.build_related_handler(MediaType.ARTIST, lists.get_top_tracks), since=ARTISTS_SINCE
    ),
    "music/artists/similar_artists": Command(
        lists.build_related_handler(MediaType.ARTIST, lists.get_similar_artists),
        since=ARTISTS_SINCE,
    ),
    "music/artists/artist_appears_on": Command(
        lists.build_related_handler(MediaType.ARTIST, lists.get_appearances), since=ARTISTS_SINCE
    ),
    "music/artists/discography": Command(
        lists.build_related_handler(MediaType.ARTIST, lists.get_discography), since=ARTISTS_SINCE
    ),
    "music/playlists/playlist_tracks": Command(
        lists.build_related_handler(
            MediaType.PLAYLIST, Library.get_playlist_entries, pages_since=93
        )
    ),
    "music/podcasts/podcast_episodes": Command(
        lists.build_related_handler(
            MediaType.PODCAST, lists.build_children_getter(MediaType.PODCAST_EPISODE)
        )
    ),
    "music/podcasts/podcast_episode": Command(items.build_get_handler(MediaType.PODCAST_EPISODE)),
    "music/podcasts/podcast_episode_transcript": Command(
        items.get_transcript, since=TRANSCRIPTS_SINCE
    ),
    "music/tracks/track_albums": Command(
        lists.build_related_handler(MediaType.TRACK, lists.get_track_albums)
    ),
    "music/tracks/similar_tracks": Command(
        lists.build_related_handler(MediaType.TRACK, lists.get_similar_tracks)
    ),
    "music/tracks/preview": Command(items.get_preview_url),
    "music/genres/library_items": Command(lists.build_genres_handler(), since=GENRES_SINCE),
    "music/genres/tracks": Command(
        lists.build_related_handler(MediaType.GENRE, _TRACKS), since=GENRE_CONTENT_SINCE
    ),
    "music/genres/albums": Command(
        lists.build_related_handler(MediaType.GENRE, _ALBUMS), since=GENRE_CONTENT_SINCE
    ),
    "music/sort_options": Command(lists.get_sort_options, since=86),
    "music/item": Command(items.get_item),
    "music/item_by_uri": Command(items.get_item_by_uri),
    "music/item_by_name": Command(items.get_item_by_name, since=33),
    "music/track_by_name": Command(items.get_track_by_name, since=27),
    "music/get_library_item": Command(items.get_library_item),
    "music/verify_item_uri": Command(items.verify_item_uri, since=33),
    "music/match_providers": _MANAGE(changes.match_providers, since=MATCHING_SINCE),
    "music/refresh_item": _WRITE(items.refresh_item),
    "music/search": Command(lists.search),
    "music/browse": Command(lists.browse),
    "music/recommendations": Command(lists.get_recommendations),
    "music/recommendations/items": Command(
        lists.get_recommendation_items, since=lists.RECOMMENDATION_ITEMS_SINCE
    ),
    "music/recently_played_items": Command(lists.get_recently_played),
    "music/in_progress_items": Command(lists.get_in_progress),
    "music/favorites/add_item": _WRITE(changes.add_favorite),
    "music/favorites/remove_item": _WRITE(changes.remove_favorite),
    "music/library/add_item": _WRITE(changes.add_to_library),
    "music/library/remove_item": _WRITE(changes.remove_from_library),
    "music/playlists/create_playlist": _WRITE(changes.create_playlist),
    "music/playlists/add_playlist_tracks": _WRITE(changes.add_playlist_tracks),
    "music/playlists/remove_playlist_tracks": _WRITE(changes.remove_playlist_tracks),
    "music/mark_played": _WRITE(changes.add_play),
    "music/mark_unplayed": _WRITE(changes.remove_plays),
    "music/sync": _MANAGE(syncing.start_sync),
    "music/synctasks": Command(syncing.list_sync_tasks, until=TASKS_SINCE),
    "metadata/update_metadata": Command(changes.update_metadata),
    "metadata/set_default_preferred_language": Command(changes.set_language),
    "metadata/get_image_palette": Command(changes.get_image_palette, since=32),
    "metadata/get_track_lyrics": Command(changes.get_lyrics),
}
