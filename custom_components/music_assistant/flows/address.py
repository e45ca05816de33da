"""Where a server is: typed by a person."""

from typing import Any, override

import probatio
from yarl import URL

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import CONF_URL
from homeassistant.helpers.selector import TextSelector

from ..const import CONF_ORIGIN, DEFAULT_TITLE, ORIGIN_USER
from ..entry.endpoint import with_site
from ..server.address import InvalidAddress, candidates
from ..server.errors import ServerProblem
from ..server.sanitize import quoted
from .base import Entered
from .reauth import ReauthSteps

ADDRESS_SCHEMA = probatio.Schema({probatio.Required(CONF_URL): TextSelector()})


def typed(address: str) -> list[URL]:
    """Return what a typed address may stand for. Raises ServerProblem."""
    try:
        return candidates(address)
    except InvalidAddress as err:
        raise ServerProblem("invalid_address") from err


def not_less_safe(urls: list[URL], now: URL) -> list[URL]:
    """Return those that may take the place of an address: of an encrypted one in plain if said so."""
    encrypted = [url for url in urls if url.scheme == "https"]
    return encrypted if encrypted and now.scheme == "https" else urls


class AddressSteps(ReauthSteps):
    """Ask for an address, find the server there, and go on to signing in."""

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the server's address."""
        return await self._take(
            "user",
            ADDRESS_SCHEMA,
            user_input,
            lambda entered: self._found(typed(entered[CONF_URL])),
        )

    async def _found(self, urls: list[URL]) -> ConfigFlowResult:
        """Go on with the server at an address, if there is one."""
        info = await self._find(urls)
        await self.async_set_unique_id(info.server_id, raise_on_progress=False)
        self._abort_if_unique_id_configured()
        self._title = quoted(info.name or DEFAULT_TITLE)
        return await self._go_in(info)

    async def async_step_new_address(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Take another address of the same server; from then on it is a typed one."""
        entry = self._get_reconfigure_entry()
        now = entry.data[CONF_URL]

        async def go_on(entered: Entered) -> ConfigFlowResult:
            urls = not_less_safe(typed(entered[CONF_URL]), URL(now))
            await self._find(urls, entry.unique_id)
            data = with_site({**entry.data, CONF_ORIGIN: ORIGIN_USER}, self._site)
            return self.async_update_reload_and_abort(entry, data=data)

        schema = self.add_suggested_values_to_schema(ADDRESS_SCHEMA, {CONF_URL: now})
        return await self._take("new_address", schema, user_input, go_on)
