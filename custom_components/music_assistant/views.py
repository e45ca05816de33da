"""What Home Assistant serves over HTTP: pictures, to whoever was given their addresses."""

from http import HTTPStatus

from aiohttp import web
from aiohttp.hdrs import CACHE_CONTROL

from homeassistant.components.http import KEY_HASS, HomeAssistantView
from homeassistant.config_entries import ConfigEntryState

from .coordinator import MusicAssistantConfigEntry
from .media.artwork import PATH, address_of
from .media.gallery import KEPT


class ArtworkView(HomeAssistantView):
    """Serves pictures that a server named, and no others: the signature in the path proves it."""

    url = rf"{PATH}/{{entry_id}}/{{size:\d{{1,4}}}}/{{signature}}/{{packed}}"
    name = "api:music_assistant:artwork"
    requires_auth = False  # an <img> has no token

    async def get(
        self, request: web.Request, entry_id: str, size: str, signature: str, packed: str
    ) -> web.Response:
        """Return a picture, 403 for paths that aren't ours or of an earlier run."""
        address = address_of(entry_id, int(size), signature, packed)
        if address is None:
            raise web.HTTPForbidden  # 401 would count as a failed login
        entry: MusicAssistantConfigEntry | None
        entry = request.app[KEY_HASS].config_entries.async_get_entry(entry_id)
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            raise web.HTTPNotFound
        picture = await entry.runtime_data.gallery.async_get(address, int(size))
        if picture is None:
            raise web.HTTPNotFound
        headers = {
            CACHE_CONTROL: f"private, max-age={KEPT}, immutable",
            "Content-Security-Policy": "sandbox",  # an SVG's scripts are none of ours
        }
        return web.Response(
            status=HTTPStatus.OK,
            body=picture.body,
            content_type=picture.content_type,
            headers=headers,
        )
