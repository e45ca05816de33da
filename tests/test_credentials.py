"""Signing in to a server over real sockets."""

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


async def problem_of(
    session: ClientSession, url: str, username: str = USERNAME, password: str = PASSWORD
) -> ServerProblem:
    """Return the problem that a sign-in ends with."""
    with pytest.raises(ServerProblem) as raised:
        await sign_in(session, url, username, password)
    return raised.value


async def check(session: ClientSession, url: str, token: str | None) -> str | None:
    """Return the key of what is wrong with a token."""
    try:
        await async_check_token(ServerEndpoint(session, URL(url)), token)
    except ServerProblem as problem:
        return problem.key
    return None


# ------------------------------------------------------------------ with name and password


@pytest.mark.parametrize("schema", [28, 29, 46, 98])
async def test_sign_in(session: ClientSession, schema: int) -> None:
    """A password leaves one token behind: long-lived, working, and named after us."""
    async with MassServer(schema_version=schema) as server:
        token = await sign_in(session, server.url)
        [record] = server.tokens.values()
        assert (record.name, record.is_long_lived) == (NAME, True)
        assert await check(session, server.url, token) is None
        await wait_until(lambda: not server.connection_count)


@pytest.mark.parametrize("username", ["demo", " Demo ", "DEMO"])
async def test_username_as_people_type_it(
    session: ClientSession, server: MassServer, username: str
) -> None:
    """The server's own rules for names hold."""
    assert await sign_in(session, server.url, username)


@pytest.mark.parametrize(
    ("username", "password"), [("demo", "wrong"), ("nobody", "demo-password"), ("demo", "")]
)
async def test_wrong_password(
    session: ClientSession, server: MassServer, username: str, password: str
) -> None:
    """A wrong name or password is told, and leaves nothing behind."""
    problem = await problem_of(session, server.url, username, password)
    assert problem.key == "invalid_credentials"
    assert server.tokens == {}


