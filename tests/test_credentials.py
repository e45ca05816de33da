"""Signing in to a server, and checking tokens."""

import asyncio
import logging
import re
import socket
from typing import Any, override

from aiohttp import ClientSession, TCPConnector, web
from aiohttp.abc import AbstractResolver, ResolveResult
import pytest
from yarl import URL

from custom_components.music_assistant.server import client, credentials, endpoint
from custom_components.music_assistant.server.credentials import (
    async_check_token,
    async_create_token_from_session,
    async_log_out,
    async_sign_in,
    normalize_token,
)
from custom_components.music_assistant.server.endpoint import ServerEndpoint
from custom_components.music_assistant.server.errors import ServerProblem
from custom_components.music_assistant.server.tls import get_pinning_policy

from .certificates import GeneratedCertificate
from .common import wait_until
from .http_servers import Handler, redirect_to, respond_with, respond_with_json, run_http_server
from .server import MassServer

NAME = "Home Assistant (Home)"
USERNAME, PASSWORD = "demo", "demo-password"
MINT = "auth/token/create"


async def sign_in(
    session: ClientSession, url: str, username: str = USERNAME, password: str = PASSWORD
) -> str:
    """Sign in as Home Assistant does."""
    return await async_sign_in(ServerEndpoint(session, URL(url)), username, password, NAME)


async def get_problem(
    session: ClientSession, url: str, username: str = USERNAME, password: str = PASSWORD
) -> ServerProblem:
    """Return the problem of a sign-in."""
    with pytest.raises(ServerProblem) as raised:
        await sign_in(session, url, username, password)
    return raised.value


async def get_token_problem(session: ClientSession, url: str, token: str | None) -> str | None:
    """Return the key of a token's problem."""
    try:
        await async_check_token(ServerEndpoint(session, URL(url)), token)
    except ServerProblem as problem:
        return problem.key
    return None


# ------------------------------------------------------------------ with name and password


@pytest.mark.parametrize("schema", [28, 29, 46, 98])
async def test_sign_in_creates_one_token(session: ClientSession, schema: int) -> None:
    """A sign-in creates one long-lived token with our name."""
    async with MassServer(schema_version=schema) as server:
        token = await sign_in(session, server.url)
        [record] = server.tokens.values()
        assert (record.name, record.is_long_lived) == (NAME, True)
        assert await get_token_problem(session, server.url, token) is None
        await wait_until(lambda: not server.connection_count)


@pytest.mark.parametrize("username", ["demo", " Demo ", "DEMO"])
async def test_username_spelling(session: ClientSession, server: MassServer, username: str) -> None:
    """Usernames are compared by the server's rules."""
    assert await sign_in(session, server.url, username)


@pytest.mark.parametrize(
    ("username", "password"), [("demo", "wrong"), ("nobody", "demo-password"), ("demo", "")]
)
async def test_wrong_password(
    session: ClientSession, server: MassServer, username: str, password: str
) -> None:
    """A wrong name or password is an error and leaves no token."""
    problem = await get_problem(session, server.url, username, password)
    assert problem.key == "invalid_credentials"
    assert server.tokens == {}


