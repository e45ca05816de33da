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

from .issues import async_forget_refusal, async_show_refusal
from .links import musicapi, odesli
from .links.errors import REFUSED, ResolverProblem
from .links.musicapi import Credentials, MusicApi, Person
from .links.recording import Recording
from .links.resolvers import Resolver, Resolvers
from .server.errors import invalid

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
    """The accounts of an entry, as its subentries have them at each moment."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Begin without a look at them."""
        self._hass = hass
        self._entry = entry
        # by subentry id: Home Assistant gives a changed subentry other data, but leaves the object
        self._made_from: Mapping[str, Mapping[str, Any]] = {}
        self._resolvers = Resolvers([])
        self._persons: dict[str, Person] = {}  # with their tokens, which are kept nowhere else

    @callback
    def async_start(self) -> CALLBACK_TYPE:
        """Take back what is shown of accounts that change or go, until it is stopped."""
        return async_dispatcher_connect(
            self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._on_entry_changed
        )

    @callback
    def _on_entry_changed(self, _change: ConfigEntryChange, entry: ConfigEntry) -> None:
        if entry.entry_id != self._entry.entry_id:
            return
        for subentry_id, data in self._made_from.items():
            subentry = entry.subentries.get(subentry_id)
            if subentry is None or subentry.data != data:
                async_forget_refusal(self._hass, entry, subentry_id)

    def secrets(self) -> list[str]:
        """Return what nobody may see of them."""
        kept = [one.data.get(key) for one in self._of(MUSICAPI) for key in SECRETS]
        return [
            secret for secret in (*kept, *(one.token for one in self._persons.values())) if secret
        ]

    @property
    def resolvers(self) -> Resolvers:
        """Return who may be asked about links; what they said is forgotten when that changes."""
        subentries = [*self._of(MUSICAPI), *self._of(ODESLI)]
        now = {subentry.subentry_id: subentry.data for subentry in subentries}
        if now != self._made_from:
            self._made_from, self._resolvers = now, Resolvers(list(self._make(subentries)))
        return self._resolvers

    def musicapi(self, subentry: ConfigSubentry) -> MusicApi:
        """Return the interface, opened by an account."""
        return MusicApi(async_get_clientsession(self._hass), credentials_of(subentry.data))

    def streaming(self) -> Iterator[tuple[ConfigSubentry, Streaming]]:
        """Yield the streaming accounts, each with the account that it was linked through."""
        for subentry in self._of(MUSICAPI):
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
        try:
            answer = await asked
        except ResolverProblem as problem:
            if problem.key == REFUSED:
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

    def _of(self, kind: str) -> list[ConfigSubentry]:
        return [one for one in self._entry.subentries.values() if one.subentry_type == kind]

    def _make(self, subentries: list[ConfigSubentry]) -> Iterator[Resolver]:
        for subentry in subentries:
            if subentry.subentry_type == ODESLI:
                session = async_get_clientsession(self._hass)
                inspect = partial(odesli.async_inspect, session)
                yield Resolver(odesli.NAME, inspect, odesli.CALLS, odesli.PER)
            elif subentry.data.get(CONF_RESOLVES):
                yield Resolver(musicapi.NAME, partial(self._inspect, subentry))

    async def _inspect(self, subentry: ConfigSubentry, link: str) -> Recording | None:
        return await self.async_watched(subentry, self.musicapi(subentry).async_inspect(link))
