"""Signing in again to a server that no longer takes our token: why, and then how."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigFlowResult
from homeassistant.const import CONF_TOKEN
from homeassistant.core import HomeAssistant, callback

from ..entry import devices
from ..entry.endpoint import async_site
from ..server.token import Token
from .base import NOTHING, Entered, last_said
from .sign_in import SignInSteps


@callback
def _has_expired(entry: ConfigEntry) -> bool:
    token = Token.read(entry.data.get(CONF_TOKEN))
    return token is not None and token.expires_within(timedelta())


@callback
def _was_updated(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Tell whether the server is of another version than when it last let us in."""
    info = last_said(entry)
    before = devices.server_version(hass, entry)
    return bool(info and before and info.server_version != before)


class ReauthSteps(SignInSteps):
    """Say why, before asking how. The server itself only says no, so it is told from outside."""

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Sign in again."""
        entry = self._get_reauth_entry()
        self._site = await async_site(self.hass, entry)
        if _has_expired(entry):
            return await self.async_step_reauth_expired()
        if _was_updated(self.hass, entry):
            return await self.async_step_reauth_updated()
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_expired(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say that the token has come to its end."""
        return await self._again("reauth_expired", user_input)

    async def async_step_reauth_updated(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say that an update of the server took the token with it."""
        return await self._again("reauth_updated", user_input)

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say what it can be: revoked, or of a user who was disabled."""
        return await self._again("reauth_confirm", user_input)

    async def async_step_new_sign_in(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Sign in in another way, or as another user, though nothing is wrong."""
        return await self._again("new_sign_in", user_input)

    async def _again(self, step_id: str, user_input: dict[str, Any] | None) -> ConfigFlowResult:
        """Go on to the ways in; another server at the address is sent nothing."""

        async def go_on(_: Entered) -> ConfigFlowResult:
            entry = self._known
            assert entry
            return await self._go_in(await self._find([self._site.url], entry.unique_id))

        return await self._take(step_id, NOTHING, user_input, go_on)