async def test_too_many_attempts(
    session: ClientSession, server: MassServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error of a locked name has the remaining seconds."""
    now = server.clock()
    monkeypatch.setattr(server, "clock", lambda: now)
    for _ in range(3):
        problem = await get_problem(session, server.url, password="wrong")
        assert problem.key == "invalid_credentials"
    problem = await get_problem(session, server.url)  # right, but too soon
    assert (problem.key, problem.placeholders) == ("too_many_attempts", {"seconds": "30"})
    now += 31
    assert await sign_in(session, server.url)


async def test_not_onboarded(session: ClientSession) -> None:
    """A server without users has its own error."""
    async with MassServer(onboard_done=False) as server:
        problem = await get_problem(session, server.url)
        assert (problem.key, problem.placeholders) == ("not_onboarded", {"url": server.url})


@pytest.mark.parametrize(
    ("handler", "key", "given"),
    [
        (respond_with(status=429, text="Slow down"), "too_many_attempts", {"seconds": "60"}),
        (respond_with(status=404), "not_music_assistant", {"error": "HTTP 404"}),
        (
            respond_with_json({"success": False, "error": "Login failed"}, 500),
            "server_refused",
            {"error": "Login failed"},
        ),
        (
            respond_with(status=502, text="<h1>Bad Gateway</h1>"),
            "server_refused",
            {"error": "HTTP 502"},
        ),
        (respond_with(status=503, text="Starting"), "server_refused", {"error": "HTTP 503"}),
        (respond_with_json({"success": True}), "server_refused", {"error": "HTTP 200"}),
        *(
            (
                respond_with_json({"success": True, "token": odd}),
                "server_refused",
                {"error": "HTTP 200"},
            )
            for odd in (None, 5, ["a.b.c"], "a.b.c\n", "a" * 5000)
        ),
    ],
)
async def test_unexpected_login_responses(
    session: ClientSession, handler: Handler, key: str, given: dict[str, str]
) -> None:
    """Each other response of a login has an error with a text."""
    async with run_http_server(handler) as url:
        problem = await get_problem(session, url)
    assert problem.key == key
    assert problem.placeholders.items() >= given.items()


async def test_secrets_in_errors_are_redacted(session: ClientSession) -> None:
    """A secret in a server's error is redacted."""

    async def handle_request(request: web.Request) -> web.StreamResponse:
        return web.json_response({"error": await request.text()}, status=400)

    async with run_http_server(handle_request) as url:
        problem = await get_problem(session, url)
    assert USERNAME in problem.placeholders["error"]
    assert PASSWORD not in repr(problem.placeholders)


async def test_password_is_not_redirected(session: ClientSession, server: MassServer) -> None:
    """A password is sent only to the address that was checked."""
    async with run_http_server(redirect_to(server.url, status=307)) as url:
        problem = await get_problem(session, url)
    assert (problem.key, problem.placeholders["error"]) == ("server_refused", "HTTP 307")
    assert server.http_requests == []


async def test_login_of_older_server(session: ClientSession) -> None:
    """Older servers expect name and password, and return the token, in other fields."""

    async def handle_login(request: web.Request) -> web.StreamResponse:
        if request.path != "/auth/login":
            return web.Response(status=404)
        body = await request.json()
        right = (body["username"], body["password"]) == (USERNAME, PASSWORD)
        return web.json_response({"access_token": "a.b.c"} if right else {}, status=200)

    async with run_http_server(handle_login) as url:
        # the login went well: what is missing is the websocket
        assert (await get_problem(session, url)).key == "no_websocket"
        assert (await get_problem(session, url, password="wrong")).key == "server_refused"


async def test_host_with_trailing_dot(server: MassServer) -> None:
    """A host can end with a dot, which certificates don't have."""
    made = GeneratedCertificate.create("mass.example")
    async with (
        MassServer(ssl_context=made.server_context) as encrypted,
        ClientSession(connector=TCPConnector(resolver=LoopbackResolver())) as session,
    ):
        url = URL(encrypted.url).with_host("mass.example.")
        endpoint = ServerEndpoint(session, url, get_pinning_policy(made.fingerprint))
        await async_check_token(endpoint, encrypted.create_token(USERNAME))


class LoopbackResolver(AbstractResolver):
    """Resolve every host to the loopback address."""

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0
            )
        ]

    @override
    async def close(self) -> None:
        """Do nothing: there is nothing to close."""


async def test_sign_in_at_closed_port(session: ClientSession, server: MassServer) -> None:
    """A server that is gone has its own error."""
    await server.faults.close_port()
    assert (await get_problem(session, server.url)).key == "connection_refused"


