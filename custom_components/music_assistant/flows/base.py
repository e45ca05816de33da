"""What all steps share: which server it is about, how to ask for it, and how to show a form."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final, override

from music_assistant_models.api import ServerInfoMessage
import probatio
from yarl import URL

from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
)
from homeassistant.const import CONF_PASSWORD, CONF_TOKEN
from homeassistant.core import CALLBACK_TYPE, HassJob, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.event import async_call_later

from ..const import DEFAULT_TITLE
from ..coordinator import coordinator_of
from ..entry.app import explained
from ..server.discovery import async_find_server
from ..server.endpoint import Site
from ..server.errors import ServerProblem

NOTHING = probatio.Schema({})
SECRETS = frozenset({CONF_PASSWORD, CONF_TOKEN})
# How long a flow waits for who opened it, where it would be in the way of another.
LEFT_OPEN: Final = timedelta(minutes=30)

type Entered = dict[str, Any]


def last_said(entry: ConfigEntry) -> ServerInfoMessage | None:
    """Return what an entry's server last said of itself, since Home Assistant started."""
    coordinator = coordinator_of(entry)
    return coordinator.connection.info if coordinator else None


class Steps(ConfigFlow):
    """A flow about one server, once it is found."""

    def __init__(self) -> None:
        """Begin without a server."""
        self._title = DEFAULT_TITLE
        self._over = False
        self._dont_end: CALLBACK_TYPE | None = None

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

    @callback
    def _end_if_left(self) -> None:
        """End by itself, unless a person ends it soon.

        A dialog whose browser was closed stays: while it reconfigures an entry, Home Assistant
        doesn't ask for a sign-in, and from the server's page no other way leads back to it.
        """

        @callback
        def end(_now: datetime) -> None:
            self._dont_end = None
            self.hass.config_entries.flow.async_abort(self.flow_id)
            self._try_again()

        if self._dont_end:
            self._dont_end()
        job = HassJob(end, cancel_on_shutdown=True)
        self._dont_end = async_call_later(self.hass, LEFT_OPEN, job)

    @override
    @callback
    def async_remove(self) -> None:
        """Let an entry that waited for the end of its reconfiguration ask for a sign-in."""
        self._over = True
        if self._dont_end:
            self._dont_end()
        if self.source == SOURCE_RECONFIGURE:
            self._try_again()

    @callback
    def _try_again(self) -> None:
        """Let the entry connect anew, if it is refused; it asks for a sign-in if it still is."""
        entry = self.hass.config_entries.async_get_entry(self.context.get("entry_id", ""))
        if entry is None:
            return
        if entry.state is ConfigEntryState.SETUP_ERROR:
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        elif entry.state is ConfigEntryState.LOADED:
            entry.runtime_data.connection.async_retry_now()

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
        user_input: Entered | None,
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
