"""Requests in people's words, the calls of tools that should follow, and what these bring about.

The kitchen plays the fourth track of an album, and the user speaks there.
"""

from dataclasses import dataclass, field
from typing import Any, Final

type Call = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Request:
    """Represent a request: `results` are parts of the results, `commands` what the server got."""

    text: str
    calls: tuple[Call, ...]
    results: tuple[dict[str, Any], ...]
    commands: tuple[tuple[str, dict[str, Any]], ...] = field(default=())


PLAY: Final = "player_queues/play_media"
PLAYING: Final = {
    "player": "Küche",
    "state": "playing",
    "area": "Kitchen",
    "title": "Polite Postcard Underwater",
    "artist": "Élodie Marchvent",
    "album": "Lanterns at Low Tide",
    "volume_percent": 20,
}


def request(
    text: str,
    tool: str,
    arguments: dict[str, Any],
    result: dict[str, Any],
    command: str | None = None,
    **fields: Any,
) -> Request:
    """Return a request that one call follows."""
    commands = ((command, fields),) if command else ()
    return Request(text, ((tool, arguments),), (result,), commands)


REQUESTS: Final = (
    request(
        "Play Undertow Disco in the living room",
        "play",
        {"query": "Undertow Disco", "player": "living room"},
        {"player": "Living Room"},
        PLAY,
        queue_id="living_room",
    ),
    request("Put on some night jazz", "play", {"query": "Night Jazz", "media_type": "genre"},
            {"player": "Küche", "playing": "Night Jazz (genre)"}, PLAY, queue_id="kueche"),
    request("Play the album Lanterns at Low Tide by Élodie Marchvent", "play",
            {"query": "Lanterns at Low Tide", "artist": "Élodie Marchvent", "media_type": "album"},
            {"player": "Küche"}, PLAY, queue_id="kueche"),
    request("Shuffle my playlist Sunday Pancakes in the office", "play",
            {"query": "Sunday Pancakes", "media_type": "playlist", "shuffle": True, "player": "office"},
            {"player": "Büro", "playing": "Sunday Pancakes (playlist)"}, PLAY, queue_id="buero"),
    request("Play Harbour FM on Cinema", "play", {"query": "Harbour FM", "player": "Cinema"},
            {"player": "Cinema", "playing": "Harbour FM (radio)"}, PLAY),
    request("Play something by Papaya Static", "play",
            {"query": "Papaya Static", "media_type": "artist"},
            {"player": "Küche", "playing": "Papaya Static (artist)"}, PLAY, queue_id="kueche"),
    request("Play the podcast The Slow Map", "play",
            {"query": "The Slow Map", "media_type": "podcast"},
            {"playing": "The Slow Map (podcast)"}, PLAY, queue_id="kueche"),
    Request("Read me The Clockmaker's Orchard in the bedroom, at 15 percent and for half an hour",
            (("play", {"query": "The Clockmaker's Orchard", "media_type": "audiobook",
                       "player": "bedroom", "volume_percent": 15, "stop_after_minutes": 30}),),
            ({"player": "Bedroom"},),
            ((PLAY, {"queue_id": "bedroom"}),
             ("players/cmd/volume_set", {"player_id": "bedroom", "volume_level": 15}),
             ("players/sleep_timer/set", {"player_id": "bedroom", "seconds": 1800}))),
    request("Play Undertow Disco after this song", "play",
            {"query": "Undertow Disco", "enqueue": "next"},
            {"player": "Küche"}, PLAY, queue_id="kueche", option="next"),
    request("Add Dishwater Blues to the queue", "play",
            {"query": "Dishwater Blues", "enqueue": "add"},
            {"player": "Küche"}, PLAY, queue_id="kueche", option="add"),
    request("Play a radio of DJ Kelpforest", "play",
            {"query": "DJ Kelpforest", "media_type": "artist", "radio": True},
            {"playing": "DJ Kelpforest (artist)", "similar_music": True}, PLAY,
            media=["radio_playlist://playlist/library://artist/7"]),
    request("Play more like this", "play_similar", {}, {"player": "Küche", "similar_music": True},
            PLAY, media=["radio_playlist://playlist/library://track/4"]),
    request("What's playing?", "now_playing", {}, {"players": [PLAYING]}),
    request("What's on in the office?", "now_playing", {"player": "office"},
            {"players": [{"player": "Büro", "state": "idle", "area": "Office", "volume_percent": 40}]}),
    request("How loud is the kitchen?", "now_playing", {"player": "kitchen"},
            {"players": [PLAYING]}),
    request("What comes next?", "get_queue", {}, {"player": "Küche"}),
    request("What's in the queue of the living room?", "get_queue", {"player": "living room"},
            {"player": "Living Room", "items": []}),
    request("Play the sixth song of the queue", "change_queue", {"command": "play", "item": "6"},
            {"player": "Küche"}, "player_queues/play_index", queue_id="kueche"),
    request("Go to the song Crème de la brume", "change_queue", {"command": "play", "item": "Crème de la brume"},
            {"player": "Küche", "playing": "Crème de la brume"}, "player_queues/play_index"),
    request("Remove Northern Umbrella at Dawn from the queue", "change_queue",
            {"command": "remove", "item": "Northern Umbrella at Dawn"},
            {"player": "Küche", "removed": "Northern Umbrella at Dawn"}, "player_queues/delete_item"),
    request("Remove the seventh song", "change_queue", {"command": "remove", "item": "7"},
            {"player": "Küche"}, "player_queues/delete_item"),
    request("Clear the queue", "change_queue", {"command": "clear"},
            {"player": "Küche", "queue": "empty"}, "player_queues/clear", queue_id="kueche"),
    request("Save this queue as Dinner", "change_queue", {"command": "save", "name": "Dinner"},
            {"playlist": "Dinner"}, "music/playlists/create_playlist", name="Dinner"),
    request("Move the music to the living room", "transfer", {"to_player": "living room"},
            {"from": "Küche", "to": "Living Room"}, "player_queues/transfer",
            source_queue_id="kueche", target_queue_id="living_room"),
    request("Take the music from the kitchen to the office", "transfer",
            {"to_player": "office", "from_player": "kitchen"},
            {"from": "Küche", "to": "Büro"}, "player_queues/transfer",
            source_queue_id="kueche", target_queue_id="buero"),
    request("Play this in the living room, too", "group_players",
            {"players": ["kitchen", "living room"]},
            {"leader": "Küche", "members": ["Living Room"]}, "players/cmd/group_many"),
    request("Play the same music everywhere", "group_players", {"players": "all"},
            {"leader": "Küche"}, "players/cmd/group_many"),
    request("Group the office with the bedroom", "group_players", {"players": ["office", "bedroom"]},
            {"leader": "Büro", "members": ["Bedroom"]}, "players/cmd/group_many"),
    request("Take the garden out of the group", "ungroup_player", {"player": "Garden"},
            {"ungrouped": "Garden"}, "players/cmd/ungroup"),
    request("Turn the group on the patio to 40 percent", "set_group_volume",
            {"volume_percent": 40, "player": "Patio"},
            {"player": "Patio", "group_volume_percent": 40}, "players/cmd/group_volume",
            player_id="patio", volume_level=40),
    request("Turn the whole group down to 15", "set_group_volume", {"volume_percent": 15},
            {"player": "Küche", "group_volume_percent": 15}, "players/cmd/group_volume",
            volume_level=15),
    request("Stop the music in half an hour", "set_sleep_timer", {"minutes": 30},
            {"player": "Küche"}, "players/sleep_timer/set", player_id="kueche"),
    request("Turn the music in the bedroom off in an hour", "set_sleep_timer",
            {"minutes": 60, "player": "bedroom"}, {"player": "Bedroom"},
            "players/sleep_timer/set", player_id="bedroom"),
    request("Don't stop the music after all", "set_sleep_timer", {"minutes": 0},
            {"player": "Küche", "sleep_timer": "off"}, "players/sleep_timer/clear"),
    request("I love this song", "set_favorite", {}, {"favorite": True},
            "music/favorites/add_item", item="library://track/4"),
    request("Take this song out of my favourites", "set_favorite", {"favorite": False},
            {"favorite": False}, "music/item_by_uri"),
    request("Add this song to Rain on Tin", "add_to_playlist", {"playlist": "Rain on Tin"},
            {"playlist": "Rain on Tin", "added": 1}, "music/playlists/add_playlist_tracks"),
    request("Add the album Dishwater Blues to Running Late", "add_to_playlist",
            {"playlist": "Running Late", "query": "Dishwater Blues"},
            {"playlist": "Running Late", "added": 1}, "music/playlists/add_playlist_tracks"),
    Request("Make a playlist Party and add this song",
            (("create_playlist", {"name": "Party"}), ("add_to_playlist", {"playlist": "Party"})),
            ({"created": "Party"}, {"playlist": "Party", "added": 1}),
            (("music/playlists/create_playlist", {"name": "Party"}),
             ("music/playlists/add_playlist_tracks", {}))),
    request("What could I listen to?", "get_recommendations", {}, {}, "music/recommendations"),
)  # fmt: skip
