"""The contract over the websocket: frames, errors, users, tokens, events."""

from typing import Any

import jwt
import pytest

from tests.server import MassServer, PlayerSet

from .conftest import USERNAME, OpenConnection, TargetServer
from .websocket_client import WebsocketClient

WITH_LOGIN = pytest.mark.schemas(28, 29, 46, 98)


def token_id(token: str) -> str:
    """Return the id of a token, which is in it."""
    claims: dict[str, str] = jwt.decode(token, options={"verify_signature": False})
    return claims["jti"]


# Frames


async def test_first_frame(target: TargetServer, connect: OpenConnection) -> None:
    """The server speaks first, and says what it is."""
    async with connect(None) as client:
        assert client.info["schema_version"] == target.schema
        assert client.info["server_id"]


@WITH_LOGIN
async def test_auth(target: TargetServer, connect: OpenConnection) -> None:
    """A token opens the door, with an answer of its own form."""
    async with connect(None) as client:
        (reply,) = await client.get_replies("auth", token=target.token)
        assert reply["partial"] is False
        assert reply["result"]["authenticated"] is True
        assert reply["result"]["user"]["user_id"]


@WITH_LOGIN
@pytest.mark.parametrize(
    ("command", "args", "code"),
    [
        ("players/all", {}, 20),
        ("auth", {}, 20),
        ("auth", {"token": "nonsense"}, 23),
        ("auth", {"token": jwt.encode({"sub": "x", "jti": "y"}, "k" * 32)}, 23),
    ],
)
async def test_locked(connect: OpenConnection, command: str, args: Any, code: int) -> None:
    """Without a valid token there are errors, and the socket stays open."""
    async with connect(None) as client:
        assert await client.get_error_code(command, **args) == code
        assert await client.get_error_code(command, **args) == code


@pytest.mark.parametrize(
    ("command", "args", "code"),
    [
        ("no/such/command", {}, 12),
        ("players/cmd/volume_set", {"player_id": "x"}, 999),
        ("player_queues/repeat", {}, 999),
        ("music/item_by_uri", {"uri": "library://track/99999999"}, 2),
        ("config/players/get", {"player_id": "no-such-player"}, 999),
    ],
)
async def test_errors(client: WebsocketClient, command: str, args: Any, code: int) -> None:
    """An error has a code, and the socket stays open."""
    assert await client.get_error_code(command, **args) == code
    assert await client.get_result("info")


async def test_unknown_arguments(client: WebsocketClient) -> None:
    """Arguments of a newer client are no error."""
    assert await client.get_result("info", no_such_argument=1)


@pytest.mark.parametrize("command", ["play", "volume_up", "next", "ungroup"])
async def test_unknown_player(client: WebsocketClient, command: str) -> None:
    """Nothing is done to an unknown player, and nothing is wrong with that."""
    assert await client.get_result(f"players/cmd/{command}", player_id="no-such-player") is None


@pytest.mark.parametrize("text", ["nonsense", "[]", "{}", '{"command": "info"}'])
async def test_bad_frames(connect: OpenConnection, text: str) -> None:
    """What is no command is answered by closing."""
    async with connect() as client:
        await client.ws.send_str(text)
        assert await client.wait_for_close() == 1000


@pytest.mark.parametrize(("command", "since"), [("dashboard/dashboards", 39), ("auth/me", 28)])
async def test_newer_commands(
    target: TargetServer, client: WebsocketClient, command: str, since: int
) -> None:
    """A command that the schema version doesn't have is invalid."""
    (reply,) = await client.get_replies(command)
    assert reply.get("error_code") == (None if target.schema >= since else 12)


@pytest.mark.schemas(29, 46)
@pytest.mark.usefixtures("only_test_server")
async def test_parts(schema: int, session: Any) -> None:
    """Long lists come in parts of 500 from newer servers."""
    async with (
        MassServer(schema_version=schema, player_set=PlayerSet.create_speakers(1201)) as server,
        WebsocketClient.open(session, server.url, server.create_token(USERNAME)) as client,
    ):
        replies = await client.get_replies("players/all")
    sizes = [len(reply["result"]) for reply in replies]
    assert sizes == ([500, 500, 201] if schema >= 46 else [1201])
    assert [reply["partial"] for reply in replies] == [True] * (len(replies) - 1) + [False]


