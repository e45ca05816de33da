"""Accounts of share link resolvers, which are subentries of a config entry."""

from collections.abc import Awaitable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any, Final, Self

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigSubentry,
)
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util import dt as dt_util

from ..server.errors import build_validation_error
from ..share_links import musicapi, odesli
from ..share_links.errors import CREDENTIALS_REFUSED, ResolverError
from ..share_links.musicapi import Credentials, IntegrationUser, MusicApiClient
from ..share_links.resolvers import NO_RESOLVERS, Resolver, ResolverChain
from .issues import async_create_account_issue, async_delete_account_issue

# Type of the subentries, and in their data which service each is of.
SUBENTRY_SHARE_LINKS: Final = "share_links"
CONF_RESOLVER: Final = "resolver"
RESOLVER_MUSICAPI: Final = "musicapi"
RESOLVER_ODESLI: Final = "odesli"
# Data of a MusicAPI subentry.
CONF_CLIENT_ID: Final = "client_id"
CONF_CLIENT_SECRET: Final = "client_secret"
CONF_KEY_ID: Final = "key_id"
CONF_PRIVATE_KEY: Final = "private_key"
CONF_RESOLVES: Final = "resolves_links"
CONF_ORIGINAL_TOKENS: Final = "original_tokens"
CONF_SLUG: Final = "slug"
CONF_STREAMING: Final = "streaming_accounts"
SECRET_KEYS: Final = (CONF_CLIENT_SECRET, CONF_PRIVATE_KEY)


@dataclass(frozen=True, slots=True)
class StreamingAccount:
    """Represent a streaming account that was linked through MusicAPI."""

    uuid: str
    service: str  # MusicAPI's name of it
    name: str

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> list[Self]:
        """Return the streaming accounts in the data of a MusicAPI subentry."""
        return [cls(**account) for account in data.get(CONF_STREAMING, ())]


def get_credentials(data: Mapping[str, Any]) -> Credentials:
    """Return the credentials in the data of a MusicAPI subentry."""
    return Credentials(
        data[CONF_CLIENT_ID],
        data.get(CONF_CLIENT_SECRET),
        data.get(CONF_KEY_ID),
        data.get(CONF_PRIVATE_KEY),
    )


def get_resolver_subentries(entry: ConfigEntry, resolver: str) -> list[ConfigSubentry]:
    """Return the subentries of a service."""
    return [
        subentry
        for subentry in entry.get_subentries_of_type(SUBENTRY_SHARE_LINKS)
        if subentry.data.get(CONF_RESOLVER) == resolver
    ]


