"""Servers that announce themselves: in the network, or as a Home Assistant app."""

from collections.abc import Mapping
from typing import Any, override

from music_assistant_models.api import ServerInfoMessage
from yarl import URL

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.helpers.service_info.hassio import HassioServiceInfo
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

from ..const import CONF_ORIGIN, DEFAULT_TITLE, LOGGER, ORIGIN_APP
from ..coordinator import coordinator_of
from ..entry.endpoint import async_site
from ..entry.issues import async_offer_address
from ..entry.origin import follows_app
from ..server.address import as_text, candidates
from ..server.discovery import async_find_server
from ..server.errors import CertificateProblem, ServerProblem
from ..server.sanitize import quoted
from .address import AddressSteps
from .base import NOTHING


def app_url(config: Mapping[str, Any]) -> URL:
    """Return where the app's server is, from what the app says of itself: `host` and `port`."""
    return URL.build(scheme="http", host=config["host"], port=int(config["port"]))


class DiscoverySteps(AddressSteps):
    """Take note of servers that announce themselves, and ask whether they are wanted."""

    def __init__(self) -> None:
        """Begin without a server."""
        super().__init__()
        self._app_token: str | None = None

    @override
    async def async_step_zeroconf(self, discovery_info: ZeroconfServiceInfo) -> ConfigFlowResult:
        """Take note of a server that announces itself.

        It may start twice: the built-in integration's matcher is active beside ours.
        """
        properties = {key: value for key, value in discovery_info.properties.items() if value}
        try:
            server_id, address = properties["server_id"], properties["base_url"]
            url = candidates(address)[0]
        except LookupError, ValueError:
            return self.async_abort(reason="invalid_discovery_info")
        entry = await self.async_set_unique_id(server_id)
        if entry is None and properties.get("homeassistant_addon", "").lower() == "true":
            return self.async_abort(reason="already_discovered_app")
        if entry is not None:
            await self._seen(entry, url)
        self._abort_if_unique_id_configured()
        self._site = self._at(url)
        try:
            info = await self._find([url], server_id)
            self._title = quoted(info.name or DEFAULT_TITLE)
        except CertificateProblem as problem:  # asked about as soon as a person is there
            LOGGER.debug("A server announced itself: %s", problem)
        except ServerProblem as problem:
            return self._abort(problem)
        self.context["title_placeholders"] = {"name": self._title}
        return await self.async_step_discovery_confirm()

    async def _seen(self, entry: ConfigEntry, url: URL) -> None:
        """Try again at once to reach a server that we know, or offer where it is now.

        Its own idea of its address isn't better than the one that was typed, so it counts
        only while that one doesn't work.
        """
        coordinator = coordinator_of(entry)
        if entry.state is ConfigEntryState.LOADED and coordinator is not None:
            if coordinator.mass.connection.connected:
                return
            coordinator.connection.async_retry_now()
        elif entry.state is not ConfigEntryState.SETUP_RETRY:
            return
        typed = URL(entry.data[CONF_URL])
        # what was encrypted isn't offered in plain
        if url == typed or (typed.scheme, url.scheme) == ("https", "http"):
            return
        try:
            _, info = await async_find_server(
                [await async_site(self.hass, entry, url)], entry.unique_id
            )
        except ServerProblem:
            return
        if not follows_app(entry, info):
            async_offer_address(self.hass, entry, as_text(url))

    async def async_step_discovery_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether a server that was found is wanted."""
        self._set_confirm_only()
        return await self._take(
            "discovery_confirm", NOTHING, user_input, lambda _: self._found([self._site.url])
        )

    @override
    async def async_step_hassio(self, discovery_info: HassioServiceInfo) -> ConfigFlowResult:
        """Take the server that runs as a Home Assistant app, with the token that it gives us.

        Only an entry that came this way follows it: its user never typed anything.
        """
        try:
            await self._found_app(discovery_info.config)
        except ServerProblem as problem:
            return self._abort(problem)
        return await self.async_step_hassio_confirm()

    async def async_step_hassio_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether the app's server is wanted."""
        if user_input is not None:
            return self.async_create_entry(title=self._title, data=self._app_data())
        self._set_confirm_only()
        return self.async_show_form(
            step_id="hassio_confirm", description_placeholders={"name": self._title}
        )

    async def _found_app(self, config: Mapping[str, Any]) -> ServerInfoMessage:
        """Make it about the app's server, unless an entry has it, which is updated if it follows.

        Raises ServerProblem.
        """
        info = await self._find([app_url(config)])
        self._app_token = config.get("auth_token")
        self._title = quoted(info.name or DEFAULT_TITLE)
        asked = self.source == SOURCE_USER
        entry = await self.async_set_unique_id(info.server_id, raise_on_progress=not asked)
        followed = entry is not None and follows_app(entry, info, self._site.url.port or 0)
        self._abort_if_unique_id_configured(updates=self._app_data() if followed else None)
        return info

    def _app_data(self) -> dict[str, Any]:
        return {
            CONF_URL: str(self._site),
            CONF_TOKEN: self._app_token,
            CONF_ORIGIN: ORIGIN_APP,
        }
