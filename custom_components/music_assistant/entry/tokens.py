"""The token of an entry: whose it is, how long it lasts, and how another takes its place."""

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
from ..server.discovery import async_find_again
from ..server.endpoint import Site
from ..server.errors import ServerProblem, invalid, translated_errors
from ..server.token import Token
from .issues import async_show_token
from .origin import follows_app

# The id of the token that we made. It tells which one is ours also after the built-in
# integration has put another one in its place.
CONF_MADE: Final = "made_token"
# Tokens of ours that are no longer used, until the server has revoked them.
CONF_RETIRED: Final = "retired_tokens"
# How often a token is looked after, and how long before its end a person is told.
LOOKED_AFTER: Final = timedelta(days=1)
NOTICE: Final = timedelta(days=30)
# Seconds until Home Assistant has written a changed entry to its disk. The old token isn't
# revoked before that: after a crash it is the one that is still known.
WRITTEN: Final = 2.0


def token_name(hass: HomeAssistant) -> str:
    """Return what a token of ours is called in the server's list."""
    return f"Home Assistant ({hass.config.location_name})"


def is_ours(data: Mapping[str, Any]) -> bool:
    """Tell whether the token in an entry's data is one that we made."""
    token = Token.read(data.get(CONF_TOKEN))
    return token is not None and token.token_id == data.get(CONF_MADE)


def secrets_of(data: Mapping[str, Any]) -> list[str]:
    """Return what nobody may see of an entry's data."""
    return [*filter(None, [data.get(CONF_TOKEN)]), *data.get(CONF_RETIRED, ())]


def with_token(data: Mapping[str, Any], token: str | None, *, made: bool) -> dict[str, Any]:
    """Return what changes in an entry's data with another token, `made` by us or not.

    One of ours that it takes the place of is kept until it is revoked.
    """
    changes: dict[str, Any] = {CONF_TOKEN: token}
    if made and (read := Token.read(token)):
        changes[CONF_MADE] = read.token_id
    retired = [*data.get(CONF_RETIRED, ()), *([data[CONF_TOKEN]] if is_ours(data) else ())]
    retired = [each for each in retired if each != token]  # it may be one of them, pasted
    if retired or CONF_RETIRED in data:
        changes[CONF_RETIRED] = retired
    return changes


async def async_revoke_all(site: Site, entry: ConfigEntry) -> None:
    """Revoke the tokens that we made for an entry; one that it was given stays."""
    tokens = list(entry.data.get(CONF_RETIRED, ()))
    if is_ours(entry.data):
        tokens.append(entry.data[CONF_TOKEN])
    if await _revoke(site, entry.unique_id, tokens) != set(tokens):
        LOGGER.warning(
            "The token that Home Assistant made on %s could not be revoked. Revoke it there,"
            " in the profile settings",
            site,
        )


async def _revoke(site: Site, server_id: str | None, tokens: Collection[str]) -> set[str]:
    """Revoke tokens; return those that are over for certain. Another server is sent none."""
    if not tokens:
        return set()
    try:
        site = await async_find_again(site, server_id)
    except ServerProblem as problem:
        LOGGER.debug("No token was revoked: %s", problem)
        return set()
    over = await asyncio.gather(*(async_log_out(site, token) for token in tokens))
    return {token for token, is_over in zip(tokens, over, strict=True) if is_over}


