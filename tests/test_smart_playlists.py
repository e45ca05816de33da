"""Actions for playlists that follow rules."""

from typing import Any

from music_assistant_models.enums import MediaType
from music_assistant_models.media_items import Artist, Track
import pytest

from custom_components.music_assistant.media.smart_playlists import describe_rules
from homeassistant.exceptions import ServiceValidationError

from .action_helpers import (
    REFUSALS,
    call_server_action,
    expect_command_timeout,
    expect_error,
    get_playable_uris,
    get_sent_arguments,
)
from .common import Harness
from .server import MassServer
from .server.smart_playlists import PLUGIN

CREATE, UPDATE = "smart_playlists/create", "smart_playlists/update_rules"
NEW = pytest.mark.parametrize("schema_version", [46, 98])
EACH = pytest.mark.parametrize(
    ("action", "data", "command"),
    [
        ("create_smart_playlist", {"name": "New"}, CREATE),
        ("update_smart_playlist", {"playlist": "Mix", "limit": 5}, UPDATE),
        ("get_smart_playlist", {"playlist": "Mix"}, "smart_playlists/get_rules"),
        ("preview_smart_playlist", {"limit": 5}, "smart_playlists/count_tracks"),
    ],
)


async def create(harness: Harness, **rules: Any) -> dict[str, Any]:
    """Create the playlist Mix, and return the response."""
    response: dict[str, Any] = await call_server_action(
        harness, "create_smart_playlist", None, name="Mix", **rules
    )
    return response


async def get(harness: Harness) -> dict[str, Any]:
    """Return the playlist Mix."""
    response: dict[str, Any] = await call_server_action(
        harness, "get_smart_playlist", None, playlist="Mix"
    )
    return response


def get_first_artist(server: MassServer) -> Artist:
    """Return an artist of the library."""
    artist = next(iter(server.library.get_library_items(MediaType.ARTIST)))
    assert isinstance(artist, Artist)
    return artist


@EACH
@REFUSALS
async def test_server_errors(
    harness: Harness,
    server: MassServer,
    *,
    action: str,
    data: dict[str, Any],
    command: str,
    code: int,
    key: str,
) -> None:
    """The server's errors are translated."""
    await create(harness)
    server.faults.fail_command(command, code, f"Invalid command: {command}")
    await expect_error(key, call_server_action(harness, action, None, **data))


@EACH
async def test_command_timeout(
    harness: Harness, server: MassServer, *, action: str, data: dict[str, Any], command: str
) -> None:
    """A server that doesn't answer is an error after the timeout."""
    await create(harness)
    await expect_command_timeout(server, command, call_server_action(harness, action, None, **data))


@pytest.mark.parametrize("schema_version", [29])
@EACH
async def test_older_server(
    harness: Harness, server: MassServer, *, action: str, data: dict[str, Any], command: str
) -> None:
    """A server without the plugin is asked nothing."""
    before = len(server.commands)
    await expect_error(
        "no_smart_playlists",
        call_server_action(harness, action, None, artist="X", **data)
        if action != "get_smart_playlist"
        else call_server_action(harness, action, None, **data),
    )
    assert server.commands[before:] == []
    assert command.startswith("smart_playlists/")


async def test_server_without_the_plugin(harness: Harness, server: MassServer) -> None:
    """A plugin that is turned off is noticed."""
    server.broken.fail_provider(PLUGIN)
    await harness.wait_for_events()
    await expect_error("no_smart_playlists", create(harness))


@NEW
async def test_create(harness: Harness, server: MassServer) -> None:
    """A playlist is created from plain fields, with the tracks that follow them."""
    artist = get_first_artist(server)
    genre = next(iter(server.library.get_library_items(MediaType.GENRE)))
    response = await create(
        harness,
        artist=artist.name.upper(),
        exclude_genre=[genre.uri],
        year_from=1950,
        explicit=False,
        not_played_days=30,
        album_type=["album", "ep"],
        match="any",
        limit=7,
        dynamic=False,
    )
    (sent,) = get_sent_arguments(server, CREATE)
    assert sent == {
        "name": "Mix",
        "is_dynamic": False,
        "rules": {
            "artist_ids": [int(artist.item_id)],
            "artist_names": {artist.item_id: artist.name},
            "excluded_genre_ids": [int(genre.item_id)],
            "excluded_genre_names": {genre.item_id: genre.name},
            "year_from": 1950,
            "explicit": False,
            "last_played_before_value": 30,
            "last_played_before_unit": "days",
            "album_types": ["album", "ep"],
            "logic": "OR",
            "limit": 7,
        },
    }
    rules = {
        "artist": [artist.name],
        "exclude_genre": [genre.name],
        "year_from": 1950,
        "explicit": False,
        "not_played_days": 30,
        "album_type": ["album", "ep"],
        "match": "any",
        "limit": 7,
    }
    assert (response["playlist"]["name"], response["dynamic"]) == ("Mix", False)
    assert response["rules"] == rules
    assert (await get(harness))["rules"] == rules


