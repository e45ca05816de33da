"""Options flow: the user's tokens on the server, and rarely needed settings."""

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
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
from homeassistant.util import dt as dt_util
from homeassistant.util.language import matches

from ..const import CONF_MASS_QUEUE, SENTENCE_LANGUAGES
from ..coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator
from ..entry.built_in import async_get_additional_entity_ids, async_remove_additional_entities
from ..entry.sentences import (
    FILE_NAME,
    async_get_installed_languages,
    async_remove_sentences,
    async_set_languages,
)
from ..helpers.texts import get_error_text, get_text
from ..server.credentials import async_fetch_tokens
from ..server.errors import build_validation_error, translate_errors
from ..server.sanitize import sanitize_text
from ..server.token import TokenInfo
from .base import EMPTY_SCHEMA

CONF_TOKENS: Final = "tokens"
CONF_LANGUAGES: Final = "languages"
# The server returns at most this number of tokens, the oldest first.
MAX_LISTED_TOKENS: Final = 100
_MARKDOWN_CHARACTERS: Final = re.compile(r"([!-/:-@[-`{-~])")
_EMPTY_CELL: Final = "–"
_NON_BREAKING_HYPHEN: Final = "\N{NON-BREAKING HYPHEN}"  # keeps dates on one line in narrow columns


def format_token_table(tokens: Iterable[AuthToken], current: str | None) -> str:
    """Format tokens as rows of a Markdown table, the current one in bold."""
    return "\n".join(_format_row(token, bold=token.token_id == current) for token in tokens)


def _format_row(token: AuthToken, *, bold: bool) -> str:
    name = _MARKDOWN_CHARACTERS.sub(r"\\\1", " ".join(token.name.split())) or _EMPTY_CELL
    moments = (token.created_at, token.last_used_at, token.expires_at)
    dates = (_format_date(moment).replace("-", _NON_BREAKING_HYPHEN) for moment in moments)
    cells = (f"**{name}**" if bold else name, *dates)
    return f"| {' | '.join(cells)} |"


def _format_date(moment: datetime | None, never: str = _EMPTY_CELL) -> str:
    return dt_util.as_local(moment).date().isoformat() if moment else never


def _build_option(hass: HomeAssistant, token: AuthToken) -> SelectOptionDict:
    never = get_text(hass, "token_never", _EMPTY_CELL)
    label = get_text(hass, "token_choice", "{name}: {made} – {used} – {expires}").format(
        name=sanitize_text(token.name) or _EMPTY_CELL,
        made=_format_date(token.created_at),
        used=_format_date(token.last_used_at, never),
        expires=_format_date(token.expires_at, never),
    )
    return SelectOptionDict(value=token.token_id, label=label)


