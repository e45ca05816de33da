"""Adding a server: where it is, and how to sign in to it."""

from collections.abc import Mapping
from typing import Any, override

from aiohttp import ClientSession
import probatio
from yarl import URL

from homeassistant.config_entries import (
    SOURCE_REAUTH,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
)
from homeassistant.const import CONF_PASSWORD, CONF_TOKEN, CONF_URL, CONF_USERNAME
from homeassistant.core import callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.selector import TextSelector, TextSelectorConfig, TextSelectorType
from homeassistant.helpers.service_info.hassio import HassioServiceInfo
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

from .const import CONF_ORIGIN, DEFAULT_TITLE, DOMAIN, ORIGIN_APP, ORIGIN_USER, SCHEMA_SIGN_IN
from .issues import async_offer_address
from .origin import follows_app
from .server.address import InvalidAddress, as_text, candidates
from .server.credentials import async_check_token, async_sign_in, clean_token
from .server.errors import ServerProblem
from .server.probe import async_find_server

PASSWORD_SELECTOR = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))
ADDRESS_SCHEMA = probatio.Schema({probatio.Required(CONF_URL): TextSelector()})
PASSWORD_SCHEMA = probatio.Schema(
    {
        probatio.Required(CONF_USERNAME): TextSelector(TextSelectorConfig(autocomplete="username")),
        probatio.Required(probatio.Secret(CONF_PASSWORD)): PASSWORD_SELECTOR,
    }
)
TOKEN_SCHEMA = probatio.Schema({probatio.Required(probatio.Secret(CONF_TOKEN)): PASSWORD_SELECTOR})
WAYS_IN = ["password", "token"]