@NEW
async def test_update(harness: Harness, server: MassServer) -> None:
    """Rules that aren't given stay, and named ones are taken away."""
    artist = get_first_artist(server)
    made = await create(harness, artist=artist.name, favorites_only=True, year_to=1999, limit=7)
    response = await call_server_action(
        harness,
        "update_smart_playlist",
        None,
        playlist="mix",
        remove_rules=["favorites_only", "year_to", "not_played_days", "match"],
        min_duration=1,
    )
    rules = {"artist": [artist.name], "min_duration": 1, "limit": 7, "match": "all"}
    assert response["rules"] == rules == (await get(harness))["rules"]
    assert made["playlist"]["uri"] == response["playlist"]["uri"]
    tracks = server.library.get_children(artist, MediaType.TRACK)
    assert (
        get_playable_uris(server, made["playlist"]["uri"])
        == [track.uri for track in tracks if track.provider == "library"][:7]
    )
    response = await call_server_action(
        harness, "update_smart_playlist", None, playlist="Mix", remove_rules=["artist", "limit"]
    )
    assert response["rules"] == {"min_duration": 1, "limit": 100, "match": "all"}


async def test_preview(harness: Harness, server: MassServer) -> None:
    """A preview counts without creating anything, and whatever the limit."""
    tracks = [*server.library.get_library_items(MediaType.TRACK)]
    seconds = sum(track.duration or 0 for track in tracks if isinstance(track, Track))
    response = await call_server_action(harness, "preview_smart_playlist", None, limit=3)
    assert response == {"count": min(len(tracks), 2000), "duration": seconds}
    assert not get_sent_arguments(server, CREATE)


async def test_similar_music(harness: Harness, server: MassServer) -> None:
    """Music can be given by its name or URI."""
    artist = get_first_artist(server)
    response = await create(harness, similar_to=["library://track/1", artist.uri])
    assert response["rules"]["similar_to"] == ["library://track/1", artist.uri]
    (sent,) = get_sent_arguments(server, CREATE)
    assert sent["rules"]["seed_track_uris"] == ["library://track/1"]
    assert sent["rules"]["seed_names"][artist.uri] == artist.name


@pytest.mark.parametrize(
    ("rules", "key"),
    [
        ({"artist": "Nobody at all"}, "not_in_library"),
        ({"artist": "library://album/1"}, "not_in_library"),
        ({"genre": "library://genre/9999"}, "media_not_found"),
        ({"similar_to": "library://radio/1"}, "not_similar_to"),
        ({"similar_to": "Nobody at all"}, "nothing_found"),
        ({"year_from": 2000, "year_to": 1999}, "rule_range"),
        ({"min_duration": 2, "max_duration": 1}, "rule_range"),
    ],
)
async def test_bad_rules(
    harness: Harness, server: MassServer, rules: dict[str, Any], key: str
) -> None:
    """Rules that can't be are an error before anything is created or changed."""
    await expect_error(key, create(harness, **rules))
    assert not get_sent_arguments(server, CREATE)


async def test_range_with_former_rule(harness: Harness, server: MassServer) -> None:
    """The rules that stay count as well."""
    await create(harness, year_to=1999)
    data = {"playlist": "Mix", "year_from": 2000}
    await expect_error(
        "rule_range", call_server_action(harness, "update_smart_playlist", None, **data)
    )
    assert not get_sent_arguments(server, UPDATE)


async def test_several_of_one_name(harness: Harness, server: MassServer) -> None:
    """Of several with one name, one has to be chosen by its URI."""
    first, second = [*server.library.get_library_items(MediaType.ALBUM)][:2]
    second.name = first.name
    choices = ", ".join(sorted((str(first.uri), str(second.uri))))
    await expect_error("several_in_library", create(harness, album=first.name), choices=choices)
    assert (await create(harness, album=first.uri))["rules"]["album"] == [first.name]


async def test_playlist_without_rules(harness: Harness) -> None:
    """Other playlists have no rules."""
    data = {"playlist": "library://playlist/1"}
    await expect_error(
        "not_a_smart_playlist", call_server_action(harness, "get_smart_playlist", None, **data)
    )


@pytest.mark.parametrize(
    "data",
    [
        {"limit": 0},
        {"limit": 2001},
        {"year_from": "soon"},
        {"match": "most"},
        {"similar_to": ["library://track/1"] * 11},
        {"min_popularity": 101},
        {"album_type": "box"},
    ],
)
async def test_invalid_fields(harness: Harness, data: dict[str, Any]) -> None:
    """Fields out of their range are refused."""
    with pytest.raises(ServiceValidationError):
        await create(harness, **data)


@pytest.mark.parametrize(
    ("value", "unit", "days"),
    [(36, "hours", 2), (3, "days", 3), (2, "weeks", 14), (2, "months", 60), (4, None, 4)],
)
def test_units(value: int, unit: str | None, days: int) -> None:
    """Rules of the server's own frontend are shown in days."""
    rules = {"last_played_before_value": value, "last_played_before_unit": unit, "artist_ids": [7]}
    assert describe_rules(rules) == {"not_played_days": days, "match": "all", "artist": ["7"]}