async def test_sign_in_timeout(
    session: ClientSession, server: MassServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A login without response fails after the timeout."""
    monkeypatch.setattr(endpoint, "HTTP_TIMEOUT", 0.05)
    server.faults.pause_server()
    assert (await get_problem(session, server.url)).key == "timeout_connect"


# ----------------------------------------------------------------- the session that it opens


async def test_session_is_revoked_when_token_is_refused(
    session: ClientSession, server: MassServer
) -> None:
    """The session is revoked if the token is refused."""
    server.faults.fail_command(MINT, 22, "No tokens for you")
    problem = await get_problem(session, server.url)
    assert (problem.key, problem.placeholders["error"]) == ("server_refused", "No tokens for you")
    assert server.tokens == {}


async def test_session_is_revoked_after_timeout(
    session: ClientSession, server: MassServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session is revoked after a timeout, and the error names it."""
    monkeypatch.setattr(client, "DEFAULT_COMMAND_TIMEOUT", 0.1)
    server.faults.ignore_command(MINT)
    assert (await get_problem(session, server.url)).key == "timeout_connect"
    assert server.tokens == {}


async def test_session_is_revoked_after_disconnect(
    session: ClientSession, server: MassServer
) -> None:
    """The session is revoked after a disconnect."""
    server.faults.ignore_command(MINT)
    signing_in = asyncio.ensure_future(get_problem(session, server.url))
    await wait_until(lambda: MINT in dict(server.commands))
    await server.faults.disconnect_clients()
    assert (await signing_in).key == "cannot_connect"
    assert server.tokens == {}


async def test_session_is_revoked_when_flow_is_aborted(
    session: ClientSession, server: MassServer
) -> None:
    """The session is revoked if the flow is aborted."""
    server.faults.ignore_command(MINT)
    signing_in = asyncio.ensure_future(sign_in(session, server.url))
    await wait_until(lambda: MINT in dict(server.commands))
    assert len(server.tokens) == 1
    signing_in.cancel()
    with pytest.raises(asyncio.CancelledError):
        await signing_in
    await wait_until(lambda: not server.tokens)


async def test_logout_from_unreachable_server(
    session: ClientSession, server: MassServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A logout from an unreachable server fails without logging the token."""
    caplog.set_level(logging.DEBUG)
    token = server.create_token("demo", long_lived=False)
    await server.faults.close_port()
    await async_log_out(ServerEndpoint(session, URL(server.url)), token)
    assert server.url in caplog.text
    assert token not in caplog.text


# ------------------------------------------------------------------------------ with a token


async def test_session_is_exchanged_for_token(session: ClientSession, server: MassServer) -> None:
    """A session creates a token of the same user and ends."""
    session_token = server.create_token("demo", long_lived=False)
    (user,) = {record.user_id for record in server.tokens.values()}
    token = await async_create_token_from_session(
        ServerEndpoint(session, URL(server.url)), session_token, NAME
    )
    assert [(one.name, one.user_id) for one in server.tokens.values()] == [(NAME, user)]
    assert await get_token_problem(session, server.url, token) is None


ODD_TOKENS: list[object] = [
    None,
    "",
    5,
    True,
    [],
    {"token": "a.b.c"},
    "a b",
    "a.b.c\r\nX: y",
    "a" * 5000,
    "ü",
]


@pytest.mark.parametrize("odd", ODD_TOKENS, ids=lambda odd: repr(odd)[:12])
async def test_invalid_token_response(
    session: ClientSession, server: MassServer, odd: object
) -> None:
    """A response without a token is an error, and the session is revoked."""
    server.faults.set_response(MINT, odd)
    problem = await get_problem(session, server.url)
    assert (problem.key, problem.placeholders) == ("odd_token", {"url": server.url})
    assert server.tokens == {}


async def test_check_token(session: ClientSession, server: MassServer) -> None:
    """A valid token passes; an invalid one is refused for any reason."""
    good, revoked = (server.create_token("demo") for _ in range(2))
    server.revoke_token(revoked)
    server.add_user("other", "others-password")
    disabled = server.create_token("other")
    server.disable_user("other")
    expired = server.create_token("demo", lifetime=-1)
    assert await get_token_problem(session, server.url, good) is None
    for bad in (revoked, disabled, "a.b.c", good[:-1]):
        assert await get_token_problem(session, server.url, bad) == "invalid_token"
    assert await get_token_problem(session, server.url, expired) == "token_expired"
    assert await get_token_problem(session, server.url, None) == "token_required"
    assert good in str(server.commands)  # the token went over the socket that was checked


async def test_old_server_needs_no_token(session: ClientSession) -> None:
    """A server without users needs no token."""
    async with MassServer(schema_version=27) as server:
        assert await get_token_problem(session, server.url, None) is None
        assert server.connects == 1


async def test_check_token_before_onboarding(session: ClientSession) -> None:
    """A server that isn't onboarded has its own error."""
    async with MassServer(onboard_done=False) as server:
        assert await get_token_problem(session, server.url, "a.b.c") == "not_onboarded"


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"schema_version": 26}, "server_too_old"),
        ({"min_supported_schema_version": 200}, "server_too_new"),
    ],
)
async def test_check_token_version(
    session: ClientSession, server: MassServer, changes: dict[str, Any], key: str
) -> None:
    """A server whose version has changed has its own error."""
    for name, value in changes.items():
        setattr(server, name, value)
    assert await get_token_problem(session, server.url, server.create_token("demo")) == key