@callback
def async_migrate_subentries(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Replace subentries of the former types, one for each service. They keep their ids."""
    for subentry in list(entry.subentries.values()):
        if subentry.subentry_type in (RESOLVER_MUSICAPI, RESOLVER_ODESLI):
            data = {**subentry.data, CONF_RESOLVER: subentry.subentry_type}
            migrated = replace(
                subentry, data=MappingProxyType(data), subentry_type=SUBENTRY_SHARE_LINKS
            )
            hass.config_entries.async_remove_subentry(entry, subentry.subentry_id)
            hass.config_entries.async_add_subentry(entry, migrated)


class ResolverAccounts:
    """Represent the resolver accounts of an entry, updated when its subentries change."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Initialize without accounts; `async_start` loads them."""
        self.resolvers = NO_RESOLVERS  # with the cache of their answers
        self._hass = hass
        self._entry = entry
        # by subentry id; compared by data, because Home Assistant changes the subentry in place
        self._subentry_data: Mapping[str, Mapping[str, Any]] = {}
        # by uuid, with their tokens, which are only held in memory
        self._integration_users: dict[str, IntegrationUser] = {}

    @callback
    def async_start(self) -> CALLBACK_TYPE:
        """Load the accounts and update them on changes; return a function that stops this."""
        self._update_accounts()
        return async_dispatcher_connect(
            self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._async_handle_entry_change
        )

    @callback
    def _async_handle_entry_change(self, _change: ConfigEntryChange, entry: ConfigEntry) -> None:
        if entry is self._entry:
            self._update_accounts()

    def _update_accounts(self) -> None:
        """Update the resolvers, and drop users and issues of accounts that changed or are gone."""
        current = {
            subentry.subentry_id: subentry.data for subentry in self._entry.subentries.values()
        }
        if current == self._subentry_data:
            return
        for subentry_id, data in self._subentry_data.items():
            if current.get(subentry_id) != data:
                async_delete_account_issue(self._hass, self._entry, subentry_id)
        self._subentry_data = current
        self.resolvers = ResolverChain(list(self._build_resolvers()))
        linked = {account.uuid for _, account in self.get_streaming_accounts()}
        self._integration_users = {
            uuid: user for uuid, user in self._integration_users.items() if uuid in linked
        }

    def _build_resolvers(self) -> Iterator[Resolver]:
        for subentry in get_resolver_subentries(self._entry, RESOLVER_MUSICAPI):
            if subentry.data.get(CONF_RESOLVES):
                yield self._build_resolver(subentry)
        for _ in get_resolver_subentries(self._entry, RESOLVER_ODESLI):
            inspect = partial(odesli.async_resolve_link, async_get_clientsession(self._hass))
            yield Resolver(
                odesli.NAME, inspect, max_calls=odesli.MAX_CALLS, call_period=odesli.CALL_PERIOD
            )

    def _build_resolver(self, subentry: ConfigSubentry) -> Resolver:
        create_client = partial(self.create_client, subentry)
        process_request = partial(self.async_process_request, subentry)
        return Resolver(
            musicapi.NAME,
            lambda link: process_request(create_client().async_resolve_link(link)),
            lambda recording: process_request(create_client().async_add_service_ids(recording)),
        )

    def get_secrets(self) -> list[str]:
        """Return the secrets and tokens of all accounts, for redaction."""
        subentries = get_resolver_subentries(self._entry, RESOLVER_MUSICAPI)
        secrets = [subentry.data.get(key) for subentry in subentries for key in SECRET_KEYS]
        tokens = [user.token for user in self._integration_users.values()]
        return [secret for secret in (*secrets, *tokens) if secret]

    def create_client(self, subentry: ConfigSubentry) -> MusicApiClient:
        """Create a MusicAPI client with the credentials of a subentry."""
        return MusicApiClient(async_get_clientsession(self._hass), get_credentials(subentry.data))

    def get_streaming_accounts(self) -> Iterator[tuple[ConfigSubentry, StreamingAccount]]:
        """Yield the streaming accounts, each with the MusicAPI subentry that it belongs to."""
        for subentry in get_resolver_subentries(self._entry, RESOLVER_MUSICAPI):
            for account in StreamingAccount.from_data(subentry.data):
                yield subentry, account

    def find_streaming_account(
        self, account: str | None
    ) -> tuple[ConfigSubentry, StreamingAccount]:
        """Find a streaming account by its uuid or name; None finds the only one.

        Raises ServiceValidationError.
        """
        matches = [
            (subentry, streaming)
            for subentry, streaming in self.get_streaming_accounts()
            if account is None or account in (streaming.uuid, streaming.name)
        ]
        if len(matches) == 1:
            return matches[0]
        names = ", ".join(
            f"{streaming.name} ({streaming.uuid})" for _, streaming in self.get_streaming_accounts()
        )
        if not names:
            raise build_validation_error("no_account", server=self._entry.title)
        raise build_validation_error("which_account", accounts=names)

    async def async_process_request[R](self, subentry: ConfigSubentry, request: Awaitable[R]) -> R:
        """Await a request made with an account, and show an issue while the account is refused.

        Raises ResolverError.
        """
        data = subentry.data
        try:
            answer = await request
        except ResolverError as problem:
            unchanged = self._subentry_data.get(subentry.subentry_id) == data
            if problem.key == CREDENTIALS_REFUSED and unchanged:
                async_create_account_issue(self._hass, self._entry, subentry, problem)
            raise
        async_delete_account_issue(self._hass, self._entry, subentry.subentry_id)
        return answer

    @callback
    def store_integration_user(self, user: IntegrationUser) -> None:
        """Store a user with the token of the streaming service in memory."""
        self._integration_users[user.uuid] = user

    async def async_get_integration_user(
        self, subentry: ConfigSubentry, uuid: str, *, fresh: bool = False
    ) -> IntegrationUser:
        """Return a user with the token of the streaming service, from memory while it is valid.

        If `fresh`, always fetch it. Raises ResolverError.
        """
        cached = self._integration_users.get(uuid)
        if cached and not fresh and cached.expires and cached.expires > dt_util.utcnow():
            return cached
        request = self.create_client(subentry).async_get_integration_user(uuid)
        self.store_integration_user(user := await self.async_process_request(subentry, request))
        return user
