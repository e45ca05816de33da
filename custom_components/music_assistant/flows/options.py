"""The token page: which tokens our user has on the server, a new one of ours, an end to others."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
import re
from typing import Any, Final

from music_assistant_models.auth import AuthToken
from music_assistant_models.errors import InvalidDataError
import probatio

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult, OptionsFlow
from homeassistant.const import CONF_TOKEN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
from homeassistant.util import dt as dt_util

from ..coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator
from ..helpers.texts import error_text, text
from ..server.credentials import async_tokens
from ..server.errors import invalid, translated_errors
from ..server.sanitize import quoted
from ..server.token import Token
from .base import NOTHING

CONF_TOKENS: Final = "tokens"
# The server lists no more than these, the oldest first.
LISTED: Final = 100
_MARKDOWN: Final = re.compile(r"([!-/:-@[-`{-~])")
_NOTHING: Final = "–"
_UNBROKEN: Final = "\N{NON-BREAKING HYPHEN}"  # a narrow column would break a date at others


def table(tokens: Iterable[AuthToken], current: str | None) -> str:
    """Return the rows of the table of tokens, the current one in bold."""
    return "\n".join(_row(token, bold=token.token_id == current) for token in tokens)


def _row(token: AuthToken, *, bold: bool) -> str:
    name = _MARKDOWN.sub(r"\\\1", " ".join(token.name.split())) or _NOTHING
    moments = (token.created_at, token.last_used_at, token.expires_at)
    dates = (_date(moment).replace("-", _UNBROKEN) for moment in moments)
    cells = (f"**{name}**" if bold else name, *dates)
    return f"| {' | '.join(cells)} |"


def _date(moment: datetime | None, never: str = _NOTHING) -> str:
    return dt_util.as_local(moment).date().isoformat() if moment else never


def _choice(hass: HomeAssistant, token: AuthToken) -> SelectOptionDict:
    never = text(hass, "token_never", _NOTHING)
    label = text(hass, "token_choice", "{name}: {made} – {used} – {expires}").format(
        name=quoted(token.name) or _NOTHING,
        made=_date(token.created_at),
        used=_date(token.last_used_at, never),
        expires=_date(token.expires_at, never),
    )
    return SelectOptionDict(value=token.token_id, label=label)


class TokenPage(OptionsFlow):
    """List the tokens, and come back to the list after each change."""

    config_entry: MusicAssistantConfigEntry

    def __init__(self) -> None:
        """Begin without a look at the server."""
        self._tokens: list[AuthToken] = []

    @property
    def _coordinator(self) -> MusicAssistantCoordinator:
        """Return what is connected; ServiceValidationError if nothing is."""
        if self.config_entry.state is not ConfigEntryState.LOADED:
            raise invalid("not_connected", server=self.config_entry.title)
        return self.config_entry.runtime_data

    @property
    def _current(self) -> str | None:
        """Return the id of the token that we use."""
        token = Token.read(self.config_entry.data.get(CONF_TOKEN))
        return token.token_id if token else None

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show the tokens, and what can be done."""
        try:
            with translated_errors(self.config_entry.title):
                self._tokens = await async_tokens(self._coordinator.mass)
        except HomeAssistantError as err:
            return self.async_abort(
                reason="failed", description_placeholders={"error": error_text(self.hass, err)}
            )
        cut = len(self._tokens) >= LISTED
        return self.async_show_menu(
            step_id="init",
            menu_options=["rotate", *(["revoke"] if self._others else [])],
            description_placeholders={
                "server": self.config_entry.title,
                "tokens": table(self._tokens, self._current),
                "note": text(self.hass, "tokens_cut", "") if cut else "",
            },
        )

    async def async_step_rotate(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Put a new token of our own in place of the one that we use."""
        problem = ""
        if user_input is not None:
            try:
                await self._coordinator.tokens.async_renew()
                return await self.async_step_init()
            except HomeAssistantError as err:
                problem = error_text(self.hass, err)
        return self._form("rotate", NOTHING, problem)

    async def async_step_revoke(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Revoke some of the others."""
        problem = ""
        if user_input is not None:
            try:
                for token_id in user_input[CONF_TOKENS]:
                    await self._revoke(token_id)
                return await self.async_step_init()
            except HomeAssistantError as err:
                problem = error_text(self.hass, err)
        chosen = SelectSelectorConfig(
            options=[_choice(self.hass, token) for token in self._others],
            multiple=True,
            mode=SelectSelectorMode.LIST,
        )
        # optional: of a required one Home Assistant chooses the first by itself
        tokens = probatio.Optional(CONF_TOKENS, default=list)
        schema = probatio.Schema({tokens: SelectSelector(chosen)})
        return self._form("revoke", schema, problem)

    @property
    def _others(self) -> list[AuthToken]:
        return [token for token in self._tokens if token.token_id != self._current]

    async def _revoke(self, token_id: str) -> None:
        if token_id == self._current:  # by now: it may have been rotated meanwhile
            raise invalid("token_in_use")
        with translated_errors(self.config_entry.title), suppress(InvalidDataError):  # gone already
            await self._coordinator.mass.auth.revoke_token(token_id)
        self._tokens = [token for token in self._tokens if token.token_id != token_id]

    def _form(self, step_id: str, schema: probatio.Schema, problem: str) -> ConfigFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=schema,
            errors={"base": "failed"} if problem else {},
            description_placeholders={"server": self.config_entry.title, "error": problem},
        )
