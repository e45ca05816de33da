"""Commands for single items: by id, by uri, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from music_assistant_models.auth import Scope
from music_assistant_models.enums import MediaType
from music_assistant_models.errors import (
    InsufficientPermissions,
    InvalidDataError,
    InvalidProviderURI,
    MediaNotFoundError,
    UserNotFoundError,
)
from music_assistant_models.media_items import (
    BrowseFolder,
    MediaItem,
    MediaItemTranscriptCue,
    Playlist,
)

from .commands import Caller
from .library import LIBRARY, parse_uri
from .music_listing import has_provider, normalize, sort_matches

if TYPE_CHECKING:
    from .server import MassServer


type Handler = Callable[..., Any]


# Finding items


def get_library_item_or_raise(
    server: MassServer, media_type: MediaType, item_id: str | int
) -> MediaItem:
    """Return an item of the library; raises if there is none."""
    return find_item_or_raise(server, media_type, str(item_id), LIBRARY)


def find_item_or_raise(
    server: MassServer, media_type: MediaType, item_id: str, provider: str
) -> MediaItem:
    """Return an item of the library or a provider; raises if there is none."""
    if (item := server.library.find_item(media_type, item_id, provider)) is None:
        raise MediaNotFoundError(f"{media_type.value} {provider}/{item_id} not found")
    return item


def resolve_item(server: MassServer, item: str | dict[str, Any]) -> MediaItem:
    """Return the item for a uri or an item from a client."""
    uri = item.get("uri") if isinstance(item, dict) else item
    if not isinstance(uri, str):
        raise InvalidDataError("Expected an item or its uri")
    return get_item_at(server, uri)


def get_item_at(server: MassServer, uri: str) -> MediaItem:
    """Return the item of a uri; the error for a wrong uri and an unknown item differs."""
    media_type, provider, item_id = parse_uri(uri)
    return find_item_or_raise(server, media_type, item_id, provider)


def get_playlist(server: MassServer, item_id: str | int) -> Playlist:
    """Return a playlist of the library."""
    return cast("Playlist", get_library_item_or_raise(server, MediaType.PLAYLIST, item_id))


def can_see_item(caller: Caller, item: MediaItem) -> bool:
    """Return whether one of the caller's providers has an item."""
    allowed = caller.user.provider_filter
    return not allowed or has_provider(item, allowed)


def get_play_log_user(server: MassServer, caller: Caller, userid: str | None) -> str:
    """Return the id of the user whose play log is meant."""
    if not userid or userid in (caller.user.user_id, caller.user.username):
        return caller.user.user_id
    if not caller.has_scope(Scope.USERS_IMPERSONATE):
        raise InsufficientPermissions("The users.impersonate scope is required")
    if (user := server.accounts.find_user(userid)) is None:
        raise UserNotFoundError(f"User {userid} not found")
    return user.user_id


# One item


def build_get_handler(media_type: MediaType) -> Handler:
    """Return the handler that gets one item."""

    def handler(
        server: MassServer, caller: Caller, item_id: str | int, provider_instance_id_or_domain: str
    ) -> MediaItem:
        return find_item_or_raise(server, media_type, str(item_id), provider_instance_id_or_domain)

    return handler


def get_item(
    server: MassServer,
    caller: Caller,
    media_type: MediaType,
    item_id: str | int,
    provider_instance_id_or_domain: str,
) -> MediaItem | BrowseFolder:
    """Return one item; a folder becomes the item of its name."""
    if media_type == MediaType.FOLDER:
        provider = provider_instance_id_or_domain
        return BrowseFolder(item_id=str(item_id), provider=provider, name=str(item_id))
    return find_item_or_raise(server, media_type, str(item_id), provider_instance_id_or_domain)


def get_library_item(
    server: MassServer,
    caller: Caller,
    media_type: MediaType,
    item_id: str | int,
    provider_instance_id_or_domain: str,
) -> MediaItem | None:
    """Return the library's item for a provider's item, if there is one."""
    found = server.library.find_item(media_type, str(item_id), provider_instance_id_or_domain)
    return found if found and found.provider == LIBRARY else None


