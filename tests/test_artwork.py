"""Addresses of artwork."""

import re
from urllib.parse import unquote

from music_assistant_models.enums import ImageType
from music_assistant_models.media_items import MediaItemImage
import pytest
from yarl import URL

from custom_components.music_assistant.media.artwork import (
    ARTWORK_PATH,
    build_signed_path,
    get_image_address,
    resolve_image_url,
    verify_signed_path,
)

SERVER = URL("http://192.168.1.5:8095")
BEHIND_PROXY = URL("https://example.com/ma")
# A path as servers have them, with all that goes wrong when it is encoded once too often or
# too seldom.
FILE = "/music/Ä & B/100% #1?/cover 1.jpg"


def create_image(
    path: str = FILE, *, proxy_id: str | None = None, remote: bool = False
) -> MediaItemImage:
    """Return an image of a provider whose name has to be encoded."""
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
        (create_image("https://a.b/c.jpg", remote=True), 29, "https://a.b/c.jpg"),
        (create_image("https://a.b/c.jpg", remote=True, proxy_id="id"), 98, "https://a.b/c.jpg"),
        (create_image(proxy_id="id"), 31, "imageproxy/id"),
        (create_image(proxy_id="id"), 98, "imageproxy/id"),
        (create_image("a/b", proxy_id="id"), 30, "imageproxy?path=a%252Fb&provider=files--a%26b"),
        (create_image("a/b"), 31, "imageproxy?path=a%252Fb&provider=files--a%26b"),
    ],
)
def test_image_address(image: MediaItemImage, schema: int, expected: str) -> None:
    """The address of an image is remote, or built from its id or path."""
    assert get_image_address(image, schema) == expected


def test_image_path_survives_double_decoding() -> None:
    """The path is unchanged after the server has decoded it twice."""
    url = URL(f"{SERVER}/{get_image_address(create_image(), 29)}", encoded=True)
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
def test_server_pictures_use_configured_address(
    server: URL, base: str, address: str, expected: str
) -> None:
    """Pictures of the server use the configured address, not the server's base url."""
    assert str(resolve_image_url(address, server)) == f"{base}/{expected}"


@pytest.mark.parametrize(
    "address",
    [
        "https://cdn.example.com/a%2Fb/cover.jpg?size=300&x=%2F",
        "https://cdn.example.com/myimageproxy/1.jpg",
        "https://images.example.com/?url=http://x/imageproxy/id",
    ],
)
def test_remote_pictures_keep_address(address: str) -> None:
    """Pictures of other hosts keep their address."""
    assert str(resolve_image_url(address, SERVER)) == address


def test_address_is_encoded() -> None:
    """An address is encoded if necessary."""
    url = resolve_image_url("https://cdn.example.com/a b/ä.jpg", SERVER)
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
def test_invalid_address_is_no_picture(address: str) -> None:
    """An invalid address gives no picture and no error."""
    assert resolve_image_url(address, SERVER) is None


def test_image_size() -> None:
    """A size can be requested."""
    assert str(resolve_image_url("imageproxy/id", SERVER, 64)).endswith("/imageproxy/id?size=64")


# Through Home Assistant


@pytest.mark.parametrize("address", ["imageproxy/id", "https://cdn.example.com/ä b.jpg?x=1&y=%2F"])
def test_signed_path_is_stable(address: str) -> None:
    """A signed path is always the same, safe for proxies, and can be decoded."""
    path = build_signed_path("entry", address, 256)
    assert path == build_signed_path("entry", address, 256)
    assert path.startswith(f"{ARTWORK_PATH}/entry/256/")
    assert re.fullmatch(r"[/\w-]+", path)
    *_, signature, packed = path.split("/")
    assert verify_signed_path("entry", 256, signature, packed) == address


@pytest.mark.parametrize(
    ("entry_id", "size", "address"),
    [("other", 256, "imageproxy/id"), ("entry", 512, "imageproxy/id"), ("entry", 256, "x")],
)
def test_signature_covers_entry_size_and_address(entry_id: str, size: int, address: str) -> None:
    """A signature is valid for one picture of one entry in one size."""
    *_, signature, packed = build_signed_path("entry", "imageproxy/id", 256).split("/")
    *_, theirs = build_signed_path("entry", address, 256).split("/")
    assert verify_signed_path(entry_id, size, signature, theirs) is None
    assert verify_signed_path("entry", 256, "0" * len(signature), packed) is None


@pytest.mark.parametrize("packed", ["gA", "a", "ä", ""])
def test_invalid_signed_path(packed: str) -> None:
    """An invalid path isn't decoded."""
    assert verify_signed_path("entry", 256, "ä" * 32, packed) is None