async def test_too_many_attempts(
    session: ClientSession, server: MassServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server's brake is told with its seconds, not as a wrong password."""
    now = server.clock()
    monkeypatch.setattr(server, "clock", lambda: now)
    for _ in range(3):
        problem = await problem_of(session, server.url, password="wrong")
        assert problem.key == "invalid_credentials"
    problem = await problem_of(session, server.url)  # right, but too soon
    assert (problem.key, problem.placeholders) == ("too_many_attempts", {"seconds": "30"})
    now += 31
    assert await sign_in(session, server.url)


async def test_not_onboarded(session: ClientSession) -> None:
    """A server without users asks for its set-up first."""
    async with MassServer(onboard_done=False) as server:
        problem = await problem_of(session, server.url)
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
async def test_odd_answer(
    session: ClientSession, handler: Handler, key: str, given: dict[str, str]
) -> None:
    """Whatever else a login is answered with has its text."""
    async with run_http_server(handler) as url:
        problem = await problem_of(session, url)
    assert problem.key == key
    assert problem.placeholders.items() >= given.items()


async def test_secrets_that_are_sent_back(session: ClientSession) -> None:
    """Who quotes a secret in an error isn't quoted."""

    async def quote(request: web.Request) -> web.StreamResponse:
        return web.json_response({"error": await request.text()}, status=400)

    async with run_http_server(quote) as url:
        problem = await problem_of(session, url)
    assert USERNAME in problem.placeholders["error"]
    assert PASSWORD not in repr(problem.placeholders)


async def test_password_is_not_redirected(session: ClientSession, server: MassServer) -> None:
    """A password goes nowhere but to the address that was looked at."""
    async with run_http_server(redirect_to(server.url, status=307)) as url:
        problem = await problem_of(session, url)
    assert (problem.key, problem.placeholders["error"]) == ("server_refused", "HTTP 307")
    assert server.http_requests == []


async def test_older_server(session: ClientSession) -> None:
    """Older servers look for name and password elsewhere, and call the token otherwise."""

    async def login(request: web.Request) -> web.StreamResponse:
        if request.path != "/auth/login":
            return web.Response(status=404)
        body = await request.json()
        right = (body["username"], body["password"]) == (USERNAME, PASSWORD)
        return web.json_response({"access_token": "a.b.c"} if right else {}, status=200)

    async with run_http_server(login) as url:
        # the login went well: what is missing is the websocket
        assert (await problem_of(session, url)).key == "no_websocket"
        assert (await problem_of(session, url, password="wrong")).key == "server_refused"


async def test_full_name(server: MassServer) -> None:
    """A host name may end with a dot, which no certificate has."""
    made = GeneratedCertificate.create("mass.example")
    async with (
        MassServer(ssl_context=made.server_context) as encrypted,
        ClientSession(connector=TCPConnector(resolver=Here())) as session,
    ):
        url = URL(encrypted.url).with_host("mass.example.")
        site = ServerEndpoint(session, url, get_pinning_policy(made.fingerprint))
        await async_check_token(site, encrypted.create_token(USERNAME))


class Here(AbstractResolver):
    """Finds every host here."""

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
        """Have nothing open."""


async def test_closed_port(session: ClientSession, server: MassServer) -> None:
    """A server that has gone since it was found is told as that."""
    await server.faults.close_port()
    assert (await problem_of(session, server.url)).key == "connection_refused"


async def test_silent_server(
    session: ClientSession, server: MassServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A login that isn't answered isn't waited for without end."""
    monkeypatch.setattr(endpoint, "HTTP_TIMEOUT", 0.05)
    server.faults.pause_server()
    assert (await problem_of(session, server.url)).key == "timeout_connect"


# ----------------------------------------------------------------- the session that it opens


async def test_session_ends_when_no_token_is_given(
    session: ClientSession, server: MassServer
) -> None:
    """A session doesn't outlive a refusal of the token."""
    server.faults.fail_command(MINT, 22, "No tokens for you")
    problem = await problem_of(session, server.url)
    assert (problem.key, problem.placeholders["error"]) == ("server_refused", "No tokens for you")
    assert server.tokens == {}


async def test_session_ends_when_the_server_is_slow(
    session: ClientSession, server: MassServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session doesn't outlive a limit, and the text speaks of time."""
    monkeypatch.setattr(client, "DEFAULT_COMMAND_TIMEOUT", 0.1)
    server.faults.ignore_command(MINT)
    assert (await problem_of(session, server.url)).key == "timeout_connect"
    assert server.tokens == {}


async def test_session_ends_when_the_connection_does(
    session: ClientSession, server: MassServer
) -> None:
    """A session doesn't outlive a loss of the connection."""
    server.faults.ignore_command(MINT)
    signing_in = asyncio.ensure_future(problem_of(session, server.url))
    await wait_until(lambda: MINT in dict(server.commands))
    await server.faults.disconnect_clients()
    assert (await signing_in).key == "cannot_connect"
    assert server.tokens == {}


async def test_session_ends_when_the_person_leaves(
    session: ClientSession, server: MassServer
) -> None:
    """A session doesn't outlive a flow that is closed meanwhile."""
    server.faults.ignore_command(MINT)
    signing_in = asyncio.ensure_future(sign_in(session, server.url))
    await wait_until(lambda: MINT in dict(server.commands))
    assert len(server.tokens) == 1
    signing_in.cancel()
    with pytest.raises(asyncio.CancelledError):
        await signing_in
    await wait_until(lambda: not server.tokens)


async def test_log_out_from_nowhere(
    session: ClientSession, server: MassServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A session on a server that has gone is left, without a word about its token."""
    caplog.set_level(logging.DEBUG)
    token = server.create_token("demo", long_lived=False)
    await server.faults.close_port()
    await async_log_out(ServerEndpoint(session, URL(server.url)), token)
    assert server.url in caplog.text
    assert token not in caplog.text


# ------------------------------------------------------------------------------ with a token


async def test_exchange(session: ClientSession, server: MassServer) -> None:
    """A session makes a token of the same user, and ends."""
    session_token = server.create_token("demo", long_lived=False)
    (user,) = {record.user_id for record in server.tokens.values()}
    token = await async_create_token_from_session(
        ServerEndpoint(session, URL(server.url)), session_token, NAME
    )
    assert [(one.name, one.user_id) for one in server.tokens.values()] == [(NAME, user)]
    assert await check(session, server.url, token) is None


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
async def test_something_else_than_a_token(
    session: ClientSession, server: MassServer, odd: object
) -> None:
    """What can't be a token isn't taken for one, and no session is left."""
    server.faults.set_response(MINT, odd)
    problem = await problem_of(session, server.url)
    assert (problem.key, problem.placeholders) == ("odd_token", {"url": server.url})
    assert server.tokens == {}


async def test_check_token(session: ClientSession, server: MassServer) -> None:
    """A token that works passes; anything else is refused, whatever the reason."""
    good, revoked = (server.create_token("demo") for _ in range(2))
    server.revoke_token(revoked)
    server.add_user("other", "others-password")
    disabled = server.create_token("other")
    server.disable_user("other")
    expired = server.create_token("demo", lifetime=-1)
    assert await check(session, server.url, good) is None
    for bad in (revoked, disabled, "a.b.c", good[:-1]):
        assert await check(session, server.url, bad) == "invalid_token"
    assert await check(session, server.url, expired) == "token_expired"
    assert await check(session, server.url, None) == "token_required"
    assert good in str(server.commands)  # the token went over the socket that was checked


async def test_no_token_for_old_server(session: ClientSession) -> None:
    """A server before users asks for none."""
    async with MassServer(schema_version=27) as server:
        assert await check(session, server.url, None) is None
        assert server.connects == 1


async def test_server_without_set_up(session: ClientSession) -> None:
    """A server without users refuses each token; its set-up is what is missing."""
    async with MassServer(onboard_done=False) as server:
        assert await check(session, server.url, "a.b.c") == "not_onboarded"


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"schema_version": 26}, "server_too_old"),
        ({"min_supported_schema_version": 200}, "server_too_new"),
    ],
)
async def test_version(
    session: ClientSession, server: MassServer, changes: dict[str, Any], key: str
) -> None:
    """A server that changed its version since it was found is told as that."""
    for name, value in changes.items():
        setattr(server, name, value)
    assert await check(session, server.url, server.create_token("demo")) == key


@pytest.mark.parametrize("stage", ["connect", "auth"])
async def test_hanging_server(
    session: ClientSession, server: MassServer, monkeypatch: pytest.MonkeyPatch, stage: Any
) -> None:
    """A check ends in time wherever the server stops answering."""
    monkeypatch.setattr(credentials, "CONNECT_TIMEOUT", 0.1)
    server.faults.stop_at_stage(stage)
    assert await check(session, server.url, server.create_token("demo")) == "timeout_connect"


async def test_connection_lost_during_check(session: ClientSession, server: MassServer) -> None:
    """A token isn't blamed for a connection that ended."""
    server.faults.ignore_command("auth")
    checking = asyncio.ensure_future(check(session, server.url, server.create_token("demo")))
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
async def test_no_websocket(session: ClientSession, handler: Handler, key: str) -> None:
    """A proxy that doesn't pass websockets on is told as that."""
    async with run_http_server(handler) as url:
        assert await check(session, url, "a.b.c") == key


async def test_websocket_of_something_else(session: ClientSession) -> None:
    """A websocket that begins otherwise isn't a server's."""

    async def hello(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "auth_required"})
        await socket.close()
        return socket

    async with run_http_server(hello) as url:
        assert await check(session, url, "a.b.c") == "not_music_assistant"


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
def test_clean_token(pasted: str) -> None:
    """What was copied along with a token doesn't matter."""
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
def test_incomplete_token(pasted: str) -> None:
    """What can't be a whole token isn't sent."""
    with pytest.raises(ServerProblem) as raised:
        normalize_token(pasted)
    assert raised.value.key == "incomplete_token"
    assert not pasted or not re.search(re.escape(pasted), str(raised.value.placeholders))
