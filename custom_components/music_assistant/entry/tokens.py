"""Renewal and revocation of a config entry's token."""

import asyncio
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, UnknownEntry
from homeassistant.const import CONF_TOKEN
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from ..const import DOMAIN, LOGGER
from ..server.connection import ServerConnection
from ..server.credentials import async_check_token, async_create_token, async_log_out
from ..server.discovery import async_find_moved_server
from ..server.endpoint import ServerEndpoint
from ..server.errors import ServerProblem, build_validation_error, translate_errors
from ..server.token import TokenInfo
from .issues import async_update_token_issues
from .origin import is_managed_by_app

# Id of the token that we created. The built-in integration may replace the token itself, and
# leaves this id.
CONF_CREATED_TOKEN_ID: Final = "made_token"
# Tokens that we created and no longer use, until the server has revoked them.
CONF_RETIRED_TOKENS: Final = "retired_tokens"
# How often a token is checked, and how long before its expiry an issue is shown.
CHECK_INTERVAL: Final = timedelta(days=1)
EXPIRY_NOTICE_PERIOD: Final = timedelta(days=30)
# Seconds until Home Assistant has saved a changed entry. The old token isn't revoked earlier,
# because after a crash it would still be the one in the entry.
STORAGE_SAVE_DELAY: Final = 2.0
MIN_SECRET_LENGTH: Final = 8


def get_token_name(hass: HomeAssistant) -> str:
    """Return the name under which the server lists the tokens that we create."""
    return f"Home Assistant ({hass.config.location_name})"


def has_created_token(data: Mapping[str, Any]) -> bool:
    """Return whether the token in an entry's data is one that we created."""
    token = TokenInfo.parse(data.get(CONF_TOKEN))
    return token is not None and token.token_id == data.get(CONF_CREATED_TOKEN_ID)


def is_secret(value: object) -> bool:
    """Return whether a value can be a token: shorter ones would redact parts of words."""
    return isinstance(value, str) and len(value) >= MIN_SECRET_LENGTH


def get_secrets(data: Mapping[str, Any]) -> list[str]:
    """Return the tokens in an entry's data, for redaction, also in data that isn't valid."""
    retired = data.get(CONF_RETIRED_TOKENS)
    tokens = [data.get(CONF_TOKEN), *(retired if isinstance(retired, list | tuple) else ())]
    return [token for token in tokens if is_secret(token)]


def build_token_changes(
    data: Mapping[str, Any], token: str | None, *, created: bool
) -> dict[str, Any]:
    """Build the changes of an entry's data for another token; `created` if we created it.

    If we created the replaced token, it is retired: kept until the server has revoked it.
    """
    changes: dict[str, Any] = {CONF_TOKEN: token}
    if created and (read := TokenInfo.parse(token)):
        changes[CONF_CREATED_TOKEN_ID] = read.token_id
    retired = [
        *data.get(CONF_RETIRED_TOKENS, ()),
        *([data[CONF_TOKEN]] if has_created_token(data) else ()),
    ]
    # the user may have entered a retired token
    retired = [retired_token for retired_token in retired if retired_token != token]
    if retired or CONF_RETIRED_TOKENS in data:
        changes[CONF_RETIRED_TOKENS] = retired
    return changes


async def async_revoke_tokens(endpoint: ServerEndpoint, entry: ConfigEntry) -> None:
    """Revoke the tokens that we created for an entry."""
    tokens = list(entry.data.get(CONF_RETIRED_TOKENS, ()))
    if has_created_token(entry.data):
        tokens.append(entry.data[CONF_TOKEN])
    if await _revoke_tokens(endpoint, entry.unique_id, tokens) != set(tokens):
        LOGGER.warning(
            "The token that Home Assistant created on %s could not be revoked. Revoke it there,"
            " in the profile settings",
            endpoint,
        )


async def _revoke_tokens(
    endpoint: ServerEndpoint, server_id: str | None, tokens: Collection[str]
) -> set[str]:
    """Revoke tokens if the server is still the same; return those that are surely invalid now."""
    if not tokens:
        return set()
    try:
        endpoint = await async_find_moved_server(endpoint, server_id)
    except ServerProblem as problem:
        LOGGER.debug("No token was revoked: %s", problem)
        return set()
    results = await asyncio.gather(*(async_log_out(endpoint, token) for token in tokens))
    return {token for token, is_revoked in zip(tokens, results, strict=True) if is_revoked}