class TokenKeeper:
    """Sees to it that an entry always has a working token, and leaves none behind."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, connection: ServerConnection
    ) -> None:
        """Prepare for the token that a connection uses."""
        self._hass = hass
        self._entry = entry
        self._connection = connection
        self._renewing = asyncio.Lock()

    @property
    def token(self) -> Token | None:
        """Return what is known of the current token."""
        return Token.read(self._entry.data.get(CONF_TOKEN))

    @property
    def expires(self) -> datetime | None:
        """Return when the current token ends, if that is known."""
        return self.token.expires if self.token else None

    @property
    def _renews_itself(self) -> bool:
        """Tell whether the token comes by the app's discovery, again and again."""
        return follows_app(self._entry, self._connection.info)

    @callback
    def async_start(self) -> CALLBACK_TYPE:
        """Look after the token now and daily; returns what ends that."""

        @callback
        def look_after(_now: datetime | None = None) -> None:
            self._entry.async_create_background_task(
                self._hass, self.async_look_after(), f"{DOMAIN} {self._entry.title} token"
            )

        look_after()
        return async_track_time_interval(
            self._hass, look_after, LOOKED_AFTER, cancel_on_shutdown=True
        )

    async def async_look_after(self) -> None:
        """Renew our own token in time, tell of the end of another, revoke what isn't used."""
        await self._revoke_retired()
        failed = False
        renewal = token.renewal if (token := self.token) else None
        if renewal and renewal <= dt_util.utcnow() and is_ours(self._entry.data):
            try:
                await self.async_renew()
            except HomeAssistantError as err:
                failed = True
                LOGGER.warning(
                    "The token of %s could not be renewed and stays in use: %s",
                    self._entry.title,
                    err,
                )
        self._show(failed)

    async def async_renew(self) -> None:
        """Put a new token of our own in place of the current one. Raises HomeAssistantError.

        It is made, proved and saved before it is used, and only then the old one is revoked, if
        that was ours: wherever this ends, the entry has a token that works.
        """
        if self._renews_itself:
            raise invalid("token_of_app", server=self._entry.title)
        async with self._renewing:
            address = self._connection.address
            with translated_errors(self._entry.title):
                token = await async_create_token(self._connection.client, token_name(self._hass))
            try:
                await async_check_token(address.site, token, address.server_id)
                self._save(address.token, token)
            except BaseException:
                await asyncio.shield(self._discard(address.site, token))
                raise
            await self._use(token)
            await self._revoke_retired()
        self._show()

    async def _discard(self, site: Site, token: str) -> None:
        """Revoke a token that isn't used; if that isn't certain, it is tried again later."""
        if await async_log_out(site, token):
            return
        data = self._entry.data
        retired = [*data.get(CONF_RETIRED, ()), token]
        with suppress(UnknownEntry):  # removed meanwhile
            self._hass.config_entries.async_update_entry(
                self._entry, data={**data, CONF_RETIRED: retired}
            )

    def _save(self, old: str | None, new: str) -> None:
        data = self._entry.data
        if data.get(CONF_TOKEN) != old:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="token_changed",
                translation_placeholders={"server": self._entry.title},
            )
        self._hass.config_entries.async_update_entry(
            self._entry, data={**data, **with_token(data, new, made=True)}
        )

    async def _use(self, token: str) -> None:
        address = replace(self._connection.address, token=token)
        self._connection.address = address  # however this ends, it is for the next attempt
        try:
            await self._connection.async_switch(address)
        except ServerProblem as problem:  # proved a moment ago
            LOGGER.debug("Not gone over to the new token yet: %s", problem.key)

    async def _revoke_retired(self) -> None:
        """Revoke what is no longer used; what can't be is tried again the next time."""
        if CONF_RETIRED not in self._entry.data:
            return
        await asyncio.sleep(WRITTEN)
        address = self._connection.address
        retired = self._entry.data.get(CONF_RETIRED, ())
        over = await _revoke(address.site, address.server_id, retired)
        data = dict(self._entry.data)
        if left := [token for token in data.pop(CONF_RETIRED, ()) if token not in over]:
            data[CONF_RETIRED] = left
            LOGGER.warning(
                "A former token of %s could not be revoked; it is tried again daily",
                self._entry.title,
            )
        with suppress(UnknownEntry):  # removed meanwhile, and these with it
            self._hass.config_entries.async_update_entry(self._entry, data=data)

    def _show(self, failed: bool = False) -> None:
        """Tell of an end that is near, unless another token takes its place by itself."""
        told = failed or not (is_ours(self._entry.data) or self._renews_itself)
        token = self.token if told else None
        end = token.expires if token and token.expires_within(NOTICE) else None
        async_show_token(self._hass, self._entry, end, failed)
