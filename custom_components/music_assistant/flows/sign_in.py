"""Config flow steps that sign in to the server."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, override

from music_assistant_models.api import ServerInfoMessage
import probatio
from yarl import URL

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import CONF_PASSWORD, CONF_TOKEN, CONF_USERNAME
from homeassistant.core import callback
from homeassistant.data_entry_flow import UnknownFlow
from homeassistant.helpers.selector import (
    BooleanSelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from ..const import CONF_ORIGIN, ORIGIN_USER, SCHEMA_SIGN_IN
from ..entry.app import explain_problem
from ..entry.endpoint import merge_endpoint
from ..entry.tokens import build_token_changes, get_token_name
from ..server.credentials import (
    async_check_token,
    async_create_token_from_session,
    async_log_out,
    async_sign_in,
    normalize_token,
)
from ..server.discovery import async_find_moved_server
from ..server.errors import ServerProblem
from .base import EMPTY_SCHEMA, UserInput
from .browser import async_build_sign_in_url, can_redirect_back
from .trust import CertificateSteps

PASSWORD_SELECTOR = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))
# Home Assistant's forms have no back button, and can't be submitted while required fields are
# empty. So this checkbox leads back to the menu, and no other field is required.
CONF_ANOTHER_WAY: Final = "another_way"
_ANOTHER_WAY_SCHEMA: Final = {probatio.Optional(CONF_ANOTHER_WAY): BooleanSelector()}
PASSWORD_SCHEMA = probatio.Schema(
    {
        probatio.Optional(CONF_USERNAME): TextSelector(TextSelectorConfig(autocomplete="username")),
        probatio.Optional(probatio.Secret(CONF_PASSWORD)): PASSWORD_SELECTOR,
        **_ANOTHER_WAY_SCHEMA,
    }
)
TOKEN_SCHEMA = probatio.Schema(
    {probatio.Optional(probatio.Secret(CONF_TOKEN)): PASSWORD_SELECTOR, **_ANOTHER_WAY_SCHEMA}
)
SIGN_IN_METHODS = ("password", "token")


class SignInSteps(CertificateSteps):
    """Handle the sign-in to a server."""

    def __init__(self) -> None:
        """Initialize the flow."""
        super().__init__()
        self._sign_in_url: URL | None = None  # of the server's own page
        self._session_token: str | None = None  # returned by that page

    async def _start_sign_in(self, info: ServerInfoMessage) -> ConfigFlowResult:
        """Show the sign-in methods, or finish if the server has no users. Raises ServerProblem."""
        if info.schema_version < SCHEMA_SIGN_IN:
            await async_check_token(self._server_endpoint, None)
            return self._create_or_update_entry(None)
        if not info.onboard_done:
            raise ServerProblem("not_onboarded", url=str(self._server_endpoint))
        return await self.async_step_sign_in()

    async def async_step_sign_in(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the sign-in methods."""
        browser = ["browser"] if can_redirect_back(self.hass) else []
        return self.async_show_menu(
            step_id="sign_in",
            menu_options=[*browser, *SIGN_IN_METHODS],
            description_placeholders={"url": str(self._server_endpoint)},
        )

    async def async_step_browser(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Open the server's own sign-in page, and store the session token that it returns."""
        if user_input is None:
            if self._sign_in_url is None:  # a reloaded page's request lacks the redirect address
                self._sign_in_url = await async_build_sign_in_url(
                    self.hass, self.flow_id, self._server_endpoint.url, get_token_name(self.hass)
                )
            self._schedule_abort()
            return self.async_external_step(step_id="browser", url=str(self._sign_in_url))
        self._session_token = user_input.get("code")
        return self.async_external_step_done(next_step_id="signed_in")

    async def async_step_signed_in(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Exchange the page's session token for a long-lived token, or show why that failed."""
        session_token, self._session_token = self._session_token, None
        if session_token is None and user_input is not None:
            return await self.async_step_sign_in()
        if session_token is None:
            return await self._show_form_or_certificate(
                "signed_in", EMPTY_SCHEMA, None, ServerProblem("sign_in_cancelled")
            )
        try:
            await self._verify_server()
            token = await async_create_token_from_session(
                self._server_endpoint, session_token, get_token_name(self.hass)
            )
            return await self._save_token(token, created=True)
        except ServerProblem as problem:
            return await self._show_form_or_certificate("signed_in", EMPTY_SCHEMA, None, problem)

    @override
    @callback
    def async_remove(self) -> None:
        """Log out of a session whose token was not exchanged before the flow was closed."""
        super().async_remove()
        if self._session_token is not None:
            self.hass.async_create_task(async_log_out(self._server_endpoint, self._session_token))

    async def async_step_password(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Handle the sign-in with username and password."""
        return await self._handle_sign_in(
            "password", PASSWORD_SCHEMA, user_input, self._create_token, created=True
        )

    async def async_step_token(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Handle the sign-in with a long-lived token that the user created on the server."""
        return await self._handle_sign_in(
            "token", TOKEN_SCHEMA, user_input, self._validate_token, created=False
        )

    async def _handle_sign_in(
        self,
        step_id: str,
        schema: probatio.Schema,
        user_input: UserInput | None,
        get_token: Callable[[UserInput], Awaitable[str]],
        *,
        created: bool,
    ) -> ConfigFlowResult:
        """Handle a sign-in form; return to the menu if the user chose another method."""

        async def handle_input(entered: UserInput) -> ConfigFlowResult:
            if entered.get(CONF_ANOTHER_WAY):
                return await self.async_step_sign_in()
            return await self._save_token(await get_token(entered), created=created)

        return await self._handle_form(step_id, schema, user_input, handle_input)

    async def _create_token(self, entered: UserInput) -> str:
        """Create a long-lived token from username and password. Raises ServerProblem."""
        username, password = entered.get(CONF_USERNAME), entered.get(CONF_PASSWORD)
        if not username or not password:
            raise ServerProblem("no_credentials")
        await self._verify_server()
        return await async_sign_in(
            self._server_endpoint, username, password, get_token_name(self.hass)
        )

    async def _validate_token(self, entered: UserInput) -> str:
        """Return an entered token if the server accepts it. Raises ServerProblem."""
        token = normalize_token(entered.get(CONF_TOKEN, ""))
        await self._verify_server()
        await async_check_token(self._server_endpoint, token)
        return token

    async def _verify_server(self) -> None:
        """Verify that the server is still the one that was found. Raises ServerProblem."""
        entry = self._existing_entry
        server_id = entry.unique_id if entry else self.unique_id
        try:
            self._server_endpoint = await async_find_moved_server(self._server_endpoint, server_id)
        except ServerProblem as problem:
            raise explain_problem(self.hass, self._server_endpoint.url, problem) from None

    async def _save_token(self, token: str, *, created: bool) -> ConfigFlowResult:
        """Save a token; revoke one that we created if the flow was closed in the meantime."""
        if not self._removed:
            return self._create_or_update_entry(token, created=created)
        if created:
            await async_log_out(self._server_endpoint, token)
        raise UnknownFlow

    @callback
    def _create_or_update_entry(
        self, token: str | None, *, created: bool = False
    ) -> ConfigFlowResult:
        """Create or update the entry with a token and endpoint that work.

        Its origin becomes the user, so that the app's discovery no longer replaces the token.
        """
        entry = self._existing_entry
        data = {**(entry.data if entry else {}), CONF_ORIGIN: ORIGIN_USER}
        if token is not None:
            data |= build_token_changes(data, token, created=created)
        data = merge_endpoint(data, self._server_endpoint)
        if entry is not None:
            return self.async_update_reload_and_abort(entry, data=data)
        return self.async_create_entry(title=self._title, data=data)
