"""Config flow steps for the server's address."""

from typing import Any, override

import probatio
from yarl import URL

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import CONF_URL
from homeassistant.helpers.selector import TextSelector

from ..const import CONF_ORIGIN, DEFAULT_TITLE, ORIGIN_USER
from ..entry.endpoint import merge_endpoint
from ..server.address import InvalidAddress, build_candidate_urls
from ..server.errors import ServerProblem
from ..server.sanitize import sanitize_text
from .base import UserInput
from .reauth import ReauthSteps

ADDRESS_SCHEMA = probatio.Schema({probatio.Required(CONF_URL): TextSelector()})


def parse_address(address: str) -> list[URL]:
    """Parse an address that a user entered into candidate URLs. Raises ServerProblem."""
    try:
        return build_candidate_urls(address)
    except InvalidAddress as err:
        raise ServerProblem("invalid_address") from err


def remove_downgrades(urls: list[URL], current: URL) -> list[URL]:
    """Remove unencrypted URLs if there are encrypted ones and the current URL is encrypted."""
    encrypted = [url for url in urls if url.scheme == "https"]
    return encrypted if encrypted and current.scheme == "https" else urls


class AddressSteps(ReauthSteps):
    """Handle the address of a server."""

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Handle the entry of the server's address."""
        return await self._handle_form(
            "user",
            ADDRESS_SCHEMA,
            user_input,
            lambda entered: self._handle_server_urls(parse_address(entered[CONF_URL])),
        )

    async def _handle_server_urls(self, urls: list[URL]) -> ConfigFlowResult:
        """Find the server at one of the URLs, and start the sign-in."""
        info = await self._find_server(urls)
        await self.async_set_unique_id(info.server_id, raise_on_progress=False)
        self._abort_if_unique_id_configured()
        self._title = sanitize_text(info.name or DEFAULT_TITLE)
        return await self._start_sign_in(info)

    async def async_step_new_address(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Handle another address of the same server, which then counts as entered by the user."""
        entry = self._get_reconfigure_entry()
        current_url = entry.data[CONF_URL]

        async def handle_input(entered: UserInput) -> ConfigFlowResult:
            urls = remove_downgrades(parse_address(entered[CONF_URL]), URL(current_url))
            await self._find_server(urls, entry.unique_id)
            data = merge_endpoint({**entry.data, CONF_ORIGIN: ORIGIN_USER}, self._server_endpoint)
            return self.async_update_reload_and_abort(entry, data=data)

        schema = self.add_suggested_values_to_schema(ADDRESS_SCHEMA, {CONF_URL: current_url})
        return await self._handle_form("new_address", schema, user_input, handle_input)
