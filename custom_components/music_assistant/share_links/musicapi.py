"""MusicAPI (musicapi.com): what a link is, where it is, and a person's streaming accounts."""

from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from aiohttp import ClientSession
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
import jwt
from music_assistant_models.enums import MediaType
from yarl import URL

from homeassistant.util import dt as dt_util

from .errors import ResolverProblem
from .match import BAR, nearest
from .recording import Recording
from .services import SOURCES, Service, service_of, service_of_source
from .web import async_ask

NAME: Final = "MusicAPI"
BASE: Final = URL("https://api.musicapi.com")
# How long a token that we sign is good for; it is made for one call.
SIGNED_FOR: Final = timedelta(minutes=5)
# The sources whose durations are in seconds; the others' are in milliseconds.
IN_SECONDS: Final = frozenset({"Amazon Music"})
# The most pages of a playlist that are followed.
MOST_PAGES: Final = 200


class BadKey(ValueError):
    """What was given isn't an EC private key on the curve P-256; the text is a translation key."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What opens MusicAPI: a client id, and a secret or a signing key for what is private."""

    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    key_id: str | None = None
    private_key: str | None = field(default=None, repr=False)  # PEM

    @property
    def has_private(self) -> bool:
        """Tell whether they open the accounts of persons."""
        return bool(self.client_secret or (self.key_id and self.private_key))

    def public(self) -> str:
        """Return what public calls are authorized with."""
        return f"Token {self.client_id}"

    def private(self, user: str | None = None) -> str:
        """Return what private calls are authorized with, of one person where that is signed.

        Raises ResolverProblem for credentials that open nothing private.
        """
        if not self.has_private:
            raise ResolverProblem("resolver_needs_secret", NAME, "")
        if self.client_secret:
            return f"Basic {_base64(f'{self.client_id}:{self.client_secret}')}"
        return f"DevToken {self._signed(user)}"

    def _signed(self, user: str | None) -> str:
        now = dt_util.utcnow()
        claims = {"iss": self.client_id, "iat": now, "exp": now + SIGNED_FOR}
        if user:
            claims["sub"] = user
        return jwt.encode(
            claims, self.private_key or "", algorithm="ES256", headers={"kid": self.key_id}
        )


def check_private_key(pem: str) -> None:
    """Raise BadKey for what can't sign: another curve, a public key, no key at all."""
    if "PUBLIC KEY" in pem:
        raise BadKey("public_key")
    try:
        key = load_pem_private_key(pem.strip().encode(), password=None)
    except TypeError as err:
        raise BadKey("encrypted_key") from err
    except (ValueError, UnsupportedAlgorithm) as err:
        raise BadKey("not_a_key") from err
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise BadKey("other_curve")


@dataclass(frozen=True, slots=True)
class Person:
    """A streaming account as MusicAPI knows it, with its original token."""

    uuid: str
    name: str | None
    token: str | None = field(default=None, repr=False)
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class Playlist:
    """A playlist of a streaming account."""

    playlist_id: str
    name: str
    total: int | None