class MusicAssistantConfigFlow(ConfigFlow, domain=DOMAIN):
    """Ask for the address, find the server, sign in."""

    VERSION = 1

    def __init__(self) -> None:
        """Begin without a server."""
        self._url = URL()
        self._token: str | None = None
        self._title = DEFAULT_TITLE

    @property
    def _session(self) -> ClientSession:
        return async_get_clientsession(self.hass)

    @property
    def _token_name(self) -> str:
        """What a token of ours is called in the server's list."""
        return f"Home Assistant ({self.hass.config.location_name})"

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the server's address."""
        problem: ServerProblem | None = None
        if user_input is not None:
            try:
                return await self._found(user_input[CONF_URL])
            except InvalidAddress:
                problem = ServerProblem("invalid_address")
            except ServerProblem as err:
                problem = err
        return self._form("user", ADDRESS_SCHEMA, user_input, problem)

    async def _found(self, address: str) -> ConfigFlowResult:
        """Go on with the server at an address, if there is one."""
        self._url, info = await async_find_server(self._session, candidates(address))
        await self.async_set_unique_id(info.server_id, raise_on_progress=False)
        self._abort_if_unique_id_configured()
        self._title = info.name or DEFAULT_TITLE
        if info.schema_version < SCHEMA_SIGN_IN:
            await async_check_token(self._session, self._url, None)
            return self._finish(None)
        if not info.onboard_done:
            raise ServerProblem("not_onboarded", url=as_text(self._url))
        return await self.async_step_sign_in()

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
        try:
            self._url, info = await async_find_server(self._session, [url], server_id)
        except ServerProblem as problem:
            return self._abort(problem)
        self._title = info.name or DEFAULT_TITLE
        self.context["title_placeholders"] = {"name": self._title}
        return await self.async_step_discovery_confirm()

    async def _seen(self, entry: ConfigEntry, url: URL) -> None:
        """Try again at once to reach a server that we know, or offer where it is now.

        Its own idea of its address isn't better than the one that was typed, so it counts
        only while that one doesn't work.
        """
        coordinator = getattr(entry, "runtime_data", None)
        if entry.state is ConfigEntryState.LOADED and coordinator is not None:
            if coordinator.mass.connection.connected:
                return
            coordinator.connection.async_retry_now()
        elif entry.state is not ConfigEntryState.SETUP_RETRY:
            return
        if as_text(url) == entry.data[CONF_URL]:
            return
        try:
            _, info = await async_find_server(self._session, [url], entry.unique_id)
        except ServerProblem:
            return
        if not follows_app(entry, info):
            async_offer_address(self.hass, entry, as_text(url))

    async def async_step_discovery_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether a server that was found is wanted."""
        problem: ServerProblem | None = None
        if user_input is not None:
            try:
                return await self._found(as_text(self._url))
            except ServerProblem as err:
                problem = err
        self._set_confirm_only()
        return self._form("discovery_confirm", probatio.Schema({}), None, problem)

    @override
    async def async_step_hassio(self, discovery_info: HassioServiceInfo) -> ConfigFlowResult:
        """Take the server that runs as a Home Assistant app, with the token that it gives us.

        Only an entry that came this way follows it: its user never typed anything.
        """
        config = discovery_info.config
        url = URL.build(scheme="http", host=config["host"], port=int(config["port"]))
        try:
            self._url, info = await async_find_server(self._session, [url])
        except ServerProblem as problem:
            return self._abort(problem)
        self._token = config.get("auth_token")
        self._title = info.name or DEFAULT_TITLE
        entry = await self.async_set_unique_id(info.server_id)
        followed = entry is not None and follows_app(entry, info, int(config["port"]))
        self._abort_if_unique_id_configured(updates=self._app_data() if followed else None)
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

    def _app_data(self) -> dict[str, Any]:
        return {
            CONF_URL: as_text(self._url),
            CONF_TOKEN: self._token,
            CONF_ORIGIN: ORIGIN_APP,
        }

    async def async_step_sign_in(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Choose how to sign in."""
        return self.async_show_menu(
            step_id="sign_in",
            menu_options=WAYS_IN,
            description_placeholders={"url": as_text(self._url)},
        )

    async def async_step_password(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Exchange a username and password for a token of our own."""
        problem: ServerProblem | None = None
        if user_input is not None:
            try:
                token = await async_sign_in(
                    self._session,
                    self._url,
                    user_input[CONF_USERNAME],
                    user_input[CONF_PASSWORD],
                    self._token_name,
                )
                return self._finish(token)
            except ServerProblem as err:
                problem = err
        return self._form("password", PASSWORD_SCHEMA, user_input, problem)

    async def async_step_token(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Take a long-lived token that was made on the server."""
        problem: ServerProblem | None = None
        if user_input is not None:
            try:
                token = clean_token(user_input[CONF_TOKEN])
                await async_check_token(self._session, self._url, token)
                return self._finish(token)
            except ServerProblem as err:
                problem = err
        return self._form("token", TOKEN_SCHEMA, None, problem)

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Sign in again to a server that no longer takes our token."""
        self._url = URL(entry_data[CONF_URL])
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say why, before asking how; another server at the address is sent nothing."""
        problem: ServerProblem | None = None
        if user_input is not None:
            try:
                self._url, _ = await async_find_server(
                    self._session, [self._url], self._get_reauth_entry().unique_id
                )
                return await self.async_step_sign_in()
            except ServerProblem as err:
                problem = err
        return self._form("reauth_confirm", probatio.Schema({}), None, problem)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Take another address of the same server; from then on it is a typed one."""
        entry = self._get_reconfigure_entry()
        self._title = entry.title
        problem: ServerProblem | None = None
        if user_input is not None:
            try:
                urls = candidates(user_input[CONF_URL])
                url, _ = await async_find_server(self._session, urls, entry.unique_id)
            except InvalidAddress:
                problem = ServerProblem("invalid_address")
            except ServerProblem as err:
                problem = err
            else:
                return self.async_update_reload_and_abort(
                    entry, data_updates={CONF_URL: as_text(url), CONF_ORIGIN: ORIGIN_USER}
                )
        shown = user_input or {CONF_URL: entry.data[CONF_URL]}
        return self._form("reconfigure", ADDRESS_SCHEMA, shown, problem)

    @callback
    def _finish(self, token: str | None) -> ConfigFlowResult:
        """Keep what was proved to work."""
        if self.source == SOURCE_REAUTH:
            return self.async_update_reload_and_abort(
                self._get_reauth_entry(), data_updates={CONF_TOKEN: token}
            )
        data = {CONF_URL: as_text(self._url), CONF_ORIGIN: ORIGIN_USER}
        if token is not None:
            data[CONF_TOKEN] = token
        return self.async_create_entry(title=self._title, data=data)

    @callback
    def _abort(self, problem: ServerProblem) -> ConfigFlowResult:
        """End, and say what is wrong."""
        return self.async_abort(reason=problem.key, description_placeholders=problem.placeholders)

    @callback
    def _form(
        self,
        step_id: str,
        schema: probatio.Schema,
        user_input: dict[str, Any] | None,
        problem: ServerProblem | None,
    ) -> ConfigFlowResult:
        """Show a form with what was entered (but no secret) and what is wrong with it."""
        shown = {key: value for key, value in (user_input or {}).items() if key != CONF_PASSWORD}
        placeholders = {"url": as_text(self._url), "name": self._title, "error": ""}
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, shown),
            errors={"base": problem.key} if problem else {},
            description_placeholders=placeholders | (problem.placeholders if problem else {}),
        )
