"""What Home Assistant serves over HTTP: to whoever was given the address, which proves it."""

from contextlib import suppress
from http import HTTPStatus

from aiohttp import web
from aiohttp.hdrs import CACHE_CONTROL

from homeassistant.components.http import KEY_HASS, HomeAssistantView
from homeassistant.config_entries import ConfigEntryState
from homeassistant.data_entry_flow import UnknownFlow

from ..coordinator import MusicAssistantConfigEntry
from ..flows.oauth_return import BACK, take_pending
from ..helpers.texts import text
from ..media.artwork import PATH, address_of
from ..media.image_cache import KEPT


class LinkedView(HomeAssistantView):
    """Where a sign-in at a streaming service leads back to: the flow that asked for it goes on."""

    url = f"{BACK}/{{state}}"
    name = "api:music_assistant:linked"
    requires_auth = False  # whoever knows the state was sent there by a flow

    async def get(self, request: web.Request, state: str) -> web.Response:
        """Resume the flow and close the page; 400 for a state that isn't waited for."""
        hass = request.app[KEY_HASS]
        if (flow_id := take_pending(hass, state)) is None:
            said = "This page has been used or is too old. Begin again in Home Assistant."
            raise web.HTTPBadRequest(text=text(hass, "link_not_waited_for", said))
        answer = {"data64": request.query.get("data64", "")}
        with suppress(UnknownFlow):  # closed meanwhile
            await hass.config_entries.subentries.async_configure(flow_id, answer)
        return web.Response(text="<script>window.close()</script>", content_type="text/html")


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
