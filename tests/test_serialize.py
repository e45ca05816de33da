"""Models as action responses: what the built-in integration says, with pictures that are there."""

from collections.abc import Mapping
from typing import Any

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import ContentType, ImageType, MediaType, QueueOption
from music_assistant_models.media_items import AudioFormat, MediaItemImage
from music_assistant_models.streamdetails import StreamDetails
from music_assistant_models.unique_list import UniqueList
import pytest
from yarl import URL

from custom_components.music_assistant.media.serialize import Serializer
from homeassistant.components.music_assistant.schemas import (
    media_item_dict_from_mass_item,
    queue_item_dict_from_mass_item,
)

from .common import Harness, set_attributes
from .server import MassServer

KINDS = ("artist", "album", "track", "playlist", "radio", "podcast", "audiobook", "genre")
ELSEWHERE = URL("https://example.com/ma/")


@pytest.fixture(params=[29, 46])
def schema_version(request: pytest.FixtureRequest) -> int:
    """Return each schema version that has its own addresses of pictures."""
    version: int = request.param
    return version


@pytest.fixture
def mass(harness: Harness) -> MusicAssistantClient:
    """Return a client that is connected."""
    return harness.coordinator.mass


@pytest.fixture
def serializer(mass: MusicAssistantClient) -> Serializer:
    """Return a serializer for a server that is reached at another address than it believes."""
    return Serializer(mass, ELSEWHERE, lambda item: f"/picture/{item.name}")


def replace_images(value: Any) -> Any:
    """Return a response with True for each image URL."""
    if isinstance(value, list):
        return [replace_images(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    return {
        key: each is not None if key.endswith("image") else replace_images(each)
        for key, each in value.items()
    }


def find_images(value: Any) -> set[str]:
    """Return all image URLs of a response."""
    if isinstance(value, list):
        return {url for each in value for url in find_images(each)}
    if not isinstance(value, Mapping):
        return set()
    own = {each for key, each in value.items() if key.endswith("image") and each}
    return own | find_images(list(value.values()))


async def test_items(
    mass: MusicAssistantClient, serializer: Serializer, server: MassServer
) -> None:
    """Each type of item has the built-in integration's keys, in plain types."""
    for kind, extra in (("album", ImageType.DISCART), ("artist", ImageType.FANART)):
        metadata = server.library.get_item(f"library://{kind}/1").metadata
        image = MediaItemImage(type=extra, path=f"{kind}.jpg", provider="builtin")
        metadata.images = UniqueList([*(metadata.images or ()), image])
    for number in range(1, 4):
        for kind in KINDS:
            item = await mass.music.get_item_by_uri(f"library://{kind}/{number}")
            ours, theirs = (
                serializer.serialize_item(item),
                media_item_dict_from_mass_item(mass, item),
            )
            assert replace_images(ours) == replace_images(theirs)
            assert type(ours["media_type"]) is str
            assert all(url.startswith(str(ELSEWHERE)) for url in find_images(ours))
            if number == 1 and kind in ("album", "artist"):
                extra_image = ours[{"album": "discart_image", "artist": "fanart_image"}[kind]]
                assert extra_image not in (None, ours["image"])


async def test_search_results(mass: MusicAssistantClient, serializer: Serializer) -> None:
    """Each media type has its list, even if it is empty."""
    tracks = await mass.music.get_library_tracks(limit=2)
    response = serializer.serialize_search_results({"tracks": tracks})
    assert [hit["uri"] for hit in response["tracks"]] == [track.uri for track in tracks]
    assert {kind for kind, hits in response.items() if not hits} == {
        *("artists", "albums", "playlists", "radio", "audiobooks", "podcasts", "genres")
    }


@pytest.mark.parametrize("kind", ["track", "radio", "podcast"])
async def test_queue_items(
    harness: Harness, server: MassServer, serializer: Serializer, kind: str
) -> None:
    """A playing queue item has the details of its stream, if they are known."""
    queue = server.queues["kueche"]
    server.playback.add_items(
        queue, server.library.get_playable_items(f"library://{kind}/1"), QueueOption.REPLACE
    )
    await harness.wait_for_events()
    mirrored = harness.coordinator.mass.player_queues.get("kueche")
    assert mirrored and mirrored.current_item
    item = mirrored.current_item
    for details in (
        None,
        create_stream_details(bit_rate=None),
        create_stream_details(bit_rate=320),
    ):
        with set_attributes(item, streamdetails=details):
            ours = serializer.serialize_queue_item(item)
            theirs = queue_item_dict_from_mass_item(harness.coordinator.mass, item)
        # there the schema adds what is missing
        assert replace_images(ours) == replace_images({"stream_title": None, **(theirs or {})})
        assert ours and ("stream_details" in ours) is (details is not None)
    with set_attributes(item, media_item=None):
        assert (serializer.serialize_queue_item(item) or {})["media_item"] is None
    assert serializer.serialize_queue_item(None) is None


def create_stream_details(bit_rate: int | None) -> StreamDetails:
    """Return the details of a stream."""
    return StreamDetails(
        provider="builtin",
        item_id="1",
        audio_format=AudioFormat(content_type=ContentType.MP3, bit_rate=bit_rate),
        media_type=MediaType.RADIO,
    )


async def test_invalid_images(mass: MusicAssistantClient, serializer: Serializer) -> None:
    """Without a valid image address there is no image."""
    item = await mass.music.get_item_by_uri("library://radio/1")
    broken = MediaItemImage(
        type=ImageType.THUMB, path="http://[", provider="x", remotely_accessible=True
    )
    for images in (None, UniqueList([broken])):
        item.metadata.images = images  # type: ignore[union-attr]
        assert serializer.serialize_item(item)["image"] is None
