"""A fake MusicAPI that follows its documentation, with the oddities of its data."""

from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import time
from typing import Any, Final
from uuid import uuid4

from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
import jwt

from .http_servers import run_http_server
from .server.issued_secrets import SECRETS

USER_ID: Final = "e892f4a5-887f-4df5-9062-f8e3fff8c68a"
CLIENT_ID: Final = "2cf82db3-4064-4235-8253-16994eb51773"
CLIENT_SECRET: Final = "the-client-secret"
KEY_ID: Final = "the-key-id"
ORIGINAL_TOKEN: Final = "the-original-token"
SIGNATURE_MAX_LIFETIME: Final = 15 * 86400  # seconds that a signed token may be good for
ONE_TIME_TOKEN_LIFETIME: Final = 60.0

KEY: Final = ec.generate_private_key(ec.SECP256R1())
PRIVATE_KEY: Final = KEY.private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.PKCS8,
    serialization.NoEncryption(),
).decode()


def build_track(
    name: str, artists: list[str] | None, milliseconds: int, **more: Any
) -> dict[str, Any]:
    """Return a track as MusicAPI describes it."""
    return {
        "externalId": more.get("external_id", "ext-1"),
        "previewUrl": None,
        "name": name,
        "artistNames": artists,
        "albumName": more.get("album"),
        "imageUrl": None,
        "isrc": more.get("isrc", ""),
        "duration": milliseconds,
        "url": more.get("url", ""),
    }


@dataclass
class FakeMusicApi:
    """Represent a MusicAPI service with one client, its links, search hits and playlists."""

    links: dict[str, dict[str, Any]] = field(default_factory=dict)
    hits: list[dict[str, Any]] = field(default_factory=list)
    playlists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    user_ids: set[str] = field(default_factory=set)
    clock: Callable[[], float] = time.time
    status: int | None = None  # answer all with this
    retry_after: str | None = None
    page_size: int = 2  # items of a page
    searches: int | None = None  # answer searches with this
    requested_paths: list[str] = field(default_factory=list)
    searched: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""
    _one_time: dict[str, tuple[str, float]] = field(default_factory=dict)

    def create_one_time_token(self, uuid: str) -> str:
        """Return a token that opens an account once, within a minute."""
        token = uuid4().hex
        self._one_time[token] = uuid, self.clock()
        return token

    async def handle_request(self, request: web.Request) -> web.StreamResponse:
        """Handle a request."""
        self.requested_paths.append(request.path)
        if self.status:
            headers = {"Retry-After": self.retry_after} if self.retry_after else {}
            return web.Response(status=self.status, headers=headers)
        if request.headers.get("Content-Type") != "application/json; charset=utf-8":
            return web.Response(status=415)
        parts = request.path.strip("/").split("/")
        authorization = request.headers.get("Authorization", "")
        if parts[0] == "api":
            if (
                not self._is_private_authorization(authorization, parts[1])
                or parts[1] not in self.user_ids
            ):
                return web.Response(status=401)
            return web.json_response(self._get_account_data(parts[2:], request))
        if parts[:3] == ["public", "integrations", "user"]:
            return self._get_user_response(authorization, parts[3])
        if not self._is_public_authorization(authorization):
            return web.Response(status=401)
        body = await request.json() if request.can_read_body else {}
        if parts[-1] == "search":
            self.searched.append(body)
            if self.searches:
                return web.Response(status=self.searches)
        answers: dict[str, Any] = {
            "search/introspection": {"ok": True},
            "public/search": {"tracks": self.hits},
            "public/inspect/url": self.links.get(
                body.get("url", ""), {"status": "error", "data": None}
            ),
        }
        return web.json_response(answers["/".join(parts)])

    def _is_public_authorization(self, authorization: str) -> bool:
        return authorization == f"Token {CLIENT_ID}" or self._is_private_authorization(
            authorization, None
        )

    def _is_private_authorization(self, authorization: str, person: str | None) -> bool:
        kind, _, value = authorization.partition(" ")
        if kind == "Basic":
            return value == b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        return kind == "DevToken" and self._is_signed_token(value, person)

    def _is_signed_token(self, token: str, person: str | None) -> bool:
        try:
            header = jwt.get_unverified_header(token)
            claims = jwt.decode(token, KEY.public_key(), algorithms=["ES256"], issuer=CLIENT_ID)
        except jwt.PyJWTError:
            return False
        seconds = claims["exp"] - claims["iat"]
        ours = (header["typ"], header["kid"]) == ("JWT", KEY_ID)
        return ours and 0 < seconds < SIGNATURE_MAX_LIFETIME and claims.get("sub", person) == person

    def _get_user_response(self, authorization: str, uuid: str) -> web.Response:
        kind, _, token = authorization.partition(" ")
        of, made = self._one_time.pop(token, ("", 0.0)) if kind == "Token" else ("", 0.0)
        once = of == uuid and self.clock() - made < ONE_TIME_TOKEN_LIFETIME
        if not once and not self._is_private_authorization(authorization, uuid):
            return web.Response(status=401)
        if uuid not in self.user_ids:
            return web.Response(status=404)
        user = {
            "integrationUserId": "1163433669",
            "userUUID": uuid,
            "name": "Kim",
            "email": "kim@example.com",
            "imageUrl": None,
            "country": "pl",
            "authData": {"accessToken": ORIGINAL_TOKEN},
            "authDataExpiresAt": int((self.clock() + 3600) * 1000),
        }
        return web.json_response({"integrationUser": user})

    def _get_account_data(self, path: list[str], request: web.Request) -> dict[str, Any]:
        if path == ["users", "profile"]:
            return {"name": "Kim"}
        if path == ["playlists"]:
            return self._build_page(
                [
                    {"id": key, "name": key, "totalItems": len(of)}
                    for key, of in self.playlists.items()
                ],
                request,
            )
        return self._build_page(self.playlists[path[1]], request)

    def _build_page(self, items: list[dict[str, Any]], request: web.Request) -> dict[str, Any]:
        start = int(request.query.get("nextParam", "0"))
        end = start + self.page_size
        more = str(end) if end < len(items) else None
        return {"results": items[start:end], "nextParam": more}


@asynccontextmanager
async def run_musicapi(fake_musicapi: FakeMusicApi) -> AsyncIterator[FakeMusicApi]:
    """Run a fake MusicAPI, whose credentials are secrets too."""
    SECRETS.update((CLIENT_SECRET, ORIGINAL_TOKEN, PRIVATE_KEY.splitlines()[1]))
    async with run_http_server(fake_musicapi.handle_request) as fake_musicapi.url:
        yield fake_musicapi