class TokenManager:
    """Manage the token of an entry: renew it in time, and revoke unused ones."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, connection: ServerConnection
    ) -> None:
        """Initialize the manager of the token that a connection uses."""
        self._hass = hass
        self._entry = entry
        self._connection = connection
        self._renewal_lock = asyncio.Lock()

    @property
    def token(self) -> TokenInfo | None:
        """Return the parsed current token."""
        return TokenInfo.parse(self._entry.data.get(CONF_TOKEN))

    @property
    def expires(self) -> datetime | None:
        """Return when the current token expires, if known."""
        return self.token.expires if self.token else None

    @property
    def _is_renewed_by_app(self) -> bool:
        """Return whether the app's discovery provides the token."""
        return is_managed_by_app(self._entry, self._connection.server_info)

    @callback
    def async_start(self) -> CALLBACK_TYPE:
        """Check the token now and daily; return a function that stops this."""

        @callback
        def start_check(_now: datetime | None = None) -> None:
            self._entry.async_create_background_task(
                self._hass, self.async_check(), f"{DOMAIN} {self._entry.title} token"
            )

        start_check()
        return async_track_time_interval(
            self._hass, start_check, CHECK_INTERVAL, cancel_on_shutdown=True
        )

    async def async_check(self) -> None:
        """Renew a token that we created in time, update issues, and revoke unused tokens."""
        await self._revoke_retired()
        failed = False
        renewal = token.renew_at if (token := self.token) else None
        if renewal and renewal <= dt_util.utcnow() and has_created_token(self._entry.data):
            try:
                await self.async_renew()
            except HomeAssistantError as err:
                failed = True
                LOGGER.warning(
                    "The token of %s could not be renewed and stays in use: %s",
                    self._entry.title,
                    err,
                )
        self._update_issues(failed)

    async def async_renew(self) -> None:
        """Replace the current token with a new one. Raises HomeAssistantError.

        The new token is created, checked and saved before it is used, and then the old one is
        revoked if we created it. So the entry has a working token wherever this fails.
        """
        if self._is_renewed_by_app:
            raise build_validation_error("token_of_app", server=self._entry.title)
        async with self._renewal_lock:
            address = self._connection.address
            with translate_errors(self._entry.title):
                token = await async_create_token(
                    self._connection.client, get_token_name(self._hass)
                )
            try:
                await async_check_token(address.endpoint, token, address.server_id)
                self._save_token(address.token, token)
            except BaseException:
                await asyncio.shield(self._revoke_unused(address.endpoint, token))
                raise
            await self._connect_with_token(token)
            await self._revoke_retired()
        self._update_issues()

    async def _revoke_unused(self, endpoint: ServerEndpoint, token: str) -> None:
        """Revoke a token that is not used; if that fails, retire it, to try again later."""
        if await async_log_out(endpoint, token):
            return
        data = self._entry.data
        retired = [*data.get(CONF_RETIRED_TOKENS, ()), token]
        with suppress(UnknownEntry):  # the entry was removed
            self._hass.config_entries.async_update_entry(
                self._entry, data={**data, CONF_RETIRED_TOKENS: retired}
            )

    def _save_token(self, old: str | None, new: str) -> None:
        """Save a new token. Raises HomeAssistantError if the old one was replaced meanwhile."""
        data = self._entry.data
        if data.get(CONF_TOKEN) != old:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="token_changed",
                translation_placeholders={"server": self._entry.title},
            )
        self._hass.config_entries.async_update_entry(
            self._entry, data={**data, **build_token_changes(data, new, created=True)}
        )

    async def _connect_with_token(self, token: str) -> None:
        """Reconnect with a new token."""
        address = replace(self._connection.address, token=token)
        self._connection.address = address  # the next connection attempt uses it in any case
        try:
            await self._connection.async_update_address(address)
        except ServerProblem as problem:  # not the token's fault: it was checked a moment ago
            LOGGER.debug("Could not reconnect with the new token yet: %s", problem.key)

    async def _revoke_retired(self) -> None:
        """Revoke retired tokens; those that can't be revoked are tried again at the next check."""
        if CONF_RETIRED_TOKENS not in self._entry.data:
            return
        await asyncio.sleep(STORAGE_SAVE_DELAY)
        address = self._connection.address
        retired = self._entry.data.get(CONF_RETIRED_TOKENS, ())
        revoked = await _revoke_tokens(address.endpoint, address.server_id, retired)
        data = dict(self._entry.data)
        if remaining := [
            token for token in data.pop(CONF_RETIRED_TOKENS, ()) if token not in revoked
        ]:
            data[CONF_RETIRED_TOKENS] = remaining
            LOGGER.warning(
                "A former token of %s could not be revoked; it is tried again daily",
                self._entry.title,
            )
        with suppress(UnknownEntry):  # the entry was removed
            self._hass.config_entries.async_update_entry(self._entry, data=data)

    def _update_issues(self, failed: bool = False) -> None:
        """Show an issue if the token expires soon and won't be renewed automatically."""
        is_unmanaged = failed or not (
            has_created_token(self._entry.data) or self._is_renewed_by_app
        )
        token = self.token if is_unmanaged else None
        expires = (
            token.expires if token and token.is_expiring_within(EXPIRY_NOTICE_PERIOD) else None
        )
        async_update_token_issues(self._hass, self._entry, expires, failed)
