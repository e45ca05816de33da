"""Subentry flow of the share link resolvers Odesli and MusicAPI."""

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
    CONF_RESOLVER,
    CONF_RESOLVES,
    CONF_SLUG,
    CONF_STREAMING,
    RESOLVER_MUSICAPI,
    RESOLVER_ODESLI,
    SECRET_KEYS,
    StreamingAccount,
    get_credentials,
    get_resolver_subentries,
)
from ..share_links import odesli
from ..share_links.errors import ResolverError
from ..share_links.musicapi import (
    NAME,
    IntegrationUser,
    InvalidPrivateKeyError,
    MusicApiClient,
    check_private_key,
)
from ..share_links.services import SERVICES
from .base import EMPTY_SCHEMA
from .oauth_return import SignInResult, create_return_url

# Page on which the user signs in to a streaming service.
SIGN_IN_URL: Final = URL("https://app.musicapi.com")

# Data that the credentials form doesn't contain.
_KEPT_FIELDS: Final = (CONF_RESOLVER, CONF_SLUG, CONF_STREAMING)
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


def _build_selector(options: Mapping[str, str]) -> SelectSelector:
    choices = [SelectOptionDict(value=value, label=label) for value, label in options.items()]
    return SelectSelector(SelectSelectorConfig(options=choices))


_SERVICE_SCHEMA: Final = probatio.Schema(
    {
        probatio.Required(CONF_SLUG): TextSelector(),
        probatio.Required("service"): _build_selector(
            {
                service.musicapi_source: service.name
                for service in SERVICES
                if service.musicapi_source
            }
        ),
    }
)


