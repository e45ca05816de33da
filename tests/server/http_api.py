"""What the server answers over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from html import escape
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from aiohttp import web
from music_assistant_models.auth import User
from music_assistant_models.errors import (
    AuthenticationRequired,
    InsufficientPermissions,
    InvalidCommand,
    InvalidToken,
    LoginFailed,
    MusicAssistantError,
)

from . import commands
from .auth import login_providers
from .commands import Caller
from .connection import AUTH_SINCE, Connection

if TYPE_CHECKING:
    from .server import MassServer

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SHORTEST_PASSWORD = 8
_LOGIN_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title></head>
<body>
<h1>{title}</h1>
<p role="alert">{message}</p>
<form method="post">
<input type="hidden" name="return_url" value="{return_url}">
<input type="hidden" name="device_name" value="{device_name}">
<label>Username <input name="username" autocomplete="username" required autofocus></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button type="submit">{button}</button>
</form>
</body>
</html>
"""


def gatekeeper(server: MassServer) -> Any:
    """Return the middleware that keeps the log and stands still in a freeze."""

    @web.middleware
    async def pass_on(request: web.Request, handler: Handler) -> web.StreamResponse:
        server.http_requests.append((request.method, request.path_qs))
        await server.faults.until_thawed()
        return await handler(request)

    return pass_on


def routes(server: MassServer) -> list[web.RouteDef]:
    """Return all routes but those of images."""
    pages = Pages(server)
    always = [
        web.get("/info", pages.info),
        web.get("/ws", pages.websocket),
        web.post("/api", pages.api),
    ]
    if server.schema_version < AUTH_SINCE:
        return always
    return [
        *always,
        web.post("/auth/login", pages.auth_login),
        web.post("/auth/logout", pages.auth_logout),
        web.get("/auth/me", pages.auth_me),
        web.get("/auth/providers", pages.auth_providers),
        web.get("/setup", pages.setup_page),
        web.post("/setup", pages.setup),
        web.get("/login", pages.login_page),
        web.post("/login", pages.login_form),
    ]


def with_code(return_url: str, code: str) -> str:
    """Add the code to an address, keeping what it has."""
    parts = urlsplit(return_url)
    query = [*parse_qsl(parts.query, keep_blank_values=True), ("code", code)]
    return urlunsplit(parts._replace(query=urlencode(query)))


def _failed(error: str, status: int) -> web.Response:
    return web.json_response({"success": False, "error": error}, status=status)


def _valid(return_url: str) -> bool:
    """Tell whether an address may be sent a token."""
    return urlsplit(return_url).scheme in ("http", "https", "musicassistant", "homeassistant")


