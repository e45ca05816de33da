"""The ways in: what a person has, for a token that Home Assistant keeps."""

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
from ..entry.app import explained
from ..entry.endpoint import with_site
from ..entry.tokens import token_name, with_token
from ..server.credentials import (
    async_check_token,
    async_exchange,
    async_log_out,
    async_sign_in,
    clean_token,
)
from ..server.discovery import async_find_again
from ..server.errors import ServerProblem
from .base import NOTHING, Entered
from .browser import async_sign_in_page, can_come_back
from .trust import TrustSteps

PASSWORD_SELECTOR = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))
# Home Assistant's forms have no way back, and send nothing as long as what is required is missing.
ANOTHER_WAY: Final = "another_way"
_BACK: Final = {probatio.Optional(ANOTHER_WAY): BooleanSelector()}
PASSWORD_SCHEMA = probatio.Schema(
    {
        probatio.Optional(CONF_USERNAME): TextSelector(TextSelectorConfig(autocomplete="username")),
        probatio.Optional(probatio.Secret(CONF_PASSWORD)): PASSWORD_SELECTOR,
        **_BACK,
    }
)
TOKEN_SCHEMA = probatio.Schema(
    {probatio.Optional(probatio.Secret(CONF_TOKEN)): PASSWORD_SELECTOR, **_BACK}
)
WAYS_IN = ("password", "token")


class SignInSteps(TrustSteps):
    """Sign in to the server that was found, and keep what was proved to work."""

    def __init__(self) -> None:
        """Begin signed out."""
        super().__init__()
        self._page: URL | None = None  # the server's own
        self._session_token: str | None = None  # that came back from it

    async def _go_in(self, info: ServerInfoMessage) -> ConfigFlowResult:
        """Go on to the ways in, if the server has users. Raises ServerProblem."""
        if info.schema_version < SCHEMA_SIGN_IN:
            await async_check_token(self._site, None)
            return self._finish(None)
        if not info.onboard_done:
            raise ServerProblem("not_onboarded", url=str(self._site))
        return await self.async_step_sign_in()

    async def async_step_sign_in(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Choose how to sign in."""
        browser = ["browser"] if can_come_back(self.hass) else []
        return self.async_show_menu(
            step_id="sign_in",
            menu_options=[*browser, *WAYS_IN],
            description_placeholders={"url": str(self._site)},
        )

    async def async_step_browser(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Open the server's own sign-in page, and take what it comes back with."""
        if user_input is None:
            if self._page is None:  # a reload of the browser tells us less of the way back
                self._page = await async_sign_in_page(
                    self.hass, self.flow_id, self._site.url, token_name(self.hass)
                )
            self._end_if_left()
            return self.async_external_step(step_id="browser", url=str(self._page))
        self._session_token = user_input.get("code")
        return self.async_external_step_done(next_step_id="signed_in")

    async def async_step_signed_in(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Exchange the page's session token, or say why that can't be and ask again."""
        session_token, self._session_token = self._session_token, None
        if session_token is None and user_input is not None:
            return await self.async_step_sign_in()
        if session_token is None:
            return await self._form("signed_in", NOTHING, None, ServerProblem("sign_in_cancelled"))
        try:
            await self._look_again()
            token = await async_exchange(self._site, session_token, token_name(self.hass))
            return await self._finish_with(token, made=True)
        except ServerProblem as problem:
            return await self._form("signed_in", NOTHING, None, problem)

    @override
    @callback
    def async_remove(self) -> None:
        """End the session of a flow that was closed before it was exchanged."""
        super().async_remove()
        if self._session_token is not None:
            self.hass.async_create_task(async_log_out(self._site, self._session_token))

    async def async_step_password(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Exchange a username and password for a token of our own."""
        return await self._sign_in_by(
            "password", PASSWORD_SCHEMA, user_input, self._made, made=True
        )

    async def async_step_token(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Take a long-lived token that was made on the server."""
        return await self._sign_in_by("token", TOKEN_SCHEMA, user_input, self._pasted, made=False)

    async def _sign_in_by(
        self,
        step_id: str,
        schema: probatio.Schema,
        user_input: Entered | None,
        token_of: Callable[[Entered], Awaitable[str]],
        *,
        made: bool,
    ) -> ConfigFlowResult:
        """Sign in by what is entered, unless another way is wanted."""

        async def go_on(entered: Entered) -> ConfigFlowResult:
            if entered.get(ANOTHER_WAY):
                return await self.async_step_sign_in()
            return await self._finish_with(await token_of(entered), made=made)

        return await self._take(step_id, schema, user_input, go_on)

    async def _made(self, entered: Entered) -> str:
        """Return a token of our own. Raises ServerProblem."""
        username, password = entered.get(CONF_USERNAME), entered.get(CONF_PASSWORD)
        if not username or not password:
            raise ServerProblem("no_credentials")
        await self._look_again()
        return await async_sign_in(self._site, username, password, token_name(self.hass))

    async def _pasted(self, entered: Entered) -> str:
        """Return a token that works. Raises ServerProblem."""
        token = clean_token(entered.get(CONF_TOKEN, ""))
        await self._look_again()
        await async_check_token(self._site, token)
        return token

    async def _look_again(self) -> None:
        """Make sure that the server is still the one that was found. Raises ServerProblem."""
        entry = self._known
        server_id = entry.unique_id if entry else self.unique_id
        try:
            self._site = await async_find_again(self._site, server_id)
        except ServerProblem as problem:
            raise explained(self.hass, self._site.url, problem) from None

    async def _finish_with(self, token: str, *, made: bool) -> ConfigFlowResult:
        """Keep a token, `made` by us or not; of a flow that was closed meanwhile nothing stays."""
        if not self._over:
            return self._finish(token, made=made)
        if made:
            await async_log_out(self._site, token)
        raise UnknownFlow

    @callback
    def _finish(self, token: str | None, *, made: bool = False) -> ConfigFlowResult:
        """Keep what was proved to work.

        Who signs in has chosen: from then on no discovery of the app puts its own there.
        """
        entry = self._known
        data = {**(entry.data if entry else {}), CONF_ORIGIN: ORIGIN_USER}
        if token is not None:
            data |= with_token(data, token, made=made)
        data = with_site(data, self._site)
        if entry is not None:
            return self.async_update_reload_and_abort(entry, data=data)
        return self.async_create_entry(title=self._title, data=data)
