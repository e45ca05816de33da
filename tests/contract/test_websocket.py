"""The contract over the websocket: frames, errors, users, tokens, events."""

from typing import Any

import jwt
import pytest

from tests.server import Household, MassServer

from .conftest import USERNAME, OpenLine, Target
from .line import Line

WITH_LOGIN = pytest.mark.schemas(28, 29, 46, 98)


def token_id(token: str) -> str:
    """Return the id of a token, which is in it."""
    claims: dict[str, str] = jwt.decode(token, options={"verify_signature": False})
    return claims["jti"]


# Frames


async def test_first_frame(target: Target, connect: OpenLine) -> None:
    """The server speaks first, and says what it is."""
    async with connect(None) as line:
        assert line.info["schema_version"] == target.schema
        assert line.info["server_id"]


@WITH_LOGIN
async def test_auth(target: Target, connect: OpenLine) -> None:
    """A token opens the door, with an answer of its own form."""
    async with connect(None) as line:
        (reply,) = await line.replies("auth", token=target.token)
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
async def test_locked(connect: OpenLine, command: str, args: Any, code: int) -> None:
    """Without a valid token there are errors, and the socket stays open."""
    async with connect(None) as line:
        assert await line.error(command, **args) == code
        assert await line.error(command, **args) == code


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
async def test_errors(line: Line, command: str, args: Any, code: int) -> None:
    """An error has a code, and the socket stays open."""
    assert await line.error(command, **args) == code
    assert await line.result("info")


async def test_unknown_arguments(line: Line) -> None:
    """Arguments of a newer client are no error."""
    assert await line.result("info", no_such_argument=1)


@pytest.mark.parametrize("command", ["play", "volume_up", "next", "ungroup"])
async def test_unknown_player(line: Line, command: str) -> None:
    """Nothing is done to an unknown player, and nothing is wrong with that."""
    assert await line.result(f"players/cmd/{command}", player_id="no-such-player") is None


@pytest.mark.parametrize("text", ["nonsense", "[]", "{}", '{"command": "info"}'])
async def test_bad_frames(connect: OpenLine, text: str) -> None:
    """What is no command is answered by closing."""
    async with connect() as line:
        await line.ws.send_str(text)
        assert await line.closed() == 1000


@pytest.mark.parametrize(("command", "since"), [("dashboard/dashboards", 39), ("auth/me", 28)])
async def test_newer_commands(target: Target, line: Line, command: str, since: int) -> None:
    """A command that the schema version doesn't have is invalid."""
    (reply,) = await line.replies(command)
    assert reply.get("error_code") == (None if target.schema >= since else 12)


@pytest.mark.schemas(29, 46)
@pytest.mark.usefixtures("only_ours")
async def test_parts(schema: int, session: Any) -> None:
    """Long lists come in parts of 500 from newer servers."""
    async with (
        MassServer(schema_version=schema, household=Household.of(1201)) as server,
        Line.opened(session, server.url, server.mint_token(USERNAME)) as line,
    ):
        replies = await line.replies("players/all")
    sizes = [len(reply["result"]) for reply in replies]
    assert sizes == ([500, 500, 201] if schema >= 46 else [1201])
    assert [reply["partial"] for reply in replies] == [True] * (len(replies) - 1) + [False]


@pytest.mark.schemas(29)
@pytest.mark.usefixtures("only_ours")
async def test_setup_required(schema: int, session: Any) -> None:
    """Before the first user there is an error that answers nothing, then the end."""
    async with (
        MassServer(schema_version=schema, onboard_done=False) as server,
        Line.opened(session, server.url) as line,
    ):
        assert (await line.receive())["error_code"] == 503
        assert await line.closed() == 1000


# Tokens


@WITH_LOGIN
async def test_tokens(target: Target, line: Line, connect: OpenLine) -> None:
    """A token is made, used, listed and revoked by the id that is in it."""
    token = await line.result("auth/token/create", name="Contract: short life")
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["is_long_lived"] is True
    assert claims["exp"] - claims["iat"] >= 300 * 86400
    listed = await line.result("auth/tokens")
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
        assert await line.result("auth/token/revoke", token_id=claims["jti"]) is None
        assert await other.closed() == 1000
    async with connect(None) as other:
        assert await other.error("auth", token=token) == 23


@pytest.mark.schemas(29, 46)
async def test_token_lists_are_short(server: MassServer, line: Line) -> None:
    """Only a hundred tokens are listed, the oldest, so a new one may be missing."""
    tokens = [server.mint_token(USERNAME, f"Token {number}") for number in range(120)]
    listed = [each["token_id"] for each in await line.result("auth/tokens")]
    assert len(listed) == 100
    assert token_id(tokens[0]) in listed
    assert token_id(tokens[-1]) not in listed


@pytest.mark.schemas(29)
async def test_lost_rights(server: MassServer, connect: OpenLine) -> None:
    """Expired, revoked and disabled look alike; a password change harms no token."""
    now = server.clock()
    short = server.mint_token(USERNAME, "Short", lifetime=60)
    gone = server.mint_token(USERNAME, "Gone")
    server.revoke_token(gone)
    kim = server.add_user("kim", "kims-password")
    kims = server.mint_token("kim")
    server.accounts.set_password(kim, "another-password")
    server.clock = lambda: now + 61
    async with connect(None) as line:
        assert await line.error("auth", token=short) == 23
        assert await line.error("auth", token=gone) == 23
        assert await line.result("auth", token=kims)
    server.disable_user("kim")
    async with connect(None) as line:
        assert await line.error("auth", token=kims) == 23