def get_item_by_uri(server: MassServer, caller: Caller, uri: str) -> MediaItem | BrowseFolder:
    """Return the item of a uri."""
    media_type, provider, item_id = parse_uri(uri)
    return get_item(server, caller, media_type, item_id, provider)


def verify_item_uri(server: MassServer, caller: Caller, uri: str) -> bool:
    """Return whether a uri has an item that the caller can see."""
    try:
        return can_see_item(caller, get_item_at(server, uri))
    except MediaNotFoundError, InvalidProviderURI:
        return False


def get_item_by_name(
    server: MassServer,
    caller: Caller,
    *,
    name: str,
    artist: str | None = None,
    album: str | None = None,
    media_type: MediaType | None = None,
) -> MediaItem | None:
    """Return the item of a name: of the library first, playlists before tracks."""
    kinds = [media_type] if media_type and media_type in _BY_NAME else _BY_NAME
    named = [
        found
        for kind in kinds
        for found in sort_matches(server.library.get_all_items(kind), name)
        if can_see_item(caller, found)
        and _is_by_artist(found, artist)
        and _is_on_album(found, album)
    ]
    exact = [found for found in named if normalize(found.name) == normalize(name)]
    return next(iter(exact or named), None)


_BY_NAME = [
    MediaType.PLAYLIST,
    MediaType.RADIO,
    MediaType.TRACK,
    MediaType.ALBUM,
    MediaType.ARTIST,
    MediaType.AUDIOBOOK,
    MediaType.PODCAST,
    MediaType.GENRE,
]


def _is_by_artist(found: MediaItem, artist: str | None) -> bool:
    artists = getattr(found, "artists", None)
    return not artist or not artists or any(normalize(x.name) == normalize(artist) for x in artists)


def _is_on_album(found: MediaItem, album: str | None) -> bool:
    on = getattr(found, "album", None)
    return not album or not on or normalize(on.name) == normalize(album)


def get_track_by_name(
    server: MassServer,
    caller: Caller,
    *,
    track_name: str,
    artist_name: str | None = None,
    album_name: str | None = None,
    track_version: str | None = None,
) -> MediaItem | None:
    """Return the track of a name."""
    named = [
        found
        for found in server.library.get_all_items(MediaType.TRACK)
        if normalize(found.name) == normalize(track_name)
        and can_see_item(caller, found)
        and _is_by_artist(found, artist_name)
        and _is_on_album(found, album_name)
        and (not track_version or normalize(found.version) == normalize(track_version))
    ]
    return next(iter(named), None)


def refresh_item(
    server: MassServer, caller: Caller, media_item: str | dict[str, Any]
) -> MediaItem | None:
    """Return the item again, or one of the same name if it is gone."""
    try:
        return resolve_item(server, media_item)
    except MediaNotFoundError:
        if not isinstance(media_item, dict):
            return None
        media_type = MediaType(media_item["media_type"])
        return get_item_by_name(server, caller, name=media_item["name"], media_type=media_type)


def get_preview_url(
    server: MassServer, caller: Caller, provider_instance_id_or_domain: str, item_id: str
) -> str:
    """Return the address of a short sample, the provider's own if it has one."""
    track = find_item_or_raise(server, MediaType.TRACK, item_id, provider_instance_id_or_domain)
    query = f"provider={provider_instance_id_or_domain}&item_id={quote(item_id)}"
    return track.metadata.preview or f"{server.base_url}/preview?{query}"


def get_transcript(
    server: MassServer, caller: Caller, item_id: str, provider_instance_id_or_domain: str
) -> tuple[str | None, list[MediaItemTranscriptCue] | None]:
    """Return the transcript of an episode: as text, and with times."""
    metadata = find_item_or_raise(
        server, MediaType.PODCAST_EPISODE, item_id, provider_instance_id_or_domain
    ).metadata
    return metadata.transcript, metadata.transcript_cues
