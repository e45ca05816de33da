"""Where pictures are: on the server, at their origin, and in Home Assistant."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
import hmac
import secrets
from typing import Final
from urllib.parse import quote

from music_assistant_models.media_items import MediaItemImage
from yarl import URL

from ..server.address import endpoint

# The server's address for pictures, and the schema since which it takes a picture's id.
PROXY: Final = "imageproxy"
SCHEMA_PROXY_ID: Final = 31
# Sizes (pixels): enough for a full screen, and for an entry of a list.
SIZE: Final = 512
THUMBNAIL: Final = 256
# Where Home Assistant serves them (`views.py`).
PATH: Final = "/api/music_assistant/artwork"
# What proves that an address is one that we gave: anyone may ask, a browser's <img> has no token.
_SECRET: Final = secrets.token_bytes(32)


def image_address(image: MediaItemImage, schema_version: int) -> str:
    """Return where a picture is: an absolute address, or a path below the server's."""
    if image.remotely_accessible:
        return image.path
    if schema_version >= SCHEMA_PROXY_ID and image.proxy_id:
        return f"{PROXY}/{image.proxy_id}"
    path = quote(quote(image.path, safe=""), safe="")  # the server decodes it twice
    return f"{PROXY}?path={path}&provider={quote(image.provider, safe='')}"


@lru_cache(maxsize=1024)
def picture_url(address: str, server: URL, size: int = SIZE) -> URL | None:
    """Return from where Home Assistant gets a picture, None if that isn't an address.

    The server writes addresses of its pictures with the base address that it believes to
    have: behind a proxy or in a container that isn't one that we can reach, so such a picture
    is asked for at the address that was configured. Others come from their origin as they are.
    """
    try:
        # signed addresses bear no other spelling, but some aren't spelt out at all
        url = URL(address, encoded=address.isascii() and " " not in address)
    except ValueError:
        return None
    head, found, picture = url.raw_path.rpartition(PROXY)
    if not found or (head and not head.endswith("/")):
        return url if url.scheme in {"http", "https"} else None
    query = [pair for pair in url.raw_query_string.split("&") if pair]
    query = [pair for pair in query if not pair.startswith("size=")] + [f"size={size}"]
    return URL(f"{endpoint(server, PROXY)}{picture}?{'&'.join(query)}", encoded=True)


def signed_path(entry_id: str, address: str, size: int) -> str:
    """Return where Home Assistant serves a picture of an entry's server, in this run.

    It is the same for the same picture and size, so that browsers keep it; Home Assistant's own
    signed paths bear the time, and cost fourteen times as much: 17 ms for 500 pictures.
    """
    return f"{PATH}/{entry_id}/{size}/{_signature(entry_id, size, address)}/{_packed(address)}"


def address_of(entry_id: str, size: int, signature: str, packed: str) -> str | None:
    """Return the address that a signed path is for, None unless we signed it."""
    try:
        address = urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode()
    except ValueError:
        return None
    expected = _signature(entry_id, size, address)
    return address if hmac.compare_digest(signature.encode(), expected.encode()) else None


def _signature(entry_id: str, size: int, address: str) -> str:
    return hmac.digest(_SECRET, f"{entry_id}/{size}/{address}".encode(), "sha256").hex()[:32]


def _packed(address: str) -> str:
    """Return an address in letters that no proxy on the way spells otherwise."""
    return urlsafe_b64encode(address.encode()).decode().rstrip("=")
