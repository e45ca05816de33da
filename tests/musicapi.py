"""MusicAPI as its documentation has it, with what is odd in its data."""

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

from .answering import answering
from .server.given import SECRETS

KIM: Final = "e892f4a5-887f-4df5-9062-f8e3fff8c68a"
CLIENT_ID: Final = "2cf82db3-4064-4235-8253-16994eb51773"
CLIENT_SECRET: Final = "the-client-secret"
KEY_ID: Final = "the-key-id"
ORIGINAL_TOKEN: Final = "the-original-token"
SIGNATURE_FOR: Final = 15 * 86400  # seconds that a signed token may be good for
ONE_TIME_FOR: Final = 60.0

KEY: Final = ec.generate_private_key(ec.SECP256R1())
PRIVATE_KEY: Final = KEY.private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.PKCS8,
    serialization.NoEncryption(),
).decode()


def data(name: str, artists: list[str] | None, milliseconds: int, **more: Any) -> dict[str, Any]:
    """Return what is said of a track."""
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
class MusicApiDouble:
    """A service that knows one client; `links` and `hits` are what it knows of music."""

    links: dict[str, dict[str, Any]] = field(default_factory=dict)
    hits: list[dict[str, Any]] = field(default_factory=list)
    playlists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    persons: set[str] = field(default_factory=set)
    clock: Callable[[], float] = time.time
    status: int | None = None  # answer all with this
    retry_after: str | None = None
    page: int = 2  # items of a page
    searches: int | None = None  # answer searches with this
    asked: list[str] = field(default_factory=list)
    searched: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""
    _one_time: dict[str, tuple[str, float]] = field(default_factory=dict)

    def one_time_token(self, uuid: str) -> str:
        """Return a token that opens an account once, within a minute."""
        token = uuid4().hex
        self._one_time[token] = uuid, self.clock()
        return token

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        self.asked.append(request.path)
        if self.status:
            headers = {"Retry-After": self.retry_after} if self.retry_after else {}
            return web.Response(status=self.status, headers=headers)
        if request.headers.get("Content-Type") != "application/json; charset=utf-8":
            return web.Response(status=415)
        parts = request.path.strip("/").split("/")
        authorization = request.headers.get("Authorization", "")
        if parts[0] == "api":
            if not self._private(authorization, parts[1]) or parts[1] not in self.persons:
                return web.Response(status=401)
            return web.json_response(self._of_person(parts[2:], request))
        if parts[:3] == ["public", "integrations", "user"]:
            return self._person(authorization, parts[3])
        if not self._public(authorization):
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

    def _public(self, authorization: str) -> bool:
        return authorization == f"Token {CLIENT_ID}" or self._private(authorization, None)

    def _private(self, authorization: str, person: str | None) -> bool:
        kind, _, value = authorization.partition(" ")
        if kind == "Basic":
            return value == b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        return kind == "DevToken" and self._signed(value, person)

    def _signed(self, token: str, person: str | None) -> bool:
        try:
            header = jwt.get_unverified_header(token)
            claims = jwt.decode(token, KEY.public_key(), algorithms=["ES256"], issuer=CLIENT_ID)
        except jwt.PyJWTError:
            return False
        seconds = claims["exp"] - claims["iat"]
        ours = (header["typ"], header["kid"]) == ("JWT", KEY_ID)
        return ours and 0 < seconds < SIGNATURE_FOR and claims.get("sub", person) == person

    def _person(self, authorization: str, uuid: str) -> web.Response:
        kind, _, token = authorization.partition(" ")
        of, made = self._one_time.pop(token, ("", 0.0)) if kind == "Token" else ("", 0.0)
        once = of == uuid and self.clock() - made < ONE_TIME_FOR
        if not once and not self._private(authorization, uuid):
            return web.Response(status=401)
        if uuid not in self.persons:
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

    def _of_person(self, path: list[str], request: web.Request) -> dict[str, Any]:
        if path == ["users", "profile"]:
            return {"name": "Kim"}
        if path == ["playlists"]:
            return self._paged(
                [
                    {"id": key, "name": key, "totalItems": len(of)}
                    for key, of in self.playlists.items()
                ],
                request,
            )
        return self._paged(self.playlists[path[1]], request)

    def _paged(self, items: list[dict[str, Any]], request: web.Request) -> dict[str, Any]:
        start = int(request.query.get("nextParam", "0"))
        end = start + self.page
        more = str(end) if end < len(items) else None
        return {"results": items[start:end], "nextParam": more}


@asynccontextmanager
async def running(double: MusicApiDouble) -> AsyncIterator[MusicApiDouble]:
    """Let a double answer; what opens accounts there is a secret as well."""
    SECRETS.update((CLIENT_SECRET, ORIGINAL_TOKEN, PRIVATE_KEY.splitlines()[1]))
    async with answering(double.answer) as double.url:
        yield double