class ShareLinkSubentryFlow(ConfigSubentryFlow):
    """Handle a service that resolves share links: Odesli, or a MusicAPI account.

    Streaming accounts are linked through the latter.
    """

    def __init__(self) -> None:
        """Initialize the flow."""
        self._service = ""
        self._selected_account: StreamingAccount | None = None
        self._sign_in_url: URL | None = None
        self._sign_in_result = SignInResult()

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Show the services."""
        return self.async_show_menu(
            step_id="user", menu_options=[RESOLVER_ODESLI, RESOLVER_MUSICAPI]
        )

    async def async_step_odesli(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Confirm the use of Odesli."""
        if get_resolver_subentries(self._get_entry(), RESOLVER_ODESLI):
            return self.async_abort(reason="odesli_already_configured")
        if user_input is None:
            return self.async_show_form(step_id="odesli", data_schema=EMPTY_SCHEMA)
        return self.async_create_entry(title=odesli.NAME, data={CONF_RESOLVER: RESOLVER_ODESLI})

    async def async_step_musicapi(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Handle the credentials of a new account."""
        if user_input is None:
            return self._show_credentials_form("musicapi", {})
        data, errors, error = await self._validate_credentials(
            user_input, {CONF_RESOLVER: RESOLVER_MUSICAPI}
        )
        if errors:
            return self._show_credentials_form("musicapi", user_input, errors, error)
        client_id = data[CONF_CLIENT_ID]
        if any(
            subentry.unique_id == client_id for subentry in self._get_entry().subentries.values()
        ):
            return self.async_abort(reason="already_configured")
        title = f"{NAME} {client_id[:8]}"
        return self.async_create_entry(title=title, data=data, unique_id=client_id)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show what can be changed, of a MusicAPI account only."""
        if self._get_reconfigure_subentry().data.get(CONF_RESOLVER) == RESOLVER_ODESLI:
            return self.async_abort(reason="nothing_to_change")
        linked = ["linked_accounts"] if self._linked_accounts else []
        return self.async_show_menu(
            step_id="reconfigure", menu_options=["credentials", "service", *linked]
        )

    async def async_step_credentials(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Handle changed credentials; a secret that is left empty is kept."""
        subentry = self._get_reconfigure_subentry()
        if user_input is None:
            return self._show_credentials_form("credentials", subentry.data)
        kept = {
            key: subentry.data[key] for key in (*SECRET_KEYS, *_KEPT_FIELDS) if key in subentry.data
        }
        data, errors, error = await self._validate_credentials(user_input, kept)
        if errors:
            return self._show_credentials_form("credentials", user_input, errors, error)
        return self.async_update_and_abort(
            self._get_entry(), subentry, data=data, unique_id=data[CONF_CLIENT_ID]
        )

    def _show_credentials_form(
        self,
        step_id: str,
        values: Mapping[str, Any],
        errors: dict[str, str] | None = None,
        error: str = "",
    ) -> SubentryFlowResult:
        """Show the credentials form with the known values, except secrets."""
        public = {key: value for key, value in values.items() if key not in SECRET_KEYS}
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(_CREDENTIALS_SCHEMA, public),
            errors=errors,
            description_placeholders={"resolver": NAME, "error": error},
        )

    async def _validate_credentials(
        self, user_input: dict[str, Any], current_data: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, str], str]:
        """Validate credentials; return the subentry's data, errors by field and an error text."""
        data = current_data | {key: value for key, value in user_input.items() if value != ""}
        key = data.get(CONF_PRIVATE_KEY)
        if bool(key) != bool(data.get(CONF_KEY_ID)):
            return data, {CONF_KEY_ID: "key_incomplete"}, ""
        try:
            if key:
                check_private_key(key)
            await self._create_client(data).async_check_credentials()
        except InvalidPrivateKeyError as err:
            return data, {CONF_PRIVATE_KEY: str(err)}, ""
        except ResolverError as problem:
            return data, {"base": problem.key}, problem.error
        return data, {}, ""

    def _create_client(self, data: Mapping[str, Any]) -> MusicApiClient:
        return MusicApiClient(async_get_clientsession(self.hass), get_credentials(data))

    # --------------------------------------------------------------------- streaming accounts

    async def async_step_service(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Handle the choice of the service to link, and the account's name in MusicAPI's URLs."""
        subentry = self._get_reconfigure_subentry()
        if user_input is None:
            schema = self.add_suggested_values_to_schema(_SERVICE_SCHEMA, subentry.data)
            return self.async_show_form(step_id="service", data_schema=schema)
        self._service, slug = user_input["service"], user_input[CONF_SLUG]
        data = {**subentry.data, CONF_SLUG: slug}
        self.hass.config_entries.async_update_subentry(self._get_entry(), subentry, data=data)
        return await self.async_step_page()

    async def async_step_page(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Open the service's sign-in page, and handle its result."""
        if user_input is not None:
            self._sign_in_url = None
            self._sign_in_result = SignInResult.parse(str(user_input.get("data64", "")))
            return self.async_external_step_done(next_step_id="linked")
        try:
            # keep the same return URL when the step is shown again
            self._sign_in_url = self._sign_in_url or self._build_sign_in_url()
        except NoURLAvailableError:
            return self.async_abort(reason="no_url")
        return self.async_external_step(step_id="page", url=str(self._sign_in_url))

    def _build_sign_in_url(self) -> URL:
        """Build the URL of the service's sign-in page. Raises NoURLAvailableError."""
        slug: str = self._get_reconfigure_subentry().data[CONF_SLUG]
        return (SIGN_IN_URL / slug / self._service / "auth").with_query(
            returnUrl=create_return_url(self.hass, self.flow_id),
            requestOneTimeToken="true",
        )

    async def async_step_linked(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Save the account that was linked, or show why it could not be linked."""
        if user_input is not None:
            return await self.async_step_service()
        if (uuid := self._sign_in_result.uuid) is None:
            return self._show_link_error("link_refused", self._sign_in_result.error)
        try:
            user = await self._fetch_integration_user(uuid)
        except ResolverError as problem:
            return self._show_link_error(problem.key, problem.error)
        entry: MusicAssistantConfigEntry = self._get_entry()
        entry.runtime_data.accounts.store_integration_user(user)
        account = StreamingAccount(uuid, self._service, user.name or self._service)
        others = [
            other
            for other in self._linked_accounts
            if other.uuid != uuid and other != self._selected_account
        ]
        return self._save_accounts([*others, account], "linked")

    async def _fetch_integration_user(self, uuid: str) -> IntegrationUser:
        """Fetch the user of the linked account; a one-time token is only valid for a minute."""
        data = self._get_reconfigure_subentry().data
        token = (
            None
            if get_credentials(data).has_private_access
            else self._sign_in_result.one_time_token
        )
        return await self._create_client(data).async_get_integration_user(uuid, token)

    def _show_link_error(self, key: str, error: str) -> SubentryFlowResult:
        return self.async_show_form(
            step_id="linked",
            data_schema=EMPTY_SCHEMA,
            errors={"base": key},
            description_placeholders={"resolver": NAME, "error": error},
        )

    async def async_step_linked_accounts(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Handle the choice of a linked account."""
        accounts = {account.uuid: account for account in self._linked_accounts}
        if user_input is not None:
            self._selected_account = accounts[user_input["account"]]
            return await self.async_step_account()
        selector = _build_selector(
            {uuid: f"{account.name} ({account.service})" for uuid, account in accounts.items()}
        )
        schema = probatio.Schema({probatio.Required("account"): selector})
        return self.async_show_form(step_id="linked_accounts", data_schema=schema)

    async def async_step_account(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show the actions for the selected account."""
        assert self._selected_account
        return self.async_show_menu(
            step_id="account",
            menu_options=["relink", "unlink"],
            description_placeholders={
                "name": self._selected_account.name,
                "service": self._selected_account.service,
            },
        )

    async def async_step_relink(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Link the selected account again."""
        assert self._selected_account
        self._service = self._selected_account.service
        return await self.async_step_page()

    async def async_step_unlink(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Unlink the selected account."""
        return self._save_accounts(
            [account for account in self._linked_accounts if account != self._selected_account],
            "unlinked",
        )

    @property
    def _linked_accounts(self) -> list[StreamingAccount]:
        return StreamingAccount.from_data(self._get_reconfigure_subentry().data)

    def _save_accounts(self, accounts: list[StreamingAccount], reason: str) -> SubentryFlowResult:
        return self.async_update_and_abort(
            self._get_entry(),
            self._get_reconfigure_subentry(),
            data_updates={CONF_STREAMING: [asdict(account) for account in accounts]},
            reason=reason,
        )
