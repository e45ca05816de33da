"""The ways in: what a person has, for a token that Home Assistant keeps."""

from typing import Any, override

import probatio
from yarl import URL

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import CONF_PASSWORD, CONF_TOKEN, CONF_USERNAME
from homeassistant.core import callback
from homeassistant.helpers.selector import TextSelector, TextSelectorConfig, TextSelectorType

from ..const import CONF_ORIGIN, ORIGIN_USER
from ..reach import with_site
from ..server.credentials import (
    async_check_token,
    async_exchange,
    async_log_out,
    async_sign_in,
    clean_token,
)
from ..server.errors import ServerProblem
from ..tokens import token_name, with_token
from .base import NOTHING
from .browser import async_sign_in_page, can_come_back
from .trust import TrustSteps

PASSWORD_SELECTOR = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))
PASSWORD_SCHEMA = probatio.Schema(
    {
        probatio.Required(CONF_USERNAME): TextSelector(TextSelectorConfig(autocomplete="username")),
        probatio.Required(probatio.Secret(CONF_PASSWORD)): PASSWORD_SELECTOR,
    }
)
TOKEN_SCHEMA = probatio.Schema({probatio.Required(probatio.Secret(CONF_TOKEN)): PASSWORD_SELECTOR})
WAYS_IN = ("password", "token")


class SignInSteps(TrustSteps):
    """Sign in to the server that was found, and keep what was proved to work."""

    def __init__(self) -> None:
        """Begin signed out."""
        super().__init__()
        self._page: URL | None = None  # the server's own
        self._session_token: str | None = None  # that came back from it

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
            token = await async_exchange(self._site, session_token, token_name(self.hass))
            return self._finish(token, made=True)
        except ServerProblem as problem:
            return await self._form("signed_in", NOTHING, None, problem)

    @override
    @callback
    def async_remove(self) -> None:
        """End the session of a flow that was closed before it was exchanged."""
        if self._session_token is not None:
            self.hass.async_create_task(async_log_out(self._site, self._session_token))

    async def async_step_password(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Exchange a username and password for a token of our own."""
        problem: ServerProblem | None = None
        if user_input is not None:
            try:
                token = await async_sign_in(
                    self._site,
                    user_input[CONF_USERNAME],
                    user_input[CONF_PASSWORD],
                    token_name(self.hass),
                )
                return self._finish(token, made=True)
            except ServerProblem as err:
                problem = err
        return await self._form("password", PASSWORD_SCHEMA, user_input, problem)

    async def async_step_token(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Take a long-lived token that was made on the server."""
        problem: ServerProblem | None = None
        if user_input is not None:
            try:
                token = clean_token(user_input[CONF_TOKEN])
                await async_check_token(self._site, token)
                return self._finish(token)
            except ServerProblem as err:
                problem = err
        return await self._form("token", TOKEN_SCHEMA, user_input, problem)

    @callback
    def _finish(self, token: str | None, *, made: bool = False) -> ConfigFlowResult:
        """Keep what was proved to work; `made` tells that the token is one of our own.

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
