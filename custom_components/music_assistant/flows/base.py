"""Base class of the config flow's steps."""

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
from ..coordinator import get_coordinator
from ..entry.app import explain_problem
from ..server.discovery import async_find_server
from ..server.endpoint import ServerEndpoint
from ..server.errors import ServerProblem
from ..server.logs import async_redact_logs

EMPTY_SCHEMA = probatio.Schema({})
SECRET_FIELDS = frozenset({CONF_PASSWORD, CONF_TOKEN})
# Time after which a flow is aborted whose dialog was left open and that would block another flow.
ABANDONED_FLOW_TIMEOUT: Final = timedelta(minutes=30)

type UserInput = dict[str, Any]


def get_server_info(entry: ConfigEntry) -> ServerInfoMessage | None:
    """Return the last server info received for an entry; None if it was never connected."""
    coordinator = get_coordinator(entry)
    return coordinator.connection.server_info if coordinator else None


class BaseSteps(ConfigFlow):
    """Represent a flow that configures one server."""

    def __init__(self) -> None:
        """Initialize the flow."""
        async_redact_logs(tuple)()  # before the first entry, nothing else is set up
        self._title = DEFAULT_TITLE
        self._removed = False
        self._cancel_timeout: CALLBACK_TYPE | None = None

    @cached_property
    def _server_endpoint(self) -> ServerEndpoint:
        """Return the server's endpoint; assigned when a server is found."""
        return ServerEndpoint(async_get_clientsession(self.hass), URL())

    @property
    def _existing_entry(self) -> ConfigEntry | None:
        """Return the entry that is reauthenticated or reconfigured; None for a new one."""
        if self.source == SOURCE_REAUTH:
            return self._get_reauth_entry()
        return self._get_reconfigure_entry() if self.source == SOURCE_RECONFIGURE else None

    @callback
    def _schedule_abort(self) -> None:
        """Schedule the abort of a flow that the user may have left open.

        Home Assistant keeps the flow of a closed browser window, and starts no reauthentication
        while a reconfiguration of the entry is in progress.
        """

        @callback
        def abort_flow(_now: datetime) -> None:
            self._cancel_timeout = None
            self.hass.config_entries.flow.async_abort(self.flow_id)
            self._retry_connection()

        if self._cancel_timeout:
            self._cancel_timeout()
        job = HassJob(abort_flow, cancel_on_shutdown=True)
        self._cancel_timeout = async_call_later(self.hass, ABANDONED_FLOW_TIMEOUT, job)

    @override
    @callback
    def async_remove(self) -> None:
        """Let the entry retry when its reconfiguration ends; it may need a reauthentication."""
        self._removed = True
        if self._cancel_timeout:
            self._cancel_timeout()
        if self.source == SOURCE_RECONFIGURE:
            self._retry_connection()

    @callback
    def _retry_connection(self) -> None:
        """Retry the entry's connection, which starts a reauthentication if it is still refused."""
        entry = self.hass.config_entries.async_get_entry(self.context.get("entry_id", ""))
        if entry is None:
            return
        if entry.state is ConfigEntryState.SETUP_ERROR:
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        elif entry.state is ConfigEntryState.LOADED:
            entry.runtime_data.connection.async_retry_now()

    def _get_endpoint(self, url: URL) -> ServerEndpoint:
        """Return the endpoint of another address with the same certificate policy."""
        return replace(self._server_endpoint, url=url)

    async def _find_server(
        self, urls: list[URL], server_id: str | None = None
    ) -> ServerInfoMessage:
        """Find the first address that has a server, and use its endpoint.

        If `server_id` is given, other servers are not accepted. Raises ServerProblem.
        """
        try:
            self._server_endpoint, info = await async_find_server(
                map(self._get_endpoint, urls), server_id, may_replace_pin=True
            )
        except ServerProblem as problem:
            raise explain_problem(self.hass, urls[0], problem) from None
        return info

    @callback
    def _abort_with_problem(self, problem: ServerProblem) -> ConfigFlowResult:
        """Abort the flow with the reason of a problem."""
        return self.async_abort(reason=problem.key, description_placeholders=problem.placeholders)

    @callback
    def _show_form(
        self,
        step_id: str,
        schema: probatio.Schema,
        user_input: UserInput | None,
        problem: ServerProblem | None,
    ) -> ConfigFlowResult:
        """Show a form with the entered values, except secrets, and the problem as its error."""
        suggested_values = {
            key: value for key, value in (user_input or {}).items() if key not in SECRET_FIELDS
        }
        placeholders = {"url": str(self._server_endpoint), "name": self._title, "error": ""}
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, suggested_values),
            errors={"base": problem.key} if problem else {},
            description_placeholders=placeholders | (problem.placeholders if problem else {}),
        )
