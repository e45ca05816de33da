"""What all steps share: which server it is about, how to ask for it, and how to show a form."""

from dataclasses import replace
from functools import cached_property
from typing import Any

from music_assistant_models.api import ServerInfoMessage
import probatio
from yarl import URL

from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
)
from homeassistant.const import CONF_PASSWORD, CONF_TOKEN
from homeassistant.core import callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..app import explained
from ..const import DEFAULT_TITLE
from ..server.errors import ServerProblem
from ..server.probe import async_find_server
from ..server.site import Site

NOTHING = probatio.Schema({})
SECRETS = frozenset({CONF_PASSWORD, CONF_TOKEN})


class Steps(ConfigFlow):
    """A flow about one server, once it is found."""

    def __init__(self) -> None:
        """Begin without a server."""
        self._title = DEFAULT_TITLE

    @cached_property
    def _site(self) -> Site:
        """How the server is reached; assigned to when one is found."""
        return Site(async_get_clientsession(self.hass), URL())

    @property
    def _known(self) -> ConfigEntry | None:
        """The entry whose sign-in or configuration is renewed; None for a new one."""
        if self.source == SOURCE_REAUTH:
            return self._get_reauth_entry()
        return self._get_reconfigure_entry() if self.source == SOURCE_RECONFIGURE else None

    def _at(self, url: URL) -> Site:
        """Return the same trust at another address."""
        return replace(self._site, url=url)

    async def _find(self, urls: list[URL], server_id: str | None = None) -> ServerInfoMessage:
        """Make it about the server at the first of these addresses that has one.

        With a server id only that server will do. Raises ServerProblem.
        """
        try:
            self._site, info = await async_find_server(map(self._at, urls), server_id)
        except ServerProblem as problem:
            raise explained(self.hass, urls[0], problem) from None
        return info

    @callback
    def _abort(self, problem: ServerProblem) -> ConfigFlowResult:
        """End, and say what is wrong."""
        return self.async_abort(reason=problem.key, description_placeholders=problem.placeholders)

    @callback
    def _show(
        self,
        step_id: str,
        schema: probatio.Schema,
        user_input: dict[str, Any] | None,
        problem: ServerProblem | None,
    ) -> ConfigFlowResult:
        """Show a form with what was entered (but no secret) and what is wrong with it."""
        shown = {key: value for key, value in (user_input or {}).items() if key not in SECRETS}
        placeholders = {"url": str(self._site), "name": self._title, "error": ""}
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, shown),
            errors={"base": problem.key} if problem else {},
            description_placeholders=placeholders | (problem.placeholders if problem else {}),
        )
