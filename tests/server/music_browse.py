"""The browse tree of the providers, and the recommendations."""

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

from .library import BUILTIN, FILES, SOURCES, Library, PlayLogEntry, Provider, get_item_mapping
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
# Folders of the builtin provider that can be played.
PLAYABLE_BUILTIN_FOLDERS = frozenset({"tracks", "playlists"})
RECOMMENDATIONS_LIMIT = 10


# Browsing


def browse(library: Library, path: str | None, visible: Sequence[str]) -> list[Node]:
    """Return the content of a path: the providers, a provider's folders, a folder's items."""
    shown = [source for source in SOURCES if not visible or source.instance_id in visible]
    if not path or path == "root":
        return [_create_provider_folder(source) for source in shown]
    provider, _, inner = path.partition("://")
    source = next((one for one in shown if provider in (one.instance_id, one.domain)), None)
    if source is None:
        return [_create_back_folder("root", "library", "root")]
    return [_create_parent_folder(source, inner), *_browse_provider(library, source, inner)]


def _create_provider_folder(source: Provider) -> BrowseFolder:
    address = f"{source.instance_id}://"
    return BrowseFolder(
        item_id="root", provider=source.domain, path=address, uri=address, name=source.name
    )


def _create_back_folder(item_id: str, provider: str, path: str) -> BrowseFolder:
    return BrowseFolder(item_id=item_id, provider=provider, path=path, name="..")


def _create_parent_folder(source: Provider, inner: str) -> BrowseFolder:
    """Return the folder that leads one level up."""
    if not inner:
        return _create_back_folder("root", "library", "root")
    above = inner.rstrip("/").rpartition("/")[0]
    return _create_back_folder("back", source.instance_id, f"{source.instance_id}://{above}")


def _browse_provider(library: Library, source: Provider, inner: str) -> Iterator[Node]:
    """Return the content of a provider's folder."""
    if source is FILES:
        return _browse_files(library, inner)
    if not inner:
        return _create_type_folders(library, source)
    kind = FOLDERS.get(inner)
    return (item for _, item in library.get_provider_items(source) if item.media_type == kind)


def _create_type_folders(library: Library, source: Provider) -> Iterator[Node]:
    """Return a folder for each media type that a provider has.

    Those of the builtin provider have no names, as in the recording 18_browse.
    """
    present = {item.media_type for _, item in library.get_provider_items(source)}
    return (
        _create_subfolder(source, name, "" if source is BUILTIN else name.capitalize())
        for name, kind in FOLDERS.items()
        if kind in present
    )


def _browse_files(library: Library, inner: str) -> Iterator[Node]:
    """Return the folders, then the files, of a folder on disk."""
    prefix = f"{inner.strip('/')}/" if inner.strip("/") else ""
    folders: dict[str, None] = {}
    files: list[Node] = []
    for path, item in library.get_provider_items(FILES):
        if item.media_type not in (MediaType.TRACK, MediaType.AUDIOBOOK):
            continue
        if path.startswith(prefix):
            name, deeper, _ = path[len(prefix) :].partition("/")
            if deeper:
                folders[name] = None
            else:
                files.append(item)
    yield from (_create_subfolder(FILES, f"{prefix}{name}", name) for name in folders)
    yield from files


def _create_subfolder(source: Provider, inner: str, name: str) -> BrowseFolder:
    """Return a folder in a provider's folder."""
    return BrowseFolder(
        item_id=inner,
        provider=source.instance_id,
        path=f"{source.instance_id}://{inner}",
        name=name,
        translation_key=None if name else inner,
        is_playable=source is FILES or inner in PLAYABLE_BUILTIN_FOLDERS,
    )


# Playing again


def get_recently_played(
    library: Library, limit: int, passes: Callable[[PlayLogEntry], bool]
) -> list[ItemMapping]:
    """Return the played items, each once, the last one first."""
    log = sorted(library.plays, key=lambda play: play.at, reverse=True)
    # A dict keeps the place of the first, so an item stands where it was played last.
    items = {play.item.uri: play.item for play in log if passes(play)}
    return [get_item_mapping(item) for item in islice(items.values(), limit)]


def get_in_progress(library: Library, limit: int) -> list[ItemMapping]:
    """Return the audiobooks and episodes that were begun."""
    begun = [
        item
        for item in (*library.get_library_items(MediaType.AUDIOBOOK), *_get_episodes(library))
        if getattr(item, "resume_position_ms", 0) and not getattr(item, "fully_played", False)
    ]
    return [get_item_mapping(item) for item in begun[:limit]]


def _get_episodes(library: Library) -> Iterator[MediaItem]:
    for podcast in library.get_library_items(MediaType.PODCAST):
        yield from library.get_children(podcast, MediaType.PODCAST_EPISODE)


# Recommendations


def _get_favorites(media_type: MediaType) -> Callable[[Library], Sequence[MediaItem]]:
    listing = Listing(favorite=True, limit=RECOMMENDATIONS_LIMIT)
    return lambda library: listing.get_page(
        library, library.get_library_items(media_type), SortField.SORT_NAME
    )


def _get_random_items(media_type: MediaType) -> Callable[[Library], Sequence[MediaItem]]:
    listing = Listing(sort_field=SortField.RANDOM, limit=RECOMMENDATIONS_LIMIT)
    return lambda library: listing.get_page(library, library.get_library_items(media_type))


def _get_newest_albums(library: Library) -> Sequence[MediaItem]:
    listing = Listing(limit=RECOMMENDATIONS_LIMIT)
    return listing.get_page(
        library, library.get_library_items(MediaType.ALBUM), SortField.TIMESTAMP_ADDED
    )


ROWS: tuple[tuple[str, str, str, Callable[[Library], Sequence[MediaItem | ItemMapping]]], ...] = (
    (
        "in_progress",
        "In progress",
        "mdi-motion-play",
        lambda lib: get_in_progress(lib, RECOMMENDATIONS_LIMIT),
    ),
    (
        "recently_played",
        "Recently played",
        "mdi-history",
        lambda lib: get_recently_played(lib, RECOMMENDATIONS_LIMIT, lambda play: True),
    ),
    ("recently_added_albums", "Recently added albums", "mdi-star", _get_newest_albums),
    ("random_artists", "Random artists", "mdi-account-music", _get_random_items(MediaType.ARTIST)),
    ("random_albums", "Random albums", "mdi-album", _get_random_items(MediaType.ALBUM)),
    ("favorite_playlists", "Favorite playlists", "mdi-heart", _get_favorites(MediaType.PLAYLIST)),
    ("favorite_radio", "Favorite radio stations", "mdi-radio", _get_favorites(MediaType.RADIO)),
)


def get_recommendations(
    library: Library, visible: Callable[[MediaItem], bool]
) -> list[RecommendationFolder]:
    """Return the rows that aren't empty."""
    rows = (
        (
            row_id,
            name,
            icon,
            [one for one in items(library) if visible(library.get_item(str(one.uri)))],
        )
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
