"""Config flow steps for servers discovered by zeroconf or as a Home Assistant app."""

from collections.abc import Mapping
from typing import Any, Final, override

from music_assistant_models.api import ServerInfoMessage
from yarl import URL

from homeassistant.config_entries import (
    SOURCE_IGNORE,
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.core import DOMAIN as HOMEASSISTANT_DOMAIN
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.service_info.hassio import HassioServiceInfo
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

from ..const import CONF_ORIGIN, DEFAULT_TITLE, LOGGER, ORIGIN_APP, SCHEMA_SIGN_IN
from ..coordinator import get_coordinator
from ..entry.endpoint import async_get_endpoint
from ..entry.issues import async_create_address_issue
from ..entry.origin import is_managed_by_app
from ..server.address import build_candidate_urls, format_url
from ..server.discovery import async_find_server
from ..server.errors import CertificateProblem, ServerProblem
from ..server.sanitize import sanitize_text
from .address import AddressSteps
from .base import EMPTY_SCHEMA

# Unique id of a user's flow that starts the app, until the id of its server is known.
APP_FLOW_ID: Final = "app"


def build_app_url(config: Mapping[str, Any]) -> URL:
    """Build the URL of the app's server from `host` and `port` of its discovery info."""
    return URL.build(scheme="http", host=config["host"], port=int(config["port"]))


class DiscoverySteps(AddressSteps):
    """Handle discovered servers."""

    def __init__(self) -> None:
        """Initialize the flow."""
        super().__init__()
        self._app_token: str | None = None

    @override
    async def async_step_zeroconf(self, discovery_info: ZeroconfServiceInfo) -> ConfigFlowResult:
        """Handle a server discovered by zeroconf.

        The flow may start twice, because the built-in integration's matcher is active, too.
        """
        properties = {key: value for key, value in discovery_info.properties.items() if value}
        try:
            server_id, address = properties["server_id"], properties["base_url"]
            url = build_candidate_urls(address)[0]
            schema_version = int(properties.get("schema_version", SCHEMA_SIGN_IN))
        except LookupError, ValueError:
            return self.async_abort(reason="invalid_discovery_info")
        entry = await self.async_set_unique_id(server_id)
        is_app = properties.get("homeassistant_addon", "").lower() == "true"
        # older apps aren't announced by the Supervisor
        if entry is None and is_app and schema_version >= SCHEMA_SIGN_IN:
            return self.async_abort(reason="already_discovered_app")
        if entry is not None:
            await self._handle_known_server(entry, url)
        self._abort_if_unique_id_configured()
        self._server_endpoint = self._get_endpoint(url)
        try:
            info = await self._find_server([url], server_id)
            self._title = sanitize_text(info.name or DEFAULT_TITLE)
        except CertificateProblem as problem:
            # the user decides about it when the flow is confirmed
            LOGGER.debug("Discovered a server whose certificate isn't trusted: %s", problem)
        except ServerProblem as problem:
            return self._abort_with_problem(problem)
        self.context["title_placeholders"] = {"name": self._title}
        return await self.async_step_discovery_confirm()

    async def _handle_known_server(self, entry: ConfigEntry, url: URL) -> None:
        """Retry the connection to a server that is set up, or offer its new address.

        An announced address isn't better than the one that the user entered, so it only
        matters while that one doesn't work.
        """
        coordinator = get_coordinator(entry)
        if entry.state is ConfigEntryState.LOADED and coordinator is not None:
            if coordinator.mass.connection.connected:
                return
            coordinator.connection.async_retry_now()
        elif entry.state is not ConfigEntryState.SETUP_RETRY:
            return
        current_url = URL(entry.data[CONF_URL])
        # don't offer to replace an encrypted connection with an unencrypted one
        if url == current_url or (current_url.scheme, url.scheme) == ("https", "http"):
            return
        try:
            _, info = await async_find_server(
                [await async_get_endpoint(self.hass, entry, url)],
                entry.unique_id,
                may_replace_pin=True,
            )
        except ServerProblem:
            return
        if not is_managed_by_app(entry, info):
            async_create_address_issue(self.hass, entry, format_url(url))

    async def async_step_discovery_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Confirm a discovered server."""
        self._set_confirm_only()
        return await self._handle_form(
            "discovery_confirm",
            EMPTY_SCHEMA,
            user_input,
            lambda _: self._handle_server_urls([self._server_endpoint.url]),
        )

    @override
    async def async_step_hassio(self, discovery_info: HassioServiceInfo) -> ConfigFlowResult:
        """Handle the discovery of the Home Assistant app, which provides a token.

        Only entries created from this discovery are updated by it. The app announces itself also
        when a user's flow has started it.
        """
        if self._async_in_progress(match_context={"unique_id": APP_FLOW_ID}):
            raise AbortFlow("already_in_progress", translation_domain=HOMEASSISTANT_DOMAIN)
        try:
            await self._handle_app_discovery(discovery_info.config)
        except ServerProblem as problem:
            return self._abort_with_problem(problem)
        return await self.async_step_hassio_confirm()

    async def async_step_hassio_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Confirm the app's server."""
        if user_input is not None:
            return self.async_create_entry(title=self._title, data=self._build_app_data())
        self._set_confirm_only()
        return self.async_show_form(
            step_id="hassio_confirm", description_placeholders={"name": self._title}
        )

    async def _handle_app_discovery(self, config: Mapping[str, Any]) -> ServerInfoMessage:
        """Use the app's server, or update its existing entry and abort.

        An entry is only updated if it is managed by the app. Raises ServerProblem.
        """
        info = await self._find_server([build_app_url(config)])
        self._app_token = config.get("auth_token")
        self._title = sanitize_text(info.name or DEFAULT_TITLE)
        is_user_flow = self.source == SOURCE_USER
        entry = await self.async_set_unique_id(info.server_id, raise_on_progress=not is_user_flow)
        # an ignored discovery is an entry, too, but one without data
        is_managed = (
            entry is not None
            and entry.source != SOURCE_IGNORE
            and is_managed_by_app(entry, info, self._server_endpoint.url.port or 0)
        )
        self._abort_if_unique_id_configured(updates=self._build_app_data() if is_managed else None)
        return info

    def _build_app_data(self) -> dict[str, Any]:
        return {
            CONF_URL: str(self._server_endpoint),
            CONF_TOKEN: self._app_token,
            CONF_ORIGIN: ORIGIN_APP,
        }
