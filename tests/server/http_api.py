"""The server's HTTP API."""

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
from .auth import get_login_providers
from .commands import Caller
from .connection import AUTH_SINCE, Connection

if TYPE_CHECKING:
    from .server import MassServer

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

MIN_PASSWORD_LENGTH = 8
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


def create_middleware(server: MassServer) -> Any:
    """Return the middleware that records requests and waits while the server is paused."""

    @web.middleware
    async def handle_request(request: web.Request, handler: Handler) -> web.StreamResponse:
        server.http_requests.append((request.method, request.path_qs))
        await server.faults.wait_until_resumed()
        return await handler(request)

    return handle_request


def get_routes(server: MassServer) -> list[web.RouteDef]:
    """Return all routes except those of images."""
    pages = HttpApi(server)
    always = [
        web.get("/info", pages.get_info),
        web.get("/ws", pages.handle_websocket),
        web.post("/api", pages.handle_command),
    ]
    if server.schema_version < AUTH_SINCE:
        return always
    return [
        *always,
        web.post("/auth/login", pages.handle_login),
        web.post("/auth/logout", pages.handle_logout),
        web.get("/auth/me", pages.get_current_user),
        web.get("/auth/providers", pages.get_providers),
        web.get("/setup", pages.show_setup_page),
        web.post("/setup", pages.setup_first_user),
        web.get("/login", pages.show_login_page),
        web.post("/login", pages.handle_login_form),
    ]


def add_code(return_url: str, code: str) -> str:
    """Add the code to an address and keep its query."""
    parts = urlsplit(return_url)
    query = [*parse_qsl(parts.query, keep_blank_values=True), ("code", code)]
    return urlunsplit(parts._replace(query=urlencode(query)))


def _build_error(error: str, status: int) -> web.Response:
    return web.json_response({"success": False, "error": error}, status=status)


def _is_valid_return_url(return_url: str) -> bool:
    """Return whether a token may be sent to an address."""
    return urlsplit(return_url).scheme in ("http", "https", "musicassistant", "homeassistant")


