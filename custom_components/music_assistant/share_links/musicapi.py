"""Client of MusicAPI (musicapi.com): share links and linked streaming accounts."""

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

from .errors import ANSWER_ERRORS, ResolverError
from .match import CERTAINTY_THRESHOLD, sort_by_certainty
from .recording import Recording
from .services import MUSICAPI_SOURCES, StreamingService, find_service, find_service_by_source
from .web import async_fetch_json

NAME: Final = "MusicAPI"
BASE_URL: Final = URL("https://api.musicapi.com")
# A token is signed for each call.
SIGNED_TOKEN_LIFETIME: Final = timedelta(minutes=5)
# Services whose durations are in seconds; all others use milliseconds.
SERVICES_WITH_SECONDS: Final = frozenset({"Amazon Music"})
# Bounds the requests for one playlist.
MAX_PLAYLIST_PAGES: Final = 200


class InvalidPrivateKeyError(ValueError):
    """Error raised for a key that isn't an EC private key on P-256; its text is a translation key."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Represent credentials: a client id, and a secret or a signing key for private calls."""

    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    key_id: str | None = None
    private_key: str | None = field(default=None, repr=False)  # PEM

    @property
    def has_private_access(self) -> bool:
        """Return whether the credentials allow private calls."""
        return bool(self.client_secret or (self.key_id and self.private_key))

    def get_public_authorization(self) -> str:
        """Return the Authorization header of public calls."""
        return f"Token {self.client_id}"

    def get_private_authorization(self, user: str | None = None) -> str:
        """Return the Authorization header of private calls.

        A signed token is limited to `user`. Raises ResolverError without private access.
        """
        if not self.has_private_access:
            raise ResolverError("resolver_needs_secret", NAME, "")
        if self.client_secret:
            return f"Basic {_encode_base64(f'{self.client_id}:{self.client_secret}')}"
        return f"DevToken {self._sign_token(user)}"

    def _sign_token(self, user: str | None) -> str:
        """Return a signed token, valid for SIGNED_TOKEN_LIFETIME."""
        now = dt_util.utcnow()
        claims = {"iss": self.client_id, "iat": now, "exp": now + SIGNED_TOKEN_LIFETIME}
        if user:
            claims["sub"] = user
        return jwt.encode(
            claims, self.private_key or "", algorithm="ES256", headers={"kid": self.key_id}
        )


def check_private_key(pem: str) -> None:
    """Raise InvalidPrivateKeyError unless a key in PEM format can sign tokens."""
    if "PUBLIC KEY" in pem:
        raise InvalidPrivateKeyError("public_key")
    try:
        key = load_pem_private_key(pem.strip().encode(), password=None)
    except TypeError as err:
        raise InvalidPrivateKeyError("encrypted_key") from err
    except (ValueError, UnsupportedAlgorithm) as err:
        raise InvalidPrivateKeyError("not_a_key") from err
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise InvalidPrivateKeyError("other_curve")


@dataclass(frozen=True, slots=True)
class IntegrationUser:
    """Represent a linked streaming account with its original token."""

    uuid: str
    name: str | None
    token: str | None = field(default=None, repr=False)
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class StreamingPlaylist:
    """Represent a playlist of a streaming account."""

    playlist_id: str
    name: str
    total: int | None


