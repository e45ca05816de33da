"""Who may be asked about links: Odesli, and accounts of MusicAPI with what is linked to them."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import probatio
from yarl import URL

from homeassistant.config_entries import ConfigSubentryFlow, SubentryFlowResult
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.network import NoURLAvailableError
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from ..coordinator import MusicAssistantConfigEntry
from ..entry.accounts import (
    CONF_CLIENT_ID,
    CONF_CLIENT_SECRET,
    CONF_KEY_ID,
    CONF_ORIGINAL_TOKENS,
    CONF_PRIVATE_KEY,
    CONF_RESOLVES,
    CONF_SLUG,
    CONF_STREAMING,
    SECRETS,
    Streaming,
    credentials_of,
)
from ..share_links import odesli
from ..share_links.errors import ResolverProblem
from ..share_links.musicapi import NAME, BadKey, MusicApi, Person, check_private_key
from ..share_links.services import SERVICES
from .base import NOTHING
from .oauth_return import Answer, expect

# Where a person signs in to a streaming service.
SIGN_IN: Final = URL("https://app.musicapi.com")

# What the form of the credentials doesn't ask for.
_BESIDE: Final = (CONF_SLUG, CONF_STREAMING)
_CREDENTIALS_SCHEMA: Final = probatio.Schema(
    {
        probatio.Required(CONF_CLIENT_ID): TextSelector(),
        probatio.Optional(probatio.Secret(CONF_CLIENT_SECRET)): TextSelector(
            TextSelectorConfig(type=TextSelectorType.PASSWORD)
        ),
        probatio.Optional(CONF_KEY_ID): TextSelector(),
        probatio.Optional(probatio.Secret(CONF_PRIVATE_KEY)): TextSelector(
            TextSelectorConfig(multiline=True)
        ),
        probatio.Required(CONF_RESOLVES, default=False): BooleanSelector(),
        probatio.Required(CONF_ORIGINAL_TOKENS, default=False): BooleanSelector(),
    }
)


def _one_of(options: Mapping[str, str]) -> SelectSelector:
    choices = [SelectOptionDict(value=value, label=label) for value, label in options.items()]
    return SelectSelector(SelectSelectorConfig(options=choices))


_SERVICE_SCHEMA: Final = probatio.Schema(
    {
        probatio.Required(CONF_SLUG): TextSelector(),
        probatio.Required("service"): _one_of(
            {one.musicapi: one.name for one in SERVICES if one.musicapi}
        ),
    }
)


class OdesliFlow(ConfigSubentryFlow):
    """Turn Odesli on."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Say what is sent to whom, and ask."""
        there = [one.subentry_type for one in self._get_entry().subentries.values()]
        if self._subentry_type in there:
            return self.async_abort(reason="already_configured")
        if user_input is None:
            return self.async_show_form(step_id="user", data_schema=NOTHING)
        return self.async_create_entry(title=odesli.NAME, data={})