@dataclass(frozen=True, slots=True)
class MusicApi:
    """The interface, with somebody's credentials. All raise ResolverProblem."""

    session: ClientSession
    credentials: Credentials
    base: URL = field(default_factory=lambda: BASE)  # which tests change

    async def async_check(self) -> None:
        """Prove the credentials, the private ones too where there are some."""
        header = self.credentials.private() if self.credentials.has_private else None
        await self._ask(self.base / "search/introspection", header)

    async def async_inspect(self, link: str) -> Recording | None:
        """Return what a link stands for; None if it is nothing that they know."""
        answer = await self._ask(self.base / "public/inspect/url", json={"url": link})
        return recording_of(answer, service_of(link))

    async def async_complete(self, recording: Recording) -> Recording:
        """Return a recording with its code and its ids at all services, as far as that is sure.

        A link's own service is rarely one of the server's, which would have known the link.
        """
        rated = [(1.0, recording), *nearest(recording, await self._search(recording))]
        sure = [(certainty, one) for certainty, one in rated if certainty >= BAR]
        ids: dict[str, str] = {}
        found: dict[str, float] = {}
        for certainty, one in reversed(sure):  # the surest has the last word
            ids |= one.ids
            found |= dict.fromkeys(one.ids, certainty)
        isrc = next((one.isrc for _, one in sure if one.isrc), None)
        return replace(recording, isrc=isrc, ids=ids, found=found)

    async def _search(self, wanted: Recording) -> list[Recording]:
        """Return what the sources have under a name."""
        kind = "album" if wanted.media_type is MediaType.ALBUM else "track"
        query = {kind: wanted.title, "type": kind, "sources": SOURCES}
        if wanted.artists:
            query["artist"] = wanted.artists[0]
        answer = await self._ask(self.base / "public/search", json=query)
        hits = answer.get("tracks") or answer.get("albums") or ()  # albums may be under `tracks`
        found = (
            recording_of(hit, service_of_source(str(hit.get("source"))), wanted.media_type)
            for hit in hits
            if isinstance(hit, dict)
        )
        return [recording for recording in found if recording]

    async def async_person(self, uuid: str, one_time_token: str | None = None) -> Person:
        """Return a streaming account; by a one-time token where the credentials don't open it."""
        header = f"Token {one_time_token}" if one_time_token else self.credentials.private()
        answer = await self._ask(self.base / "public/integrations/user" / uuid, header)
        try:
            return _person(uuid, answer["integrationUser"])
        except (LookupError, TypeError, AttributeError, ValueError, OverflowError) as err:
            raise ResolverProblem("resolver_failed", NAME, "no account") from err

    async def async_playlists(self, uuid: str) -> list[Playlist]:
        """Return the playlists of an account."""
        return [
            Playlist(str(one["id"]), str(one.get("name", "")), one.get("totalItems"))
            async for one in self._pages(uuid, "playlists")
        ]

    async def async_playlist(
        self, uuid: str, playlist_id: str, service: Service | None
    ) -> list[Recording]:
        """Return what is in a playlist, in its order; what has no title is left out."""
        items = self._pages(uuid, f"playlists/{playlist_id}/items")
        found = [_recording(item, service, MediaType.TRACK) async for item in items]
        return [recording for recording in found if recording]

    async def _pages(self, uuid: str, path: str) -> AsyncIterator[dict[str, Any]]:
        """Yield what all pages of a list hold."""
        url = self.base / "api" / uuid / path
        after: str | None = None
        for _ in range(MOST_PAGES):
            page = url.with_query(nextParam=after) if after else url
            answer = await self._ask(page, self.credentials.private(uuid))
            for result in answer.get("results") or ():
                yield result
            after = answer.get("nextParam")
            if not after:
                return

    async def _ask(
        self, url: URL, authorization: str | None = None, json: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        headers = {
            "Authorization": authorization or self.credentials.public(),
            "Content-Type": "application/json; charset=utf-8",
        }
        return await async_ask(self.session, NAME, url, headers=headers, json=json)


def _person(uuid: str, user: Mapping[str, Any]) -> Person:
    expires = user.get("authDataExpiresAt")  # in milliseconds
    return Person(
        uuid=uuid,
        name=user.get("name") or user.get("email"),
        token=(user.get("authData") or {}).get("accessToken"),
        expires=dt_util.utc_from_timestamp(expires / 1000) if expires else None,
    )


def recording_of(
    hit: Mapping[str, Any], service: Service | None, media_type: MediaType = MediaType.TRACK
) -> Recording | None:
    """Return what a hit stands for: `{"status", "data", "type"?}`; None if nothing was found."""
    data = hit.get("data")
    if hit.get("status") != "success" or not isinstance(data, dict):
        return None
    return _recording(data, service, MediaType.ALBUM if hit.get("type") == "album" else media_type)


def _recording(
    data: Mapping[str, Any], service: Service | None, media_type: MediaType
) -> Recording | None:
    if not (title := data.get("name")):
        return None
    domain, external = service and service.domain, data.get("externalId")
    return Recording(
        title=str(title),
        artists=tuple(data.get("artistNames") or ()),  # null for video services
        album=data.get("albumName") or None,
        duration=_seconds(data.get("duration"), service),
        isrc=data.get("isrc") or None,  # empty at some
        media_type=media_type,
        ids={domain: str(external)} if domain and external else {},
    )


def _seconds(duration: object, service: Service | None) -> float | None:
    if not duration or not isinstance(duration, int | float):
        return None
    return duration if service and service.name in IN_SECONDS else duration / 1000


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()