@dataclass(frozen=True, slots=True)
class MusicApiClient:
    """Client of MusicAPI. All methods raise ResolverError."""

    session: ClientSession
    credentials: Credentials
    base_url: URL = field(default_factory=lambda: BASE_URL)  # replaced in tests

    async def async_check_credentials(self) -> None:
        """Check the credentials, including private access if they have it."""
        header = (
            self.credentials.get_private_authorization()
            if self.credentials.has_private_access
            else None
        )
        await self._async_fetch(self.base_url / "search/introspection", header)

    async def async_resolve_link(self, link: str) -> Recording | None:
        """Return the recording of a link; None if it is unknown."""
        response = await self._async_fetch(self.base_url / "public/inspect/url", json={"url": link})
        return parse_recording(response, find_service(link))

    async def async_add_service_ids(self, recording: Recording) -> Recording:
        """Add the ISRC and the ids at services that certainly are of the same recording.

        The link's own service usually isn't a provider of the server, which would know the link.
        """
        rated_recordings = [
            (1.0, recording),
            *sort_by_certainty(recording, await self._async_search(recording)),
        ]
        matches = [
            (certainty, match)
            for certainty, match in rated_recordings
            if certainty >= CERTAINTY_THRESHOLD
        ]
        ids: dict[str, str] = {}
        id_certainties: dict[str, float] = {}
        for certainty, match in reversed(matches):  # the most certain overwrites the others
            ids |= match.ids
            id_certainties |= dict.fromkeys(match.ids, certainty)
        isrc = next((match.isrc for _, match in matches if match.isrc), None)
        return replace(recording, isrc=isrc, ids=ids, id_certainties=id_certainties)

    async def _async_search(self, recording: Recording) -> list[Recording]:
        """Search the sources for a recording."""
        search_type = "album" if recording.media_type is MediaType.ALBUM else "track"
        query = {search_type: recording.title, "type": search_type, "sources": MUSICAPI_SOURCES}
        if recording.artists:
            query["artist"] = recording.artists[0]
        response = await self._async_fetch(self.base_url / "public/search", json=query)
        hits = response.get("tracks") or response.get("albums") or ()  # albums may be in `tracks`
        recordings = (
            parse_recording(
                hit, find_service_by_source(str(hit.get("source"))), recording.media_type
            )
            for hit in hits
            if isinstance(hit, dict)
        )
        return [recording for recording in recordings if recording]

    async def async_get_integration_user(
        self, uuid: str, one_time_token: str | None = None
    ) -> IntegrationUser:
        """Return a streaming account.

        A one-time token is used instead of private access if there is one.
        """
        header = (
            f"Token {one_time_token}"
            if one_time_token
            else self.credentials.get_private_authorization()
        )
        response = await self._async_fetch(
            self.base_url / "public/integrations/user" / uuid, header
        )
        try:
            return _parse_integration_user(uuid, response["integrationUser"])
        except ANSWER_ERRORS as err:
            raise ResolverError("resolver_failed", NAME, "no account") from err

    async def async_get_playlists(self, uuid: str) -> list[StreamingPlaylist]:
        """Return the playlists of an account."""
        return [
            StreamingPlaylist(
                str(result["id"]), str(result.get("name", "")), result.get("totalItems")
            )
            async for result in self._async_fetch_results(uuid, "playlists")
        ]

    async def async_get_playlist_recordings(
        self, uuid: str, playlist_id: str, service: StreamingService | None
    ) -> list[Recording]:
        """Return the recordings of a playlist in order, except those without a title."""
        items = self._async_fetch_results(uuid, f"playlists/{playlist_id}/items")
        recordings = [_parse_recording_data(item, service, MediaType.TRACK) async for item in items]
        return [recording for recording in recordings if recording]

    async def _async_fetch_results(self, uuid: str, path: str) -> AsyncIterator[dict[str, Any]]:
        """Yield the results of all pages of a list."""
        url = self.base_url / "api" / uuid / path
        next_parameter: str | None = None
        for _ in range(MAX_PLAYLIST_PAGES):
            page_url = url.with_query(nextParam=next_parameter) if next_parameter else url
            response = await self._async_fetch(
                page_url, self.credentials.get_private_authorization(uuid)
            )
            for result in response.get("results") or ():
                yield result
            next_parameter = response.get("nextParam")
            if not next_parameter:
                return

    async def _async_fetch(
        self, url: URL, authorization: str | None = None, json: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        headers = {
            "Authorization": authorization or self.credentials.get_public_authorization(),
            "Content-Type": "application/json; charset=utf-8",
        }
        return await async_fetch_json(self.session, NAME, url, headers=headers, json=json)


def _parse_integration_user(uuid: str, user: Mapping[str, Any]) -> IntegrationUser:
    expires = user.get("authDataExpiresAt")  # milliseconds
    return IntegrationUser(
        uuid=uuid,
        name=user.get("name") or user.get("email"),
        token=(user.get("authData") or {}).get("accessToken"),
        expires=dt_util.utc_from_timestamp(expires / 1000) if expires else None,
    )


def parse_recording(
    result: Mapping[str, Any],
    service: StreamingService | None,
    media_type: MediaType = MediaType.TRACK,
) -> Recording | None:
    """Return the recording of a result `{"status", "data", "type"?}`; None without success."""
    data = result.get("data")
    if result.get("status") != "success" or not isinstance(data, dict):
        return None
    return _parse_recording_data(
        data, service, MediaType.ALBUM if result.get("type") == "album" else media_type
    )


def _parse_recording_data(
    data: Mapping[str, Any], service: StreamingService | None, media_type: MediaType
) -> Recording | None:
    if not (title := data.get("name")):
        return None
    domain, external_id = service and service.provider_domain, data.get("externalId")
    return Recording(
        title=str(title),
        artists=tuple(map(str, data.get("artistNames") or ())),  # null at video services
        album=data.get("albumName") or None,
        duration=_convert_duration(data.get("duration"), service),
        isrc=data.get("isrc") or None,  # empty at some services
        media_type=media_type,
        ids={domain: str(external_id)} if domain and external_id else {},
    )


def _convert_duration(duration: object, service: StreamingService | None) -> float | None:
    """Return a duration in seconds."""
    if not duration or not isinstance(duration, int | float):
        return None
    return duration if service and service.name in SERVICES_WITH_SECONDS else duration / 1000


def _encode_base64(text: str) -> str:
    return b64encode(text.encode()).decode()
