"""The contract over HTTP."""

from typing import Any

from aiohttp import ClientSession
import jwt
import pytest

from tests.server import MassServer
from tests.server.http_api import add_code

from .conftest import PASSWORD, USERNAME, TargetServer

WITH_LOGIN = pytest.mark.schemas(28, 29, 46, 98)

type Answer = tuple[int, Any]


async def post(session: ClientSession, url: str, body: Any, token: str | None = None) -> Answer:
    """Return status and body, as JSON if it is."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with session.post(url, json=body, headers=headers) as response:
        is_json = response.content_type == "application/json"
        return response.status, await (response.json() if is_json else response.text())


async def get(session: ClientSession, url: str, token: str | None = None) -> Answer:
    """Return status and body, as JSON if it is."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with session.get(url, headers=headers) as response:
        is_json = response.content_type == "application/json"
        return response.status, await (response.json() if is_json else response.text())


async def test_info(target: TargetServer, session: ClientSession) -> None:
    """The server info needs no token."""
    status, info = await get(session, f"{target.url}/info")
    assert status == 200
    assert info["schema_version"] == target.schema
    assert info["min_supported_schema_version"] <= target.schema
    assert {"server_id", "server_version", "base_url", "onboard_done"} <= info.keys()


@pytest.mark.parametrize(
    ("field", "since"),
    [("status", 29), ("name", 29), ("internal_url", 32), ("unsupported_install", 87)],
)
async def test_info_grows(server: MassServer, field: str, since: int) -> None:
    """A field of the server info is there from its schema version on."""
    assert (field in server.get_info()) == (server.schema_version >= since)


# Signing in


@WITH_LOGIN
@pytest.mark.parametrize("name", [USERNAME, USERNAME.upper(), f" {USERNAME} "])
async def test_login(target: TargetServer, session: ClientSession, name: str) -> None:
    """Name and password give a session token; the name is trimmed and its case ignored."""
    if target.password is None:
        pytest.skip("no password of a real user given")
    name = name if target.server else target.username or ""
    credentials = {"username": name, "password": target.password}
    status, answer = await post(
        session,
        f"{target.url}/auth/login",
        {"credentials": credentials, "device_name": "Contract", "return_url": "http://x/?state=1"},
    )
    assert status == 200
    assert answer["success"] is True
    assert answer["redirect_to"] == add_code("http://x/?state=1", answer["token"])
    assert {
        "user_id",
        "username",
        "role",
        "enabled",
        "created_at",
        "display_name",
        "avatar_url",
        "preferences",
        "provider_filter",
        "player_filter",
    } == answer["user"].keys()
    claims = jwt.decode(answer["token"], options={"verify_signature": False})
    assert {
        "sub",
        "jti",
        "iat",
        "exp",
        "username",
        "role",
        "token_name",
        "is_long_lived",
    } == claims.keys()
    assert claims["is_long_lived"] is False
    assert claims["token_name"] == "Contract"

    assert (await get(session, f"{target.url}/auth/me", answer["token"]))[1] == answer["user"]
    status, _ = await post(session, f"{target.url}/auth/logout", None, answer["token"])
    assert status == 200
    assert (await get(session, f"{target.url}/auth/me", answer["token"]))[0] == 401


@pytest.mark.schemas(29, 98)
@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (
            {"credentials": {"username": "nobody-9", "password": "wrong"}},
            401,
            "Invalid username or password",
        ),
        ({"username": USERNAME, "password": PASSWORD}, 401, "Username and password required"),
        ({"credentials": {"username": USERNAME}}, 401, "Username and password required"),
        ({}, 401, "Username and password required"),
    ],
)
async def test_login_refused(
    target: TargetServer, session: ClientSession, body: Any, status: int, error: str
) -> None:
    """What is no valid login says why."""
    answer = await post(session, f"{target.url}/auth/login", body)
    assert answer == (status, {"success": False, "error": error})


@pytest.mark.schemas(29)
async def test_login_without_json(target: TargetServer, session: ClientSession) -> None:
    """No body and a bad one are told apart."""
    async with session.post(f"{target.url}/auth/login") as response:
        assert response.status == 400
    async with session.post(f"{target.url}/auth/login", data=b"{nonsense") as response:
        assert response.status == 500
        assert await response.json() == {"success": False, "error": "Login failed"}


@pytest.mark.schemas(29)
async def test_disabled_user(server: MassServer, session: ClientSession) -> None:
    """A disabled user looks like one with a wrong password."""
    server.add_user("kim", "kims-password")
    server.disable_user("kim")
    credentials = {"username": "kim", "password": "kims-password"}
    answer = await post(session, f"{server.url}/auth/login", {"credentials": credentials})
    assert answer == (401, {"success": False, "error": "Invalid username or password"})