@pytest.mark.parametrize("stage", ["connect", "auth"])
async def test_check_token_timeout(
    session: ClientSession, server: MassServer, monkeypatch: pytest.MonkeyPatch, stage: Any
) -> None:
    """A check fails after the timeout at any stage."""
    monkeypatch.setattr(credentials, "CONNECT_TIMEOUT", 0.1)
    server.faults.stop_at_stage(stage)
    assert (
        await get_token_problem(session, server.url, server.create_token("demo"))
        == "timeout_connect"
    )


async def test_connection_lost_during_check(session: ClientSession, server: MassServer) -> None:
    """A disconnect during the check isn't an invalid token."""
    server.faults.ignore_command("auth")
    checking = asyncio.ensure_future(
        get_token_problem(session, server.url, server.create_token("demo"))
    )
    await wait_until(lambda: "auth" in dict(server.commands))
    await server.faults.disconnect_clients("reset")
    assert await checking == "cannot_connect"


@pytest.mark.parametrize(
    ("handler", "key"),
    [
        (respond_with(status=404), "no_websocket"),
        (respond_with(status=502), "no_websocket"),
        (respond_with(text="<!doctype html>"), "no_websocket"),
    ],
)
async def test_proxy_without_websocket(session: ClientSession, handler: Handler, key: str) -> None:
    """A proxy without websocket support has its own error."""
    async with run_http_server(handler) as url:
        assert await get_token_problem(session, url, "a.b.c") == key


async def test_websocket_of_other_service(session: ClientSession) -> None:
    """A websocket with another first message isn't a server's."""

    async def handle_request(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "auth_required"})
        await socket.close()
        return socket

    async with run_http_server(handle_request) as url:
        assert await get_token_problem(session, url, "a.b.c") == "not_music_assistant"


# --------------------------------------------------------------------------- what is pasted

HEAD = "eyJhbGciOiJIUzI1NiJ9"  # {"alg":"HS256"}
TOKEN = f"{HEAD}.eyJzdWIi_-OiJ4In0.{'c2ln' * 10}c2l"


@pytest.mark.parametrize(
    "pasted",
    [
        TOKEN,
        f"  {TOKEN}\n",
        f"{TOKEN[:9]}\r\n  {TOKEN[9:]}",
        f"Bearer {TOKEN}",
        f"bearer{TOKEN}",
    ],
)
def test_pasted_token_is_cleaned(pasted: str) -> None:
    """Characters around a pasted token are removed."""
    assert normalize_token(pasted) == TOKEN


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "abc",
        "a.b",
        "a.b.",
        ".b.c",
        "a..c",
        "a.b.c.d",
        "Bearer",
        TOKEN[:-1],
        TOKEN[1:],
        TOKEN * 2,
    ],
)
def test_incomplete_token_is_not_sent(pasted: str) -> None:
    """A text that can't be a token isn't sent."""
    with pytest.raises(ServerProblem) as raised:
        normalize_token(pasted)
    assert raised.value.key == "incomplete_token"
    assert not pasted or not re.search(re.escape(pasted), str(raised.value.placeholders))
