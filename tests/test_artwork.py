"""Artwork: where pictures are."""

import re
from urllib.parse import unquote

from music_assistant_models.enums import ImageType
from music_assistant_models.media_items import MediaItemImage
import pytest
from yarl import URL

from custom_components.music_assistant.media.artwork import (
    PATH,
    address_of,
    image_address,
    picture_url,
    signed_path,
)

SERVER = URL("http://192.168.1.5:8095")
BEHIND_PROXY = URL("https://example.com/ma")
# A path as servers have them, with all that goes wrong when it is encoded once too often or
# too seldom.
FILE = "/music/Ä & B/100% #1?/cover 1.jpg"


def an_image(
    path: str = FILE, *, proxy_id: str | None = None, remote: bool = False
) -> MediaItemImage:
    """Return an image of a provider whose name has to be encoded, too."""
    return MediaItemImage(
        type=ImageType.THUMB,
        path=path,
        provider="files--a&b",
        remotely_accessible=remote,
        proxy_id=proxy_id,
    )


@pytest.mark.parametrize(
    ("image", "schema", "expected"),
    [
        (an_image("https://a.b/c.jpg", remote=True), 29, "https://a.b/c.jpg"),
        (an_image("https://a.b/c.jpg", remote=True, proxy_id="id"), 98, "https://a.b/c.jpg"),
        (an_image(proxy_id="id"), 31, "imageproxy/id"),
        (an_image(proxy_id="id"), 98, "imageproxy/id"),
        (an_image("a/b", proxy_id="id"), 30, "imageproxy?path=a%252Fb&provider=files--a%26b"),
        (an_image("a/b"), 31, "imageproxy?path=a%252Fb&provider=files--a%26b"),
    ],
)
def test_image_address(image: MediaItemImage, schema: int, expected: str) -> None:
    """An image is at its origin, at its id, or at its path."""
    assert image_address(image, schema) == expected


def test_path_survives() -> None:
    """After the server has decoded it twice, the path is as it was."""
    url = URL(f"{SERVER}/{image_address(an_image(), 29)}", encoded=True)
    assert unquote(url.query["path"]) == FILE
    assert url.query["provider"] == "files--a&b"


@pytest.mark.parametrize(
    ("server", "base"),
    [
        (SERVER, "http://192.168.1.5:8095"),
        (BEHIND_PROXY, "https://example.com/ma"),
        (URL("https://example.com/ma/"), "https://example.com/ma"),
        (URL("http://[fd00::5]:8095"), "http://[fd00::5]:8095"),
    ],
)
@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("imageproxy/id", "imageproxy/id?size=512"),
        ("/imageproxy/id", "imageproxy/id?size=512"),
        ("http://172.17.0.2:8095/imageproxy/id?size=0", "imageproxy/id?size=512"),
        ("http://mass.local/base/imageproxy/id?size=0&fmt=png", "imageproxy/id?fmt=png&size=512"),
        ("https://example.com/ma/imageproxy/id", "imageproxy/id?size=512"),
        # not one byte of a path may change
        (
            "http://x/imageproxy?path=a%252Fb%2520%25C3%2584+c%2526&provider=p&size=0",
            "imageproxy?path=a%252Fb%2520%25C3%2584+c%2526&provider=p&size=512",
        ),
        ("imageproxy?path=a%252Fb&provider=p", "imageproxy?path=a%252Fb&provider=p&size=512"),
    ],
)
def test_pictures_of_the_server(server: URL, base: str, address: str, expected: str) -> None:
    """A picture of the server comes from where it was configured, whatever it believes."""
    assert str(picture_url(address, server)) == f"{base}/{expected}"


@pytest.mark.parametrize(
    "address",
    [
        "https://cdn.example.com/a%2Fb/cover.jpg?size=300&x=%2F",
        "https://cdn.example.com/myimageproxy/1.jpg",
        "https://images.example.com/?url=http://x/imageproxy/id",
    ],
)
def test_pictures_of_others(address: str) -> None:
    """A picture of someone else comes from there, as it is."""
    assert str(picture_url(address, SERVER)) == address


def test_address_with_spaces() -> None:
    """What isn't encoded gets it."""
    url = picture_url("https://cdn.example.com/a b/ä.jpg", SERVER)
    assert str(url) == "https://cdn.example.com/a%20b/%C3%A4.jpg"


@pytest.mark.parametrize(
    "address",
    [
        "http://[fd00::5/a.jpg",
        "http://[/ä.jpg",
        "a.jpg",
        "data:image/png;base64,AA",
        "//cdn.example.com/a.jpg",
        "file:///a.jpg",
    ],
)
def test_no_address(address: str) -> None:
    """What can't be an address is no picture, and no error."""
    assert picture_url(address, SERVER) is None


def test_size() -> None:
    """A size can be asked for."""
    assert str(picture_url("imageproxy/id", SERVER, 64)).endswith("/imageproxy/id?size=64")


# Through Home Assistant


@pytest.mark.parametrize("address", ["imageproxy/id", "https://cdn.example.com/ä b.jpg?x=1&y=%2F"])
def test_signed_path(address: str) -> None:
    """A path of ours is always the same, harmless to proxies, and read as it was written."""
    path = signed_path("entry", address, 256)
    assert path == signed_path("entry", address, 256)
    assert path.startswith(f"{PATH}/entry/256/")
    assert re.fullmatch(r"[/\w-]+", path)
    *_, signature, packed = path.split("/")
    assert address_of("entry", 256, signature, packed) == address


@pytest.mark.parametrize(
    ("entry_id", "size", "address"),
    [("other", 256, "imageproxy/id"), ("entry", 512, "imageproxy/id"), ("entry", 256, "x")],
)
def test_forged_path(entry_id: str, size: int, address: str) -> None:
    """A signature holds for one picture of one server in one size."""
    *_, signature, packed = signed_path("entry", "imageproxy/id", 256).split("/")
    *_, theirs = signed_path("entry", address, 256).split("/")
    assert address_of(entry_id, size, signature, theirs) is None
    assert address_of("entry", 256, "0" * len(signature), packed) is None


@pytest.mark.parametrize("packed", ["gA", "a", "ä", ""])
def test_unreadable_path(packed: str) -> None:
    """What isn't written by us isn't read."""
    assert address_of("entry", 256, "ä" * 32, packed) is None