class TokenOptionsFlow(OptionsFlow):
    """Handle the options: the list of tokens and changes to it, and rarely needed settings."""

    config_entry: MusicAssistantConfigEntry

    def __init__(self) -> None:
        """Initialize the flow."""
        self._tokens: list[AuthToken] = []

    @property
    def _coordinator(self) -> MusicAssistantCoordinator:
        """Return the entry's coordinator. Raises ServiceValidationError if it isn't loaded."""
        if self.config_entry.state is not ConfigEntryState.LOADED:
            raise build_validation_error("not_connected", server=self.config_entry.title)
        return self.config_entry.runtime_data

    @property
    def _current_token_id(self) -> str | None:
        """Return the id of the token that Home Assistant uses."""
        token = TokenInfo.parse(self.config_entry.data.get(CONF_TOKEN))
        return token.token_id if token else None

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show the tokens and the available actions."""
        try:
            with translate_errors(self.config_entry.title):
                self._tokens = await async_fetch_tokens(self._coordinator.mass)
        except HomeAssistantError as err:
            return self.async_abort(
                reason="failed", description_placeholders={"error": get_error_text(self.hass, err)}
            )
        cut = len(self._tokens) >= MAX_LISTED_TOKENS
        return self.async_show_menu(
            step_id="init",
            menu_options=[
                "rotate",
                *(["revoke"] if self._other_tokens else []),
                "cards",
                "sentences",
                "go_back",
            ],
            description_placeholders={
                "server": self.config_entry.title,
                "tokens": format_token_table(self._tokens, self._current_token_id),
                "note": get_text(self.hass, "tokens_cut", "") if cut else "",
            },
        )

    async def async_step_rotate(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Replace the token that Home Assistant uses with a new one."""
        problem = ""
        if user_input is not None:
            try:
                await self._coordinator.tokens.async_renew()
                return await self.async_step_init()
            except HomeAssistantError as err:
                problem = get_error_text(self.hass, err)
        return self._show_form("rotate", EMPTY_SCHEMA, problem)

    async def async_step_revoke(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Revoke selected tokens that Home Assistant doesn't use."""
        problem = ""
        if user_input is not None:
            try:
                for token_id in user_input[CONF_TOKENS]:
                    await self._revoke_token(token_id)
                return await self.async_step_init()
            except HomeAssistantError as err:
                problem = get_error_text(self.hass, err)
        chosen = SelectSelectorConfig(
            options=[_build_option(self.hass, token) for token in self._other_tokens],
            multiple=True,
            mode=SelectSelectorMode.LIST,
        )
        # optional, because Home Assistant preselects the first option of a required field
        tokens = probatio.Optional(CONF_TOKENS, default=list)
        schema = probatio.Schema({tokens: SelectSelector(chosen)})
        return self._show_form("revoke", schema, problem)

    async def async_step_cards(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose whether cards made for mass_queue are answered."""
        options = self.config_entry.options
        if user_input is not None:
            return self.async_create_entry(data={**options, **user_input})
        is_on = options.get(CONF_MASS_QUEUE, True)
        schema = probatio.Schema(
            {probatio.Required(CONF_MASS_QUEUE, default=is_on): BooleanSelector()}
        )
        return self._show_form("cards", schema, "")

    async def async_step_sentences(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Choose the languages whose sentences are installed for Assist."""
        problem = ""
        if user_input is not None:
            try:
                await async_set_languages(self.hass, user_input.get(CONF_LANGUAGES, ()))
                return self.async_create_entry(data={**self.config_entry.options})
            except HomeAssistantError as err:
                problem = get_error_text(self.hass, err)
        config = self.hass.config
        installed = await async_get_installed_languages(self.hass)
        # the one that Assist chooses for a new assistant
        expected = matches(config.language, SENTENCE_LANGUAGES, config.country)[:1]
        # a suggestion, because a default would be filled in again when all are deselected
        languages = probatio.Optional(
            CONF_LANGUAGES,
            description={"suggested_value": installed or expected},
        )
        selector = SelectSelector(
            SelectSelectorConfig(
                options=[
                    SelectOptionDict(value=language, label=name)
                    for language, name in SENTENCE_LANGUAGES.items()
                ],
                multiple=True,
                mode=SelectSelectorMode.LIST,
            )
        )
        return self._show_form(
            "sentences", probatio.Schema({languages: selector}), problem, file=FILE_NAME
        )

    async def async_step_go_back(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Remove the entities and sentences that the built-in integration doesn't have."""
        if user_input is not None:
            await async_remove_sentences(self.hass)
            async_remove_additional_entities(self.hass, self.config_entry)
            return self.async_abort(reason="ready_to_go_back")
        entity_ids = async_get_additional_entity_ids(self.hass, self.config_entry)
        return self.async_show_form(
            step_id="go_back",
            data_schema=EMPTY_SCHEMA,
            description_placeholders={"count": str(len(entity_ids))},
        )

    @property
    def _other_tokens(self) -> list[AuthToken]:
        return [token for token in self._tokens if token.token_id != self._current_token_id]

    async def _revoke_token(self, token_id: str) -> None:
        if token_id == self._current_token_id:  # it may have been rotated while the form was open
            raise build_validation_error("token_in_use")
        # InvalidDataError: already revoked
        with translate_errors(self.config_entry.title), suppress(InvalidDataError):
            await self._coordinator.mass.auth.revoke_token(token_id)
        self._tokens = [token for token in self._tokens if token.token_id != token_id]

    def _show_form(
        self, step_id: str, schema: probatio.Schema, problem: str, **placeholders: str
    ) -> ConfigFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=schema,
            errors={"base": "failed"} if problem else {},
            description_placeholders={
                "server": self.config_entry.title,
                "error": problem,
                **placeholders,
            },
        )
