"""The browse tree of the providers and the rows of recommendations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import cast

from music_assistant_models.enums import MediaType, SortField
from music_assistant_models.media_items import (
    BrowseFolder,
    ItemMapping,
    MediaItem,
    MediaItemType,
    RecommendationFolder,
    UniqueList,
)

from .library import FILES, SOURCES, Library, Play, Source, mapping
from .music_listing import Listing

type Node = BrowseFolder | MediaItem

FOLDERS = {
    "artists": MediaType.ARTIST,
    "albums": MediaType.ALBUM,
    "tracks": MediaType.TRACK,
    "playlists": MediaType.PLAYLIST,
    "radios": MediaType.RADIO,
    "podcasts": MediaType.PODCAST,
    "audiobooks": MediaType.AUDIOBOOK,
}
ROW_LENGTH = 10


# Browsing


def browse(library: Library, path: str | None, visible: Sequence[str]) -> list[Node]:
    """Return what is behind a path: the providers, a provider's folders, a folder's items."""
    shown = [source for source in SOURCES if not visible or source.instance_id in visible]
    if not path or path == "root":
        return [_folder_of(source) for source in shown]
    provider, _, inner = path.partition("://")
    source = next((one for one in shown if provider in (one.instance_id, one.domain)), None)
    if source is None:
        return [_back("root", "library", "root")]
    return [_back_from(source, inner), *_inside(library, source, inner)]


def _folder_of(source: Source) -> BrowseFolder:
    address = f"{source.instance_id}://"
    return BrowseFolder(
        item_id="root", provider=source.domain, path=address, uri=address, name=source.name
    )


def _back(item_id: str, provider: str, path: str) -> BrowseFolder:
    return BrowseFolder(item_id=item_id, provider=provider, path=path, name="..")


def _back_from(source: Source, inner: str) -> BrowseFolder:
    """Return the way one level up."""
    if not inner:
        return _back("root", "library", "root")
    above = inner.rstrip("/").rpartition("/")[0]
    return _back("back", source.instance_id, f"{source.instance_id}://{above}")


def _inside(library: Library, source: Source, inner: str) -> Iterator[Node]:
    """Return the content of a provider's folder."""
    if source is FILES:
        return _files(library, inner)
    if not inner:
        return _kinds(library, source)
    kind = FOLDERS.get(inner)
    return (item for _, item in library.items_at(source) if item.media_type == kind)


def _kinds(library: Library, source: Source) -> Iterator[Node]:
    """Return a folder for each kind of items that a provider has."""
    present = {item.media_type for _, item in library.items_at(source)}
    return (
        _subfolder(source, name, name.capitalize())
        for name, kind in FOLDERS.items()
        if kind in present
    )


def _files(library: Library, inner: str) -> Iterator[Node]:
    """Return the folders, then the files, of a folder on disk."""
    prefix = f"{inner.strip('/')}/" if inner.strip("/") else ""
    folders: dict[str, None] = {}
    files: list[Node] = []
    for path, item in library.items_at(FILES):
        if item.media_type not in (MediaType.TRACK, MediaType.AUDIOBOOK):
            continue
        if path.startswith(prefix):
            name, deeper, _ = path[len(prefix) :].partition("/")
            if deeper:
                folders[name] = None
            else:
                files.append(item)
    yield from (_subfolder(FILES, f"{prefix}{name}", name) for name in folders)
    yield from files


def _subfolder(source: Source, inner: str, name: str) -> BrowseFolder:
    return BrowseFolder(
        item_id=inner,
        provider=source.instance_id,
        path=f"{source.instance_id}://{inner}",
        name=name,
        is_playable=source is FILES,
    )


# Playing again


def recently_played(
    library: Library, limit: int, passes: Callable[[Play], bool]
) -> list[ItemMapping]:
    """Return what was played, each item once, the last one first."""
    log = sorted(library.plays, key=lambda play: play.at, reverse=True)
    # A dict keeps the place of the first, so an item stands where it was played last.
    items = {play.item.uri: play.item for play in log if passes(play)}
    return [mapping(item) for item in islice(items.values(), limit)]


def in_progress(library: Library, limit: int) -> list[ItemMapping]:
    """Return the audiobooks and episodes that were begun."""
    begun = [
        item
        for item in (*library.items(MediaType.AUDIOBOOK), *_episodes(library))
        if getattr(item, "resume_position_ms", 0) and not getattr(item, "fully_played", False)
    ]
    return [mapping(item) for item in begun[:limit]]


def _episodes(library: Library) -> Iterator[MediaItem]:
    for podcast in library.items(MediaType.PODCAST):
        yield from library.children(podcast, MediaType.PODCAST_EPISODE)


# Recommendations


def _favorites(media_type: MediaType) -> Callable[[Library], Sequence[MediaItem]]:
    listing = Listing(favorite=True, limit=ROW_LENGTH)
    return lambda library: listing.page(library, library.items(media_type), SortField.SORT_NAME)


def _random(media_type: MediaType) -> Callable[[Library], Sequence[MediaItem]]:
    listing = Listing(sort_field=SortField.RANDOM, limit=ROW_LENGTH)
    return lambda library: listing.page(library, library.items(media_type))


def _newest(library: Library) -> Sequence[MediaItem]:
    listing = Listing(limit=ROW_LENGTH)
    return listing.page(library, library.items(MediaType.ALBUM), SortField.TIMESTAMP_ADDED)


ROWS: tuple[tuple[str, str, str, Callable[[Library], Sequence[MediaItem | ItemMapping]]], ...] = (
    ("in_progress", "In progress", "mdi-motion-play", lambda lib: in_progress(lib, ROW_LENGTH)),
    (
        "recently_played",
        "Recently played",
        "mdi-history",
        lambda lib: recently_played(lib, ROW_LENGTH, lambda play: True),
    ),
    ("recently_added_albums", "Recently added albums", "mdi-star", _newest),
    ("random_artists", "Random artists", "mdi-account-music", _random(MediaType.ARTIST)),
    ("random_albums", "Random albums", "mdi-album", _random(MediaType.ALBUM)),
    ("favorite_playlists", "Favorite playlists", "mdi-heart", _favorites(MediaType.PLAYLIST)),
    ("favorite_radio", "Favorite radio stations", "mdi-radio", _favorites(MediaType.RADIO)),
)


def recommendations(
    library: Library, visible: Callable[[MediaItem], bool]
) -> list[RecommendationFolder]:
    """Return the rows that have something to show."""
    rows = (
        (row_id, name, icon, [one for one in items(library) if visible(library.item(str(one.uri)))])
        for row_id, name, icon, items in ROWS
    )
    return [
        RecommendationFolder(
            item_id=row_id,
            provider="library",
            name=name,
            translation_key=row_id,
            icon=icon,
            items=UniqueList(cast("Sequence[MediaItemType | ItemMapping]", items)),
        )
        for row_id, name, icon, items in rows
        if items
    ]
