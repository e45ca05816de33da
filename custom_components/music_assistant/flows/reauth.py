"""Config flow steps for reauthentication."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigFlowResult
from homeassistant.const import CONF_TOKEN
from homeassistant.core import HomeAssistant, callback

from ..entry import devices
from ..entry.endpoint import async_get_endpoint
from ..server.token import TokenInfo
from .base import EMPTY_SCHEMA, UserInput, get_server_info
from .sign_in import SignInSteps


@callback
def _has_expired(entry: ConfigEntry) -> bool:
    token = TokenInfo.parse(entry.data.get(CONF_TOKEN))
    return token is not None and token.is_expiring_within(timedelta())


@callback
def _is_server_updated(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Return whether the server's version has changed since the last connection."""
    info = get_server_info(entry)
    last_version = devices.get_server_version(hass, entry)
    return bool(info and last_version and info.server_version != last_version)


class ReauthSteps(SignInSteps):
    """Handle a reauthentication.

    The server gives no reason for a refused token, so the likely one is derived from the
    token's expiry and the server's version.
    """

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Start a reauthentication with its likely reason."""
        entry = self._get_reauth_entry()
        self._server_endpoint = await async_get_endpoint(self.hass, entry)
        if _has_expired(entry):
            return await self.async_step_reauth_expired()
        if _is_server_updated(self.hass, entry):
            return await self.async_step_reauth_updated()
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_expired(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Confirm a reauthentication because the token has expired."""
        return await self._show_confirmation("reauth_expired", user_input)

    async def async_step_reauth_updated(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Confirm a reauthentication after an update of the server."""
        return await self._show_confirmation("reauth_updated", user_input)

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Confirm a reauthentication for another reason (token revoked or user disabled)."""
        return await self._show_confirmation("reauth_confirm", user_input)

    async def async_step_new_sign_in(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Confirm a new sign-in during a reconfiguration."""
        return await self._show_confirmation("new_sign_in", user_input)

    async def _show_confirmation(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        """Show a confirmation, then start the sign-in if the same server is still at the address."""

        async def handle_input(_: UserInput) -> ConfigFlowResult:
            entry = self._existing_entry
            assert entry
            return await self._start_sign_in(
                await self._find_server([self._server_endpoint.url], entry.unique_id)
            )

        return await self._handle_form(step_id, EMPTY_SCHEMA, user_input, handle_input)