@pytest.mark.schemas(29)
async def test_disabled_while_connected(server: MassServer, connect: OpenLine) -> None:
    """A disabled user is cut off, without an error."""
    server.add_user("kim", "kims-password")
    async with connect(server.mint_token("kim")) as line:
        server.disable_user("kim")
        assert await line.closed() == 1000


@WITH_LOGIN
async def test_logout(line: Line, connect: OpenLine) -> None:
    """Logging out is answered by closing."""
    token = await line.result("auth/token/create", name="Contract: to log out")
    async with connect(token) as other:
        await other.send("auth/logout", {})
        assert await other.closed() == 1000
    async with connect(None) as other:
        assert await other.error("auth", token=token) == 23


@pytest.mark.schemas(29, 46)
async def test_lifetimes(server: MassServer) -> None:
    """Tokens live as long as those of the real server of that version."""
    days = {
        long_lived: (server.accounts.mint(user, "x", long_lived=long_lived))
        for user in [server.accounts.named(USERNAME)]
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
async def test_player_filter(server: MassServer, connect: OpenLine) -> None:
    """A filter hides players and what happens to them, but not their queues."""
    server.add_user("kim", "kims-password", role="user", player_filter=["kueche"])
    async with connect(server.mint_token("kim")) as line:
        assert [each["player_id"] for each in await line.result("players/all")] == ["kueche"]
        assert len(await line.result("player_queues/all")) == len(server.queues)
        assert await line.error("players/cmd/volume_set", player_id="buero", volume_level=1) == 22
        assert await line.error("player_queues/play", queue_id="buero") == 22
        server.update_player("buero", volume_level=77)
        server.update_player("kueche", volume_level=78)
        events = await line.events()
        assert [(each["event"], each["object_id"]) for each in events] == [
            ("player_updated", "kueche")
        ]


@pytest.mark.schemas(29, 46)
async def test_roles(server: MassServer, connect: OpenLine) -> None:
    """Roles may do what they may do."""
    server.add_user("kim", "kims-password", role="user")
    server.add_user("robot", "robots-password", role="no-such-role")
    async with connect(server.mint_token("kim")) as line:
        assert await line.error("auth/users") == 22
        assert await line.error("config/players/save", player_id="buero", values={}) == 22
        assert await line.result("players/all")
    async with connect(server.mint_token("robot")) as line:
        assert await line.error("players/all") == 22


@pytest.mark.schemas(29, 46)
async def test_on_behalf(server: MassServer, connect: OpenLine) -> None:
    """Only who may impersonate plays on behalf of others."""
    kim = server.add_user("kim", "kims-password", role="user")
    server.accounts.link("kim", "homeassistant", "ha-kim")
    name = "user" if server.schema_version >= 35 else "username"
    play = {"queue_id": "kueche", "media": "library://track/1"}
    async with connect() as line:
        await line.result("player_queues/play_media", **play, **{name: "kim"})
        report = await line.event("media_item_played", "library://track/1")
        assert report["userid"] == kim.user_id
        code = 27 if server.schema_version >= 44 else 3
        assert await line.error("player_queues/play_media", **play, **{name: "nobody-9"}) == code
        if server.schema_version >= 44:
            linked = {"provider": "homeassistant", "user_id": "ha-kim"}
            await line.result("player_queues/play_media", **play, user=linked)
            stranger = {"provider": "homeassistant", "user_id": "x", "required": False}
            await line.result("player_queues/play_media", **play, user=stranger)
    async with connect(server.mint_token("kim")) as line:
        await line.result("player_queues/play_media", **play, **{name: "kim"})
        assert await line.error("player_queues/play_media", **play, **{name: USERNAME}) == 22


# Events


@WITH_LOGIN
async def test_events_need_auth(server: MassServer, connect: OpenLine) -> None:
    """Who isn't signed in hears nothing."""
    async with connect(None) as line:
        server.update_player("kueche", volume_level=3)
        assert await line.error("info") == 20
        assert not [frame for frame in line.frames if "event" in frame]


async def test_volume_event(line: Line, player_id: str) -> None:
    """A change comes back as an event with the whole player."""
    players = await line.result("players/all")
    (before,) = (each["volume_level"] for each in players if each["player_id"] == player_id)
    wanted = 21 if before != 21 else 22
    await line.result("players/cmd/volume_set", player_id=player_id, volume_level=wanted)
    data = await line.event("player_updated", player_id, lambda d: d["volume_level"] == wanted)
    assert data["player_id"] == player_id
    await line.result("players/cmd/volume_set", player_id=player_id, volume_level=before)


@pytest.mark.schemas(46)
async def test_slow_reader(server: MassServer, connect: OpenLine) -> None:
    """Who doesn't read is cut off."""
    async with connect() as line:
        server.faults.freeze()
        for level in range(600):
            server.update_player("kueche", volume_level=level % 100)
        assert await line.closed() == 1006
