"""HTTP views. They require no login: a secret in the URL authorizes the request."""

from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Final

from aiohttp import web
from aiohttp.hdrs import CACHE_CONTROL

from homeassistant.components.http import KEY_HASS, HomeAssistantView
from homeassistant.config_entries import ConfigEntryState
from homeassistant.data_entry_flow import UnknownFlow

from ..coordinator import MusicAssistantConfigEntry
from ..entities.browsing import async_get_folder_image
from ..flows.oauth_return import RETURN_PATH, pop_pending_flow
from ..helpers.texts import get_text
from ..media.artwork import ARTWORK_PATH, parse_folder_address, verify_signed_path
from ..media.image_cache import IMAGE_MAX_AGE, CachedImage

# Seconds for which browsers cache a folder's picture, and what is shown if it has none.
FOLDER_MAX_AGE: Final = 3_600
ICON: Final = Path(__file__).parent.parent / "brand" / "icon.png"


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
    ) -> web.StreamResponse:
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
        if folder := parse_folder_address(url):
            image = await async_get_folder_image(entry.runtime_data, *folder, int(size))
            # Home Assistant's browser shows nothing at all in place of a missing picture
            return (
                _build_image_response(image, FOLDER_MAX_AGE)
                if image
                else web.FileResponse(ICON, headers=_build_headers(FOLDER_MAX_AGE))
            )
        if (image := await entry.runtime_data.images.async_get(url, int(size))) is None:
            raise web.HTTPNotFound
        return _build_image_response(image, IMAGE_MAX_AGE)


def _build_image_response(image: CachedImage, max_age: int) -> web.Response:
    return web.Response(
        status=HTTPStatus.OK,
        body=image.body,
        content_type=image.content_type,
        headers=_build_headers(max_age),
    )


def _build_headers(max_age: int) -> dict[str, str]:
    return {
        CACHE_CONTROL: f"private, max-age={max_age}, immutable",
        "Content-Security-Policy": "sandbox",  # should a browser take it for a page
        "X-Content-Type-Options": "nosniff",
    }