@pytest.mark.schemas(29)
@pytest.mark.usefixtures("only_test_server")
async def test_setup_required(schema: int, session: Any) -> None:
    """Before the first user there is an error that answers nothing, then the end."""
    async with (
        MassServer(schema_version=schema, onboard_done=False) as server,
        WebsocketClient.open(session, server.url) as client,
    ):
        assert (await client.receive())["error_code"] == 503
        assert await client.wait_for_close() == 1000


# Tokens


@WITH_LOGIN
async def test_tokens(
    target: TargetServer, client: WebsocketClient, connect: OpenConnection
) -> None:
    """A token is made, used, listed and revoked by the id that is in it."""
    token = await client.get_result("auth/token/create", name="Contract: short life")
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["is_long_lived"] is True
    assert claims["exp"] - claims["iat"] >= 300 * 86400
    listed = await client.get_result("auth/tokens")
    (record,) = (each for each in listed if each["token_id"] == claims["jti"])
    assert record["name"] == "Contract: short life"
    assert record.keys() == {
        "token_id",
        "user_id",
        "token_hash",
        "name",
        "created_at",
        "expires_at",
        "last_used_at",
        "is_long_lived",
    }
    async with connect(token) as other:
        assert await client.get_result("auth/token/revoke", token_id=claims["jti"]) is None
        assert await other.wait_for_close() == 1000
    async with connect(None) as other:
        assert await other.get_error_code("auth", token=token) == 23


@pytest.mark.schemas(29, 46)
async def test_token_lists_are_short(server: MassServer, client: WebsocketClient) -> None:
    """Only a hundred tokens are listed, the oldest, so a new one may be missing."""
    tokens = [server.create_token(USERNAME, f"Token {number}") for number in range(120)]
    listed = [each["token_id"] for each in await client.get_result("auth/tokens")]
    assert len(listed) == 100
    assert token_id(tokens[0]) in listed
    assert token_id(tokens[-1]) not in listed


@pytest.mark.schemas(29)
async def test_lost_rights(server: MassServer, connect: OpenConnection) -> None:
    """Expired, revoked and disabled look alike; a password change harms no token."""
    now = server.clock()
    short = server.create_token(USERNAME, "Short", lifetime=60)
    gone = server.create_token(USERNAME, "Gone")
    server.revoke_token(gone)
    kim = server.add_user("kim", "kims-password")
    kims = server.create_token("kim")
    server.accounts.set_password(kim, "another-password")
    server.clock = lambda: now + 61
    async with connect(None) as client:
        assert await client.get_error_code("auth", token=short) == 23
        assert await client.get_error_code("auth", token=gone) == 23
        assert await client.get_result("auth", token=kims)
    server.disable_user("kim")
    async with connect(None) as client:
        assert await client.get_error_code("auth", token=kims) == 23


@pytest.mark.schemas(29)
async def test_disabled_while_connected(server: MassServer, connect: OpenConnection) -> None:
    """A disabled user is cut off, without an error."""
    server.add_user("kim", "kims-password")
    async with connect(server.create_token("kim")) as client:
        server.disable_user("kim")
        assert await client.wait_for_close() == 1000


@WITH_LOGIN
async def test_logout(client: WebsocketClient, connect: OpenConnection) -> None:
    """Logging out is answered by closing."""
    token = await client.get_result("auth/token/create", name="Contract: to log out")
    async with connect(token) as other:
        await other.send("auth/logout", {})
        assert await other.wait_for_close() == 1000
    async with connect(None) as other:
        assert await other.get_error_code("auth", token=token) == 23


@pytest.mark.schemas(29, 46)
async def test_lifetimes(server: MassServer) -> None:
    """Tokens live as long as those of the real server of that version."""
    days = {
        long_lived: (server.accounts.create_token(user, "x", long_lived=long_lived))
        for user in [server.accounts.get_user(USERNAME)]
        for long_lived in (True, False)
    }
    lived = {}
    for long_lived, token in days.items():
        claims = jwt.decode(token, options={"verify_signature": False})
        lived[long_lived] = round((claims["exp"] - claims["iat"]) / 86400)
    assert lived == (
        {True: 3650, False: 30} if server.schema_version == 29 else {True: 365, False: 90}
    )