class Pages:
    """The handlers."""

    def __init__(self, server: MassServer) -> None:
        """Answer for a server."""
        self.server = server

    def _json(self, value: Any) -> web.Response:
        return web.json_response(text=self.server.dumps(value))

    async def info(self, _request: web.Request) -> web.Response:
        """Return the server info."""
        await self.server.faults.until_answering("connect")
        return self._json(self.server.info())

    async def websocket(self, request: web.Request) -> web.StreamResponse:
        """Serve a websocket."""
        return await Connection(self.server, request).run()

    # Signing in

    async def auth_login(self, request: web.Request) -> web.Response:
        """Exchange name and password for a session token."""
        if self.server.setup_required:
            return _failed("Setup required", 403)
        if not request.can_read_body:
            return web.Response(status=400, text="Body required")
        try:
            body = await request.json()
            credentials = body.get("credentials", {})
            device = body.get("device_name") or request.headers.get("User-Agent", "Unknown")[:50]
            return self._welcome(self._user(credentials), device, body.get("return_url"))
        except LoginFailed as err:
            return _failed(str(err), 401)
        except json.JSONDecodeError, AttributeError:
            return _failed("Login failed", 500)

    def _user(self, credentials: dict[str, Any]) -> User:
        """Return the user with these credentials."""
        username, password = credentials.get("username"), credentials.get("password")
        if not username or not password:
            raise LoginFailed("Username and password required")
        return self.server.accounts.login(username, password)

    def _welcome(self, user: User, device: str, return_url: str | None = None) -> web.Response:
        """Return a session token, and where to go with it."""
        if return_url and not _valid(return_url):
            return web.Response(status=400, text="Invalid return_url")
        token = self.server.accounts.mint(user, device)
        answer = {"success": True, "token": token, "user": user}
        if return_url:
            answer["redirect_to"] = with_code(return_url, token)
        return self._json(answer)

    def _caller(self, request: web.Request) -> Caller | None:
        """Return who sent a request."""
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        return Caller(*self.server.authenticated(token))

    async def auth_me(self, request: web.Request) -> web.Response:
        """Return the user of the token."""
        try:
            caller = self._caller(request)
        except InvalidToken:
            caller = None
        if caller is None:
            return web.Response(status=401, text="Not authenticated")
        return self._json(caller.user)

    async def auth_logout(self, request: web.Request) -> web.Response:
        """Delete the token; its connections stay, unlike after a revocation."""
        try:
            if not await self.server.faults.lets_through("auth/logout"):
                await self.server.faults.forever()
        except MusicAssistantError as err:
            return _failed(str(err), 500)
        try:
            caller = self._caller(request)
        except InvalidToken:
            caller = None
        if caller is None:
            return web.Response(status=401, text="Not authenticated")
        self.server.tokens.pop(caller.token_id or "", None)
        return web.json_response({"success": True})

    async def auth_providers(self, _request: web.Request) -> web.Response:
        """Return the ways to sign in."""
        return web.json_response(login_providers())

    # The first user

    async def setup(self, request: web.Request) -> web.Response:
        """Make the first user."""
        if not self.server.setup_required:
            return _failed("Setup already completed", 400)
        try:
            body = await request.json()
        except json.JSONDecodeError:
            return _failed("Setup failed", 500)
        username, password = body.get("username") or "", body.get("password") or ""
        if not username.strip() or len(password) < SHORTEST_PASSWORD:
            return _failed("Username and a password of at least 8 characters required", 400)
        user = self.server.add_user(username, password)
        self.server.onboard_done = True
        return self._welcome(user, body.get("device_name") or "Setup")

    async def setup_page(self, _request: web.Request) -> web.Response:
        """Say where to set up; the test server has no page for it."""
        if not self.server.setup_required:
            return web.Response(status=403, text="Setup has already been completed.")
        return web.Response(text="POST username and password here to make the first user.")

    # Signing in with a browser

    async def login_page(self, request: web.Request) -> web.Response:
        """Show the form."""
        if self.server.setup_required:
            raise web.HTTPFound("/setup")
        return self._form(request.query.get("return_url"), request.query.get("device_name"))

    def _form(
        self,
        return_url: str | None,
        device_name: str | None,
        message: str = "Sign in to continue.",
        status: int = 200,
    ) -> web.Response:
        fields = {
            "title": self.server.name,
            "message": message,
            "return_url": return_url or "",
            "device_name": device_name or "",
            "button": "Sign in",
        }
        page = _LOGIN_PAGE.format_map({key: escape(text) for key, text in fields.items()})
        return web.Response(text=page, content_type="text/html", status=status)

    async def login_form(self, request: web.Request) -> web.Response:
        """Take the form and go back to where the browser came from."""
        form = {**request.query, **{key: str(text) for key, text in (await request.post()).items()}}
        return_url, device_name = form.get("return_url"), form.get("device_name")
        if return_url and not _valid(return_url):
            return web.Response(status=400, text="Invalid return_url")
        try:
            user = self._user(form)
        except LoginFailed as err:
            return self._form(return_url, device_name, str(err), 401)
        token = self.server.accounts.mint(user, device_name or "Browser")
        raise web.HTTPFound(with_code(return_url or "/", token))

    # Commands

    async def api(self, request: web.Request) -> web.Response:
        """Run one command; errors are plain text."""
        if self.server.setup_required:
            return web.Response(status=503, text="Setup required")
        if not request.can_read_body:
            return web.Response(status=400, text="Body required")
        try:
            body = await request.json()
            name, args = body["command"], body.get("args") or {}
        except json.JSONDecodeError, LookupError, TypeError, AttributeError:
            return web.Response(status=400, text="Invalid JSON: missing required field")
        self.server.commands.append((name, args))
        return await self._run(request, name, args)

    async def _run(self, request: web.Request, name: str, args: dict[str, Any]) -> web.Response:
        try:
            command = commands.find(self.server, name)
            caller = commands.permitted(self.server, self._api_caller(request), name, command)
        except InvalidCommand:
            return web.Response(status=400, text=f"Invalid Command: {name}")
        except AuthenticationRequired, InvalidToken:
            headers = {"WWW-Authenticate": 'Bearer realm="Music Assistant"'}
            return web.Response(status=401, text="Authentication required", headers=headers)
        except InsufficientPermissions as err:
            return web.Response(status=403, text=str(err))
        try:
            if not await self.server.faults.lets_through(name):
                await self.server.faults.forever()
            return self._json(await commands.call(self.server, caller, name, args))
        except Exception:  # noqa: BLE001 - the real server tells no more than this
            return web.Response(status=500, text="Internal server error")

    def _api_caller(self, request: web.Request) -> Caller | None:
        """Return who sent a command; nobody in particular before there were users."""
        if self.server.schema_version < AUTH_SINCE:
            return self.server.nobody
        return self._caller(request)
