"""Search by a description of the plugin `sonic_similarity` of newer servers.

Read in the public source of the server: the command, which is there while the text search of the
plugin is on, its scope and its answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from music_assistant_models.auth import Scope
from music_assistant_models.enums import MediaType
from music_assistant_models.errors import InvalidCommand

from .commands import Caller, Command

if TYPE_CHECKING:
    from .server import MassServer

# An assumption: which version brought the plugin isn't known.
TEXT_SEARCH_SINCE: Final = 84
TEXT_SEARCH: Final = "sonic_similarity/text_search"


def search_text(server: MassServer, caller: Caller, query: str, limit: int = 25) -> dict[str, Any]:
    """Return tracks by a description: those whose name has one of its words come first."""
    if not server.has_text_search:
        raise InvalidCommand(f"Invalid command: {TEXT_SEARCH}")
    if not server.has_analyzed_tracks:
        return {"analyzed": False, "reason": "clap_index_empty", "query": query, "items": []}
    words = set(query.casefold().split())
    tracks = sorted(
        server.library.get_library_items(MediaType.TRACK),
        key=lambda track: words.isdisjoint(track.name.casefold().split()),
    )
    mappings = [min(track.provider_mappings, key=str) for track in tracks[:limit]]
    return {
        "analyzed": True,
        "query": query,
        "items": [
            {
                "provider": mapping.provider_instance,
                "item_id": mapping.item_id,
                "distance": round(number / len(mappings), 4),
            }
            for number, mapping in enumerate(mappings)
        ],
    }


COMMANDS = {TEXT_SEARCH: Command(search_text, since=TEXT_SEARCH_SINCE, scope=Scope.LIBRARY_READ)}