# Users


@pytest.mark.schemas(29, 46)
async def test_player_filter(server: MassServer, connect: OpenConnection) -> None:
    """A filter hides players and what happens to them, but not their queues."""
    server.add_user("kim", "kims-password", role="user", player_filter=["kueche"])
    async with connect(server.create_token("kim")) as client:
        assert [each["player_id"] for each in await client.get_result("players/all")] == ["kueche"]
        assert len(await client.get_result("player_queues/all")) == len(server.queues)
        assert (
            await client.get_error_code("players/cmd/volume_set", player_id="buero", volume_level=1)
            == 22
        )
        assert await client.get_error_code("player_queues/play", queue_id="buero") == 22
        server.update_player("buero", volume_level=77)
        server.update_player("kueche", volume_level=78)
        events = await client.get_events()
        assert [(each["event"], each["object_id"]) for each in events] == [
            ("player_updated", "kueche")
        ]


@pytest.mark.schemas(29, 46)
async def test_roles(server: MassServer, connect: OpenConnection) -> None:
    """Roles may do what they may do."""
    server.add_user("kim", "kims-password", role="user")
    server.add_user("robot", "robots-password", role="no-such-role")
    async with connect(server.create_token("kim")) as client:
        assert await client.get_error_code("auth/users") == 22
        assert (
            await client.get_error_code("config/players/save", player_id="buero", values={}) == 22
        )
        assert await client.get_result("players/all")
    async with connect(server.create_token("robot")) as client:
        assert await client.get_error_code("players/all") == 22


@pytest.mark.schemas(29, 46)
async def test_on_behalf(server: MassServer, connect: OpenConnection) -> None:
    """Only who may impersonate plays on behalf of others."""
    kim = server.add_user("kim", "kims-password", role="user")
    server.accounts.link_user("kim", "homeassistant", "ha-kim")
    name = "user" if server.schema_version >= 35 else "username"
    play = {"queue_id": "kueche", "media": "library://track/1"}
    async with connect() as client:
        await client.get_result("player_queues/play_media", **play, **{name: "kim"})
        report = await client.wait_for_event("media_item_played", "library://track/1")
        assert report["userid"] == kim.user_id
        code = 27 if server.schema_version >= 44 else 3
        assert (
            await client.get_error_code("player_queues/play_media", **play, **{name: "nobody-9"})
            == code
        )
        if server.schema_version >= 44:
            linked = {"provider": "homeassistant", "user_id": "ha-kim"}
            await client.get_result("player_queues/play_media", **play, user=linked)
            stranger = {"provider": "homeassistant", "user_id": "x", "required": False}
            await client.get_result("player_queues/play_media", **play, user=stranger)
    async with connect(server.create_token("kim")) as client:
        await client.get_result("player_queues/play_media", **play, **{name: "kim"})
        assert (
            await client.get_error_code("player_queues/play_media", **play, **{name: USERNAME})
            == 22
        )


# Events


@WITH_LOGIN
async def test_events_need_auth(server: MassServer, connect: OpenConnection) -> None:
    """Who isn't signed in hears nothing."""
    async with connect(None) as client:
        server.update_player("kueche", volume_level=3)
        assert await client.get_error_code("info") == 20
        assert not [frame for frame in client.frames if "event" in frame]


async def test_volume_event(client: WebsocketClient, player_id: str) -> None:
    """A change comes back as an event with the whole player."""
    players = await client.get_result("players/all")
    (before,) = (each["volume_level"] for each in players if each["player_id"] == player_id)
    wanted = 21 if before != 21 else 22
    await client.get_result("players/cmd/volume_set", player_id=player_id, volume_level=wanted)
    data = await client.wait_for_event(
        "player_updated", player_id, lambda d: d["volume_level"] == wanted
    )
    assert data["player_id"] == player_id
    await client.get_result("players/cmd/volume_set", player_id=player_id, volume_level=before)


@pytest.mark.schemas(46)
async def test_slow_reader(server: MassServer, connect: OpenConnection) -> None:
    """Who doesn't read is cut off."""
    async with connect() as client:
        server.faults.pause_server()
        for level in range(600):
            server.update_player("kueche", volume_level=level % 100)
        assert await client.wait_for_close() == 1006
