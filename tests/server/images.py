"""Covers: their addresses, and their drawing on demand."""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64decode, urlsafe_b64encode
import colorsys
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, unquote, urlsplit

from aiohttp import web
from music_assistant_models.helpers import create_safe_string
from music_assistant_models.media_items import MediaItemImage, MediaItemPalette
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from .server import MassServer

type Colour = tuple[int, int, int]

PROXY_IDS_SINCE = 31
DEFAULT_SIZE = 512
MAX_SIZE = 2048
SIZES = frozenset({0, 80, 160, 256, 512, 1024})  # of images that have an id
FORMATS = {"jpeg": "JPEG", "jpg": "JPEG", "png": "PNG"}


# Addresses


def encode_image_id(provider: str, path: str) -> str:
    """Return the id of an image: its path, compressed to fit into a url."""
    packed = urlsafe_b64encode(f"{provider}\n{path}".encode())
    return packed.decode().rstrip("=")


def decode_image_id(packed: str) -> str | None:
    """Return the path of an image id."""
    try:
        address = urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode()
    except ValueError:
        return None
    return address.partition("\n")[2] or None


def extract_path(address: str) -> str:
    """Return the path of the image of an address in any of the server's forms."""
    parts = urlsplit(address)
    if packed := parts.path.partition("/imageproxy/")[2]:
        return decode_image_id(packed) or ""
    if twice := parse_qs(parts.query).get("path"):
        return unquote(twice[0])
    return address


def resolve_cover_path(path: str) -> str:
    """Return the path under which a cover is drawn, including that of a public one."""
    if path.startswith(("http://", "https://")):
        return f"cover/{path.partition('/cover/')[2]}"
    return path


def get_image_url(server: MassServer, image: MediaItemImage) -> str:
    """Return the address of an image in the form of the server's schema."""
    base = server.base_url.rstrip("/")
    if server.schema_version >= PROXY_IDS_SINCE:
        return f"{base}/imageproxy/{encode_image_id(image.provider, image.path)}?size=0"
    twice = quote(quote(image.path, safe=""))
    return f"{base}/imageproxy?path={twice}&provider={image.provider}&size=0"


# Drawing


@lru_cache(maxsize=4096)
def get_colours(key: str) -> tuple[Colour, Colour]:
    """Return the two colours of an image."""
    digest = sha256(key.encode()).digest()
    hue = digest[0] / 256
    turned = (hue + 0.12 + digest[1] / 2048) % 1
    return (_convert_to_rgb(hue, 0.85), _convert_to_rgb(turned, 0.45))


def _convert_to_rgb(hue: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue, 0.65, value)
    return (round(red * 255), round(green * 255), round(blue * 255))


def build_palette(key: str) -> MediaItemPalette:
    """Return the colours of an image as clients get them."""
    bright, deep = get_colours(key)
    return MediaItemPalette(
        background_dark=deep,
        background_light=bright,
        primary=bright,
        accent=deep,
        on_dark=(255, 255, 255),
        on_light=(0, 0, 0),
    )


def get_initials(title: str) -> str:
    """Return two letters of a title that the font has."""
    words = create_safe_string(title, lowercase=False).split()
    return "".join(word[0] for word in words[:2]).upper() or "?"


@lru_cache(maxsize=128)
def render_cover(path: str, title: str, size: int, kind: str) -> bytes:
    """Return a square image: a gradient, a disc and the initials."""
    bright, deep = get_colours(path)
    # Turned, then cut out of the middle, where the turning leaves no corners empty.
    ramp = Image.linear_gradient("L").rotate(30).crop((38, 38, 218, 218)).resize((size, size))
    canvas = Image.composite(
        Image.new("RGB", (size, size), deep), Image.new("RGB", (size, size), bright), ramp
    )
    pen = ImageDraw.Draw(canvas)
    margin = size / 6
    pen.ellipse((margin, margin, size - margin, size - margin), outline=bright, width=size // 40)
    font = ImageFont.load_default(max(size / 3.2, 8))
    pen.text((size / 2, size / 2), get_initials(title), fill="white", font=font, anchor="mm")
    out = BytesIO()
    canvas.save(out, kind, quality=85)
    return out.getvalue()


# Serving


def get_routes(server: MassServer) -> list[web.RouteDef]:
    """Return the routes of all forms of image addresses."""

    async def get_legacy_image(request: web.Request) -> web.Response:
        # aiohttp undoes one of the two encodings.
        return await get_image(request, unquote(request.query.get("path", "")))

    async def get_proxied_image(request: web.Request) -> web.Response:
        return await get_image(request, decode_image_id(request.match_info["proxy_id"]))

    async def get_public_image(request: web.Request) -> web.Response:
        return await get_image(request, f"cover/{request.match_info['rest']}")

    async def get_image(request: web.Request, path: str | None) -> web.Response:
        path = resolve_cover_path(path or "")
        if (title := server.library.covers.get(path)) is None:
            raise web.HTTPNotFound
        return await _build_response(request, path, title)

    return [
        web.get("/imageproxy", get_legacy_image),
        web.get("/imageproxy/{proxy_id}", get_proxied_image),
        web.get("/cover/{rest:.+}", get_public_image),
    ]


async def _build_response(request: web.Request, path: str, title: str) -> web.Response:
    """Return a cover, or "not modified"."""
    size, kind = _get_size(request), _get_format(request, path)
    etag = sha256(f"{path} {title} {size} {kind}".encode()).hexdigest()[:16]
    headers = {
        "ETag": f'"{etag}"',
        "Cache-Control": "public, max-age=31536000",
        "Access-Control-Allow-Origin": "*",  # cards read the colors of covers
    }
    if any(known.value in (etag, "*") for known in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    loop = asyncio.get_running_loop()
    body = await loop.run_in_executor(None, render_cover, path, title, size, kind)
    return web.Response(body=body, content_type=f"image/{kind.lower()}", headers=headers)


def _get_size(request: web.Request) -> int:
    """Return the requested size; 0 and invalid numbers mean the default."""
    wanted = request.query.get("size", "0")
    size = int(wanted) if wanted.isdecimal() else 0
    if "proxy_id" in request.match_info and size not in SIZES:
        raise web.HTTPBadRequest
    return min(size, MAX_SIZE) or DEFAULT_SIZE


def _get_format(request: web.Request, path: str) -> str:
    """Return the requested format; logos are PNG, covers JPEG."""
    usual = "png" if path.startswith("cover/radio/") else "jpeg"
    return FORMATS.get(request.query.get("fmt", usual).lower(), FORMATS[usual])
