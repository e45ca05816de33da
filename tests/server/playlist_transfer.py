"""Export, import and migration of playlists, as newer servers have them.

The arguments are those of the client's sources beyond 1.7.0; files are in the format M3U8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from music_assistant_models.auth import Scope
from music_assistant_models.background_task import BackgroundTask
from music_assistant_models.enums import EventType, MediaType, PlaylistMatchPolicy
from music_assistant_models.errors import InvalidDataError
from music_assistant_models.media_items import Playlist, Track

from .commands import Caller, Command
from .library import get_uri
from .music_items import get_playlist

if TYPE_CHECKING:
    from .server import MassServer

TRANSFER_SINCE: Final = 84
_HEADER: Final = "#EXTM3U"
_NAME: Final = "#PLAYLIST:"


def export_playlist(server: MassServer, caller: Caller, db_playlist_id: str | int) -> str:
    """Return a playlist as a file."""
    playlist = get_playlist(server, db_playlist_id)
    tracks = cast("list[Track]", server.library.get_children(playlist, MediaType.TRACK))
    entries = [f"#EXTINF:{track.duration},{track.name}\n{track.uri}" for track in tracks]
    return "\n".join((_HEADER, f"{_NAME}{playlist.name}", *entries)) + "\n"


def import_playlist(
    server: MassServer,
    caller: Caller,
    m3u_data: str,
    match_providers: list[str] | None = None,
    match_policy: PlaylistMatchPolicy | None = None,
) -> Playlist:
    """Create a playlist from a file."""
    lines = m3u_data.splitlines()
    if _HEADER not in lines[:1]:
        raise InvalidDataError("Not a valid M3U playlist")
    name = next((line.removeprefix(_NAME) for line in lines if line.startswith(_NAME)), "Imported")
    uris = [line for line in lines if "://" in line and server.library.get(line)]
    return _create(server, caller, name, None, uris)


def _create(
    server: MassServer, caller: Caller, name: str, provider: str | None, uris: list[str]
) -> Playlist:
    made = server.library.create_playlist(name, provider, caller.user.username)
    server.library.add_to_playlist(made, uris)
    server.send_event(EventType.MEDIA_ITEM_ADDED, get_uri(made), made)
    return made


def migrate_playlist(  # noqa: PLR0917 - as on the server
    server: MassServer,
    caller: Caller,
    db_playlist_id: str | int,
    destination_provider: str = "builtin",
    name: str | None = None,
    match_policy: PlaylistMatchPolicy = PlaylistMatchPolicy.SAME_RECORDING,
) -> BackgroundTask:
    """Copy a playlist in a background task."""
    playlist = get_playlist(server, db_playlist_id)

    async def copy(task: BackgroundTask) -> None:
        tracks = server.library.get_children(playlist, MediaType.TRACK)
        uris = [get_uri(track) for track in tracks]
        _create(server, caller, name or playlist.name, destination_provider, uris)
        task.progress = 100

    return server.tasks.start_task(caller, f"Migrate {playlist.name}", copy)


COMMANDS = {
    "music/playlists/export_playlist": Command(
        export_playlist, since=TRANSFER_SINCE, scope=Scope.LIBRARY_READ
    ),
    "music/playlists/import_playlist": Command(
        import_playlist, since=TRANSFER_SINCE, scope=Scope.LIBRARY_WRITE
    ),
    "music/playlists/migrate_playlist": Command(
        migrate_playlist, since=TRANSFER_SINCE, scope=Scope.LIBRARY_WRITE
    ),
}