class MusicApiFlow(ConfigSubentryFlow):
    """Add an account of MusicAPI, and link streaming accounts through it."""

    def __init__(self) -> None:
        """Begin with nothing chosen."""
        self._service = ""
        self._chosen: Streaming | None = None
        self._page: URL | None = None
        self._answer = Answer()

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for what opens an account."""
        if user_input is None:
            return self._form("user", {})
        data, errors, why = await self._tried(user_input, {})
        if errors:
            return self._form("user", user_input, errors, why)
        client_id = data[CONF_CLIENT_ID]
        if any(one.unique_id == client_id for one in self._get_entry().subentries.values()):
            return self.async_abort(reason="already_configured")
        title = f"{NAME} {client_id[:8]}"
        return self.async_create_entry(title=title, data=data, unique_id=client_id)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose what to change."""
        linked = ["linked_accounts"] if self._linked else []
        return self.async_show_menu(
            step_id="reconfigure", menu_options=["credentials", "service", *linked]
        )

    async def async_step_credentials(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for other credentials; a secret that is left empty stays."""
        subentry = self._get_reconfigure_subentry()
        if user_input is None:
            return self._form("credentials", subentry.data)
        kept = {key: subentry.data[key] for key in (*SECRETS, *_BESIDE) if key in subentry.data}
        data, errors, why = await self._tried(user_input, kept)
        if errors:
            return self._form("credentials", user_input, errors, why)
        return self.async_update_and_abort(
            self._get_entry(), subentry, data=data, unique_id=data[CONF_CLIENT_ID]
        )

    def _form(
        self,
        step_id: str,
        shown: Mapping[str, Any],
        errors: dict[str, str] | None = None,
        why: str = "",
    ) -> SubentryFlowResult:
        """Show the form of the credentials with what is known, but no secret."""
        public = {key: value for key, value in shown.items() if key not in SECRETS}
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(_CREDENTIALS_SCHEMA, public),
            errors=errors,
            description_placeholders={"resolver": NAME, "error": why},
        )

    async def _tried(
        self, user_input: dict[str, Any], kept: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, str], str]:
        """Return the account's data, what is wrong with it by field, and what came instead."""
        data = kept | {key: value for key, value in user_input.items() if value != ""}
        key = data.get(CONF_PRIVATE_KEY)
        if bool(key) != bool(data.get(CONF_KEY_ID)):
            return data, {CONF_KEY_ID: "key_incomplete"}, ""
        try:
            if key:
                check_private_key(key)
            await self._api(data).async_check()
        except BadKey as err:
            return data, {CONF_PRIVATE_KEY: str(err)}, ""
        except ResolverProblem as problem:
            return data, {"base": problem.key}, problem.error
        return data, {}, ""

    def _api(self, data: Mapping[str, Any]) -> MusicApi:
        return MusicApi(async_get_clientsession(self.hass), credentials_of(data))

    # ----------------------------------------------------------------- its streaming accounts

    async def async_step_service(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask which service to link, and what the account is called at MusicAPI's pages."""
        subentry = self._get_reconfigure_subentry()
        if user_input is None:
            schema = self.add_suggested_values_to_schema(_SERVICE_SCHEMA, subentry.data)
            return self.async_show_form(step_id="service", data_schema=schema)
        self._service, slug = user_input["service"], user_input[CONF_SLUG]
        data = {**subentry.data, CONF_SLUG: slug}
        self.hass.config_entries.async_update_subentry(self._get_entry(), subentry, data=data)
        return await self.async_step_page()

    async def async_step_page(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Open the service's sign-in, and take what it comes back with."""
        if user_input is not None:
            self._page = None
            self._answer = Answer.read(str(user_input.get("data64", "")))
            return self.async_external_step_done(next_step_id="linked")
        try:
            # one that is looked at again keeps its way back
            self._page = self._page or self._sign_in_page()
        except NoURLAvailableError:
            return self.async_abort(reason="no_url")
        return self.async_external_step(step_id="page", url=str(self._page))

    def _sign_in_page(self) -> URL:
        """Return where to sign in. Raises NoURLAvailableError."""
        slug: str = self._get_reconfigure_subentry().data[CONF_SLUG]
        return (SIGN_IN / slug / self._service / "auth").with_query(
            returnUrl=expect(self.hass, self.flow_id),
            requestOneTimeToken="true",
        )

    async def async_step_linked(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Keep the account that was linked, or say why that can't be and ask again."""
        if user_input is not None:
            return await self.async_step_service()
        if (uuid := self._answer.uuid) is None:
            return self._not_linked("link_refused", self._answer.error)
        try:
            person = await self._person(uuid)
        except ResolverProblem as problem:
            return self._not_linked(problem.key, problem.error)
        entry: MusicAssistantConfigEntry = self._get_entry()
        entry.runtime_data.accounts.remember(person)
        one = Streaming(uuid, self._service, person.name or self._service)
        others = [other for other in self._linked if other.uuid != uuid and other != self._chosen]
        return self._keep([*others, one], "linked")

    async def _person(self, uuid: str) -> Person:
        """Return whose account it is; a one-time token is good for a minute, so it is used now."""
        data = self._get_reconfigure_subentry().data
        token = None if credentials_of(data).has_private else self._answer.one_time_token
        return await self._api(data).async_person(uuid, token)

    def _not_linked(self, key: str, error: str) -> SubentryFlowResult:
        return self.async_show_form(
            step_id="linked",
            data_schema=NOTHING,
            errors={"base": key},
            description_placeholders={"resolver": NAME, "error": error},
        )

    async def async_step_linked_accounts(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """List what is linked, and choose one."""
        accounts = {one.uuid: one for one in self._linked}
        if user_input is not None:
            self._chosen = accounts[user_input["account"]]
            return await self.async_step_account()
        selector = _one_of({uuid: f"{one.name} ({one.service})" for uuid, one in accounts.items()})
        schema = probatio.Schema({probatio.Required("account"): selector})
        return self.async_show_form(step_id="linked_accounts", data_schema=schema)

    async def async_step_account(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose what becomes of one."""
        assert self._chosen
        return self.async_show_menu(
            step_id="account",
            menu_options=["relink", "unlink"],
            description_placeholders={"name": self._chosen.name, "service": self._chosen.service},
        )

    async def async_step_relink(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Sign in to the same service again."""
        assert self._chosen
        self._service = self._chosen.service
        return await self.async_step_page()

    async def async_step_unlink(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Forget one."""
        return self._keep([one for one in self._linked if one != self._chosen], "unlinked")

    @property
    def _linked(self) -> list[Streaming]:
        return Streaming.of(self._get_reconfigure_subentry().data)

    def _keep(self, accounts: list[Streaming], reason: str) -> SubentryFlowResult:
        return self.async_update_and_abort(
            self._get_entry(),
            self._get_reconfigure_subentry(),
            data_updates={CONF_STREAMING: [asdict(one) for one in accounts]},
            reason=reason,
        )