@pytest.mark.schemas(29)
async def test_too_many_failures(server: MassServer, session: ClientSession) -> None:
    """Wrong passwords cost time, more and more of it; other users don't notice."""
    now = 1_000_000.0
    server.clock = lambda: now

    async def attempt(name: str, password: str) -> str | None:
        credentials = {"username": name, "password": password}
        _, answer = await post(session, f"{server.url}/auth/login", {"credentials": credentials})
        error: str | None = answer.get("error")
        return error

    failures = 0
    for count, seconds in ((3, 30), (6, 60), (10, 120), (15, 300)):
        while failures < count:
            now += 300.0
            assert await attempt(USERNAME, "wrong") == "Invalid username or password"
            failures += 1
        now += 0.5
        assert await attempt(USERNAME, PASSWORD) == (
            f"Too many failed attempts. Please try again in {seconds - 1} seconds."
        )
    server.add_user("kim", "kims-password")
    assert await attempt("kim", "kims-password") is None
    now += 300.0
    assert await attempt(USERNAME, PASSWORD) is None
    assert await attempt(USERNAME, "wrong") == "Invalid username or password"


# The first user


@pytest.mark.schemas(28, 29, 46)
@pytest.mark.usefixtures("only_test_server")
async def test_setup(schema: int, session: ClientSession) -> None:
    """Before the first user nothing works but making them."""
    async with MassServer(schema_version=schema, onboard_done=False) as server:
        me = {"username": "first", "password": "a-good-password"}
        refused = await post(session, f"{server.url}/auth/login", {"credentials": me})
        assert refused == (403, {"success": False, "error": "Setup required"})
        assert (await post(session, f"{server.url}/api", {"command": "info"}))[0] == 503
        assert server.get_info()["onboard_done"] is False

        status, answer = await post(session, f"{server.url}/setup", me)
        assert status == 200
        assert answer["user"]["role"] == "admin"
        assert (await post(session, f"{server.url}/setup", me))[0] == 400
        assert (await get(session, f"{server.url}/auth/me", answer["token"]))[0] == 200


# Signing in with a browser


@pytest.mark.schemas(29, 46)
async def test_login_page(server: MassServer, session: ClientSession) -> None:
    """The form leads back to where the browser came from, with a code that is a token."""
    return_url = "http://ha.local:8123/auth/external/callback?state=a%2Bb"
    params = {"return_url": return_url, "device_name": "Home Assistant"}
    async with session.get(f"{server.url}/login", params=params) as response:
        assert response.status == 200
        assert "<form" in await response.text()
    form = {**params, "username": USERNAME, "password": "wrong"}
    async with session.post(f"{server.url}/login", data=form) as response:
        assert response.status == 401
        assert "Invalid username or password" in await response.text()
    form["password"] = PASSWORD
    async with session.post(f"{server.url}/login", data=form, allow_redirects=False) as response:
        location = response.headers["Location"]
    start, _, code = location.partition("&code=")
    assert start == return_url
    assert server.resolve_token(code)[0].username == USERNAME


@pytest.mark.schemas(27)
async def test_no_login(server: MassServer, session: ClientSession) -> None:
    """There was a time without users."""
    assert (await get(session, f"{server.url}/login"))[0] == 404
    assert (await post(session, f"{server.url}/api", {"command": "players/all"}))[0] == 200


# Commands


@WITH_LOGIN
async def test_api(target: TargetServer, session: ClientSession) -> None:
    """Commands work over HTTP too; their errors are plain text."""
    api = f"{target.url}/api"
    status, players = await post(session, api, {"command": "players/all"}, target.token)
    assert status == 200
    assert isinstance(players, list)
    for token in (None, "nonsense"):
        assert (await post(session, api, {"command": "players/all"}, token))[0] == 401
    bad_uri = {"command": "music/item_by_uri", "args": {"uri": "nonsense"}}
    status, text = await post(session, api, bad_uri, target.token)
    assert status in (400, 500)
    assert isinstance(text, str)


@pytest.mark.schemas(29)
async def test_api_for_admins(server: MassServer, session: ClientSession) -> None:
    """What is for admins is for admins."""
    server.add_user("kim", "kims-password", role="user")
    answer = await post(
        session, f"{server.url}/api", {"command": "auth/users"}, server.create_token("kim")
    )
    assert answer == (403, "Admin access required")
