"""Samples of tracks, which are silent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from aiohttp import web
from music_assistant_models.enums import MediaType

if TYPE_CHECKING:
    from .server import MassServer

SECONDS: Final = 30
SAMPLE_RATE: Final = 44_100
SAMPLES_PER_FRAME: Final = 1024
# A silent frame of AAC-LC, mono.
SILENCE: Final = bytes((0x00, 0xC8, 0x00, 0x80, 0x23, 0x80))
HEADER_SIZE: Final = 7


def create_adts_frame(payload: bytes) -> bytes:
    """Return a frame of an AAC stream: a header of 56 bits, and what it announces."""
    fields = (
        (0xFFF, 12),  # beginning of a frame
        (0b0001, 4),  # MPEG-4, no checksum
        (1, 2),  # AAC-LC
        (4, 4),  # 44.1 kHz
        (0, 1),
        (1, 3),  # mono
        (0, 4),
        (HEADER_SIZE + len(payload), 13),
        (0x7FF, 11),  # variable bit rate
        (0, 2),  # one frame
    )
    header = 0
    for value, bits in fields:
        header = header << bits | value
    return header.to_bytes(HEADER_SIZE) + payload


SAMPLE: Final = create_adts_frame(SILENCE) * (SECONDS * SAMPLE_RATE // SAMPLES_PER_FRAME)


def get_routes(server: MassServer) -> list[web.RouteDef]:
    """Return the route of samples."""

    async def get_preview(request: web.Request) -> web.StreamResponse:
        """Send a sample. As on a real server an error comes after the header, so nothing follows."""
        provider, item_id = request.query["provider"], unquote(request.query["item_id"])
        response = web.StreamResponse(headers={"Content-Type": "audio/aac"})
        await response.prepare(request)
        if server.library.find_item(MediaType.TRACK, item_id, provider):
            await response.write(SAMPLE)
        return response

    return [web.get("/preview", get_preview)]