class HttpApi:
    """Handle the HTTP requests of a server."""

    def __init__(self, server: MassServer) -> None:
        """Initialize for a server."""
        self.server = server

    def _build_json_response(self, value: Any) -> web.Response:
        return web.json_response(text=self.server.serialize(value))

    async def get_info(self, _request: web.Request) -> web.Response:
        """Return the server info."""
        await self.server.faults.wait_for_stage("connect")
        return self._build_json_response(self.server.get_info())

    async def handle_websocket(self, request: web.Request) -> web.StreamResponse:
        """Serve a websocket."""
        return await Connection(self.server, request).handle_connection()

    # Signing in

    async def handle_login(self, request: web.Request) -> web.Response:
        """Exchange name and password for a session token."""
        if self.server.is_setup_required:
            return _build_error("Setup required", 403)
        if not request.can_read_body:
            return web.Response(status=400, text="Body required")
        try:
            body = await request.json()
            credentials = body.get("credentials", {})
            device = body.get("device_name") or request.headers.get("User-Agent", "Unknown")[:50]
            return self._build_login_response(
                self._get_user(credentials), device, body.get("return_url")
            )
        except LoginFailed as err:
            return _build_error(str(err), 401)
        except json.JSONDecodeError, AttributeError:
            return _build_error("Login failed", 500)

    def _get_user(self, credentials: dict[str, Any]) -> User:
        """Return the user with these credentials."""
        username, password = credentials.get("username"), credentials.get("password")
        if not username or not password:
            raise LoginFailed("Username and password required")
        return self.server.accounts.check_login(username, password)

    def _build_login_response(
        self, user: User, device: str, return_url: str | None = None
    ) -> web.Response:
        """Return a session token, and where to redirect with it."""
        if return_url and not _is_valid_return_url(return_url):
            return web.Response(status=400, text="Invalid return_url")
        token = self.server.accounts.create_token(user, device)
        answer = {"success": True, "token": token, "user": user}
        if return_url:
            answer["redirect_to"] = add_code(return_url, token)
        return self._build_json_response(answer)

    def _get_caller(self, request: web.Request) -> Caller | None:
        """Return the caller of a request."""
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        return Caller(*self.server.resolve_token(token))

    async def get_current_user(self, request: web.Request) -> web.Response:
        """Return the user of the token."""
        try:
            caller = self._get_caller(request)
        except InvalidToken:
            caller = None
        if caller is None:
            return web.Response(status=401, text="Not authenticated")
        return self._build_json_response(caller.user)

    async def handle_logout(self, request: web.Request) -> web.Response:
        """Delete the token; its connections stay, unlike after a revocation."""
        try:
            if not await self.server.faults.should_run("auth/logout"):
                await self.server.faults.wait_for_stop()
        except MusicAssistantError as err:
            return _build_error(str(err), 500)
        try:
            caller = self._get_caller(request)
        except InvalidToken:
            caller = None
        if caller is None:
            return web.Response(status=401, text="Not authenticated")
        self.server.tokens.pop(caller.token_id or "", None)
        return web.json_response({"success": True})

    async def get_providers(self, _request: web.Request) -> web.Response:
        """Return the login providers."""
        return web.json_response(get_login_providers())

    # The first user

    async def setup_first_user(self, request: web.Request) -> web.Response:
        """Create the first user."""
        if not self.server.is_setup_required:
            return _build_error("Setup already completed", 400)
        try:
            body = await request.json()
        except json.JSONDecodeError:
            return _build_error("Setup failed", 500)
        username, password = body.get("username") or "", body.get("password") or ""
        if not username.strip() or len(password) < MIN_PASSWORD_LENGTH:
            return _build_error("Username and a password of at least 8 characters required", 400)
        user = self.server.add_user(username, password)
        self.server.onboard_done = True
        return self._build_login_response(user, body.get("device_name") or "Setup")

    async def show_setup_page(self, _request: web.Request) -> web.Response:
        """Return the setup page; the test server has none to fill in."""
        if not self.server.is_setup_required:
            return web.Response(status=403, text="Setup has already been completed.")
        return web.Response(text="POST username and password here to make the first user.")

    # Signing in with a browser

    async def show_login_page(self, request: web.Request) -> web.Response:
        """Return the login form."""
        if self.server.is_setup_required:
            raise web.HTTPFound("/setup")
        return self._render_form(request.query.get("return_url"), request.query.get("device_name"))

    def _render_form(
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

    async def handle_login_form(self, request: web.Request) -> web.Response:
        """Handle the login form and redirect back."""
        form = {**request.query, **{key: str(text) for key, text in (await request.post()).items()}}
        return_url, device_name = form.get("return_url"), form.get("device_name")
        if return_url and not _is_valid_return_url(return_url):
            return web.Response(status=400, text="Invalid return_url")
        try:
            user = self._get_user(form)
        except LoginFailed as err:
            return self._render_form(return_url, device_name, str(err), 401)
        token = self.server.accounts.create_token(user, device_name or "Browser")
        raise web.HTTPFound(add_code(return_url or "/", token))

    # Commands

    async def handle_command(self, request: web.Request) -> web.Response:
        """Run one command; errors are plain text."""
        if self.server.is_setup_required:
            return web.Response(status=503, text="Setup required")
        if not request.can_read_body:
            return web.Response(status=400, text="Body required")
        try:
            body = await request.json()
            name, args = body["command"], body.get("args") or {}
        except json.JSONDecodeError, LookupError, TypeError, AttributeError:
            return web.Response(status=400, text="Invalid JSON: missing required field")
        self.server.commands.append((name, args))
        return await self._call_command(request, name, args)

    async def _call_command(
        self, request: web.Request, name: str, args: dict[str, Any]
    ) -> web.Response:
        try:
            command = commands.find_command(self.server, name)
            caller = commands.check_permission(
                self.server, self._get_api_caller(request), name, command
            )
        except InvalidCommand:
            return web.Response(status=400, text=f"Invalid Command: {name}")
        except AuthenticationRequired, InvalidToken:
            headers = {"WWW-Authenticate": 'Bearer realm="Music Assistant"'}
            return web.Response(status=401, text="Authentication required", headers=headers)
        except InsufficientPermissions as err:
            return web.Response(status=403, text=str(err))
        try:
            if not await self.server.faults.should_run(name):
                await self.server.faults.wait_for_stop()
            return self._build_json_response(
                await commands.call_command(self.server, caller, name, args)
            )
        except Exception:  # noqa: BLE001 - the real server tells no more than this
            return web.Response(status=500, text="Internal server error")

    def _get_api_caller(self, request: web.Request) -> Caller | None:
        """Return the caller of a command, an anonymous one before schemas with users."""
        if self.server.schema_version < AUTH_SINCE:
            return self.server.anonymous_caller
        return self._get_caller(request)
