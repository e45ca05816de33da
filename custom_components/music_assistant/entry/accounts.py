"""What an entry has beside its server: accounts of MusicAPI, and who may be asked about links."""

from collections.abc import Awaitable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
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

from ..server.errors import invalid
from ..share_links import musicapi, odesli
from ..share_links.errors import REFUSED, ResolverProblem
from ..share_links.musicapi import Credentials, MusicApi, Person
from ..share_links.resolvers import NOBODY, Resolver, Resolvers
from .issues import async_forget_refusal, async_show_refusal

# The types of subentries.
MUSICAPI: Final = "musicapi"
ODESLI: Final = "odesli"
# What the data of a MusicAPI account holds.
CONF_CLIENT_ID: Final = "client_id"
CONF_CLIENT_SECRET: Final = "client_secret"
CONF_KEY_ID: Final = "key_id"
CONF_PRIVATE_KEY: Final = "private_key"
CONF_RESOLVES: Final = "resolves_links"
CONF_ORIGINAL_TOKENS: Final = "original_tokens"
CONF_SLUG: Final = "slug"
CONF_STREAMING: Final = "streaming_accounts"
SECRETS: Final = (CONF_CLIENT_SECRET, CONF_PRIVATE_KEY)


@dataclass(frozen=True, slots=True)
class Streaming:
    """A streaming account that was linked through MusicAPI."""

    uuid: str
    service: str  # as MusicAPI calls it
    name: str

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> list[Self]:
        """Return those in the data of a MusicAPI account."""
        return [cls(**one) for one in data.get(CONF_STREAMING, ())]


def credentials_of(data: Mapping[str, Any]) -> Credentials:
    """Return what opens a MusicAPI account."""
    return Credentials(
        data[CONF_CLIENT_ID],
        data.get(CONF_CLIENT_SECRET),
        data.get(CONF_KEY_ID),
        data.get(CONF_PRIVATE_KEY),
    )


class Accounts:
    """The accounts of an entry, taken in again whenever its subentries change."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Begin without a look at them."""
        self.resolvers = NOBODY  # who may be asked about links, and what they said
        self._hass = hass
        self._entry = entry
        # by subentry id: Home Assistant gives a changed subentry other data, but leaves the object
        self._taken_in: Mapping[str, Mapping[str, Any]] = {}
        self._persons: dict[str, Person] = {}  # with their tokens, which are kept nowhere else

    @callback
    def async_start(self) -> CALLBACK_TYPE:
        """Take the accounts in, and what changes of them until it is stopped."""
        self._take_in()
        return async_dispatcher_connect(
            self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._on_entry_changed
        )

    @callback
    def _on_entry_changed(self, _change: ConfigEntryChange, entry: ConfigEntry) -> None:
        if entry is self._entry:
            self._take_in()

    def _take_in(self) -> None:
        """Forget what was said and shown of accounts that changed or went."""
        now = {one.subentry_id: one.data for one in self._entry.subentries.values()}
        if now == self._taken_in:
            return
        for subentry_id, data in self._taken_in.items():
            if now.get(subentry_id) != data:
                async_forget_refusal(self._hass, self._entry, subentry_id)
        self._taken_in = now
        self.resolvers = Resolvers(list(self._make_resolvers()))
        linked = {one.uuid for _, one in self.streaming()}
        self._persons = {uuid: one for uuid, one in self._persons.items() if uuid in linked}

    def _make_resolvers(self) -> Iterator[Resolver]:
        for subentry in self._entry.get_subentries_of_type(MUSICAPI):
            if subentry.data.get(CONF_RESOLVES):
                yield self._resolver_of(subentry)
        for _ in self._entry.get_subentries_of_type(ODESLI):
            inspect = partial(odesli.async_inspect, async_get_clientsession(self._hass))
            yield Resolver(odesli.NAME, inspect, calls=odesli.CALLS, per=odesli.PER)

    def _resolver_of(self, subentry: ConfigSubentry) -> Resolver:
        api, watched = partial(self.musicapi, subentry), partial(self.async_watched, subentry)
        return Resolver(
            musicapi.NAME,
            lambda link: watched(api().async_inspect(link)),
            lambda recording: watched(api().async_complete(recording)),
        )

    def secrets(self) -> list[str]:
        """Return what nobody may see of them."""
        accounts = self._entry.get_subentries_of_type(MUSICAPI)
        kept = [one.data.get(key) for one in accounts for key in SECRETS]
        return [
            secret for secret in (*kept, *(one.token for one in self._persons.values())) if secret
        ]

    def musicapi(self, subentry: ConfigSubentry) -> MusicApi:
        """Return the interface, opened by an account."""
        return MusicApi(async_get_clientsession(self._hass), credentials_of(subentry.data))

    def streaming(self) -> Iterator[tuple[ConfigSubentry, Streaming]]:
        """Yield the streaming accounts, each with the account that it was linked through."""
        for subentry in self._entry.get_subentries_of_type(MUSICAPI):
            for one in Streaming.of(subentry.data):
                yield subentry, one

    def find(self, account: str | None) -> tuple[ConfigSubentry, Streaming]:
        """Return a streaming account by its id or name; None stands for the only one.

        Raises ServiceValidationError.
        """
        found = [
            (subentry, one)
            for subentry, one in self.streaming()
            if account is None or account in (one.uuid, one.name)
        ]
        if len(found) == 1:
            return found[0]
        names = ", ".join(f"{one.name} ({one.uuid})" for _, one in self.streaming())
        if not names:
            raise invalid("no_account", server=self._entry.title)
        raise invalid("which_account", accounts=names)

    async def async_watched[R](self, subentry: ConfigSubentry, asked: Awaitable[R]) -> R:
        """Return what was asked through an account; that it is refused is shown until it isn't.

        Raises ResolverProblem.
        """
        opened_by = subentry.data
        try:
            answer = await asked
        except ResolverProblem as problem:
            unchanged = self._taken_in.get(subentry.subentry_id) == opened_by
            if problem.key == REFUSED and unchanged:
                async_show_refusal(self._hass, self._entry, subentry, problem)
            raise
        async_forget_refusal(self._hass, self._entry, subentry.subentry_id)
        return answer

    @callback
    def remember(self, person: Person) -> None:
        """Keep a person's token in memory, for as long as it is good."""
        self._persons[person.uuid] = person

    async def async_person(
        self, subentry: ConfigSubentry, uuid: str, *, fresh: bool = False
    ) -> Person:
        """Return a person with the token of the streaming service, from memory if that has it.

        Raises ResolverProblem.
        """
        known = self._persons.get(uuid)
        if known and not fresh and known.expires and known.expires > dt_util.utcnow():
            return known
        asked = self.musicapi(subentry).async_person(uuid)
        self.remember(person := await self.async_watched(subentry, asked))
        return person
