"""HTTP views. They require no login: a secret in the URL authorizes the request."""

from contextlib import suppress
from http import HTTPStatus

from aiohttp import web
from aiohttp.hdrs import CACHE_CONTROL

from homeassistant.components.http import KEY_HASS, HomeAssistantView
from homeassistant.config_entries import ConfigEntryState
from homeassistant.data_entry_flow import UnknownFlow

from ..coordinator import MusicAssistantConfigEntry
from ..flows.oauth_return import RETURN_PATH, pop_pending_flow
from ..helpers.texts import get_text
from ..media.artwork import ARTWORK_PATH, verify_signed_path
from ..media.image_cache import IMAGE_MAX_AGE


class OAuthReturnView(HomeAssistantView):
    """View that a streaming service redirects to after a sign-in."""

    url = f"{RETURN_PATH}/{{state}}"
    name = "api:music_assistant:linked"
    requires_auth = False  # only the flow and the redirect know the state

    async def get(self, request: web.Request, state: str) -> web.Response:
        """Resume the flow and close the page; return 400 for an unknown state."""
        hass = request.app[KEY_HASS]
        if (flow_id := pop_pending_flow(hass, state)) is None:
            message = "This page has been used or is too old. Begin again in Home Assistant."
            raise web.HTTPBadRequest(text=get_text(hass, "link_not_waited_for", message))
        user_input = {"data64": request.query.get("data64", "")}
        with suppress(UnknownFlow):  # the flow was closed meanwhile
            await hass.config_entries.subentries.async_configure(flow_id, user_input)
        return web.Response(text="<script>window.close()</script>", content_type="text/html")


class ArtworkView(HomeAssistantView):
    """View that serves images of a server, named by a signed path."""

    url = rf"{ARTWORK_PATH}/{{entry_id}}/{{size:\d{{1,4}}}}/{{signature}}/{{packed}}"
    name = "api:music_assistant:artwork"
    requires_auth = False  # an <img> element sends no token

    async def get(
        self, request: web.Request, entry_id: str, size: str, signature: str, packed: str
    ) -> web.Response:
        """Return an image, or 403 for a path without a valid signature.

        Signatures are valid until Home Assistant restarts.
        """
        url = verify_signed_path(entry_id, int(size), signature, packed)
        if url is None:
            raise web.HTTPForbidden  # 401 would count as a failed login
        entry: MusicAssistantConfigEntry | None
        entry = request.app[KEY_HASS].config_entries.async_get_entry(entry_id)
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            raise web.HTTPNotFound
        image = await entry.runtime_data.images.async_get(url, int(size))
        if image is None:
            raise web.HTTPNotFound
        headers = {
            CACHE_CONTROL: f"private, max-age={IMAGE_MAX_AGE}, immutable",
            "Content-Security-Policy": "sandbox",  # should a browser take it for a page
            "X-Content-Type-Options": "nosniff",
        }
        return web.Response(
            status=HTTPStatus.OK,
            body=image.body,
            content_type=image.content_type,
            headers=headers,
        )
