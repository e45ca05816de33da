"""As whom the server is asked, by a server that knows who may what."""

from typing import Any

from music_assistant_client import MusicAssistantClient
from music_assistant_models.auth import User as Account
from music_assistant_models.errors import InsufficientPermissions, InvalidDataError
from music_assistant_models.media_items import Track
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.server.acting_user import User, async_as_user, lacking
from homeassistant.const import CONF_TOKEN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir

from .common import House, until
from .server import MassServer
from .server.connection import _SPECIAL, Connection
from .texts import text

CALLER = "home-assistant-user"
LIMITED = "limited_rights"
LINK = {"provider": "homeassistant", "user_id": CALLER, "required": False}


@pytest.fixture
def role() -> str:
    """Return the role of the user whose token we have."""
    return "admin"


@pytest.fixture
def mass(server: MassServer, role: str, house: House) -> MusicAssistantClient:
    """Return a client of a user with that role; the server reads it at each command."""
    server.accounts.named("demo").role = role
    server.add_user("kim", "kims-password", provider_filter=["streaming_demo"])
    return house.coordinator.mass


class Question:
    """Asks for a page of the library, and notes on whose behalf."""

    def __init__(self, mass: MusicAssistantClient) -> None:
        """Ask over this client."""
        self.mass = mass
        self.users: list[User] = []

    async def __call__(self, user: User) -> int:
        """Return how many tracks the user sees."""
        self.users.append(user)
        items = await self.mass.send_command("music/tracks/library_items", user=user, limit=500)
        return len([Track.from_dict(item) for item in items])


async def seen(mass: MusicAssistantClient) -> tuple[int, int]:
    """Return how many tracks we see ourselves, and how many kim sees."""
    question = Question(mass)
    return await question(None), await question("kim")


async def test_nobody_called(mass: MusicAssistantClient) -> None:
    """An automation has no user: it is we who ask."""
    question = Question(mass)
    assert await async_as_user(mass, question, None, None) == (await seen(mass))[0]
    assert question.users == [None]


async def test_the_caller(mass: MusicAssistantClient, server: MassServer) -> None:
    """Who called sees what is theirs."""
    server.accounts.link("kim", "homeassistant", CALLER)
    question = Question(mass)
    everything, of_kim = await seen(mass)
    assert await async_as_user(mass, question, None, CALLER) == of_kim != everything
    assert question.users == [LINK]


async def test_an_unknown_caller(mass: MusicAssistantClient) -> None:
    """Whom the server doesn't know is asked for as ourselves, by the server itself."""
    question = Question(mass)
    assert await async_as_user(mass, question, None, CALLER) == (await seen(mass))[0]
    assert question.users == [LINK]


@pytest.mark.parametrize("schema_version", [29, 43])
async def test_older_servers(mass: MusicAssistantClient) -> None:
    """They know nothing of links."""
    question = Question(mass)
    await async_as_user(mass, question, None, CALLER)
    assert question.users == [None]


@pytest.mark.parametrize("role", ["user", "guest"])
async def test_a_token_that_may_not(mass: MusicAssistantClient, server: MassServer) -> None:
    """On whose behalf our token may not ask is asked for as ourselves."""
    server.accounts.link("kim", "homeassistant", CALLER)
    question = Question(mass)
    ours = await question(None)
    assert await async_as_user(mass, question, None, CALLER) == ours
    assert question.users[1:] == [LINK, None]


@pytest.mark.parametrize("role", ["admin", "service"])
async def test_a_caller_who_may_not(mass: MusicAssistantClient, server: MassServer) -> None:
    """What the caller may not do isn't done with our rights."""
    server.accounts.link("kim", "homeassistant", CALLER)
    server.accounts.named("kim").player_filter = ["buero"]
    asked: list[User] = []

    async def play(user: User) -> None:
        asked.append(user)
        await mass.player_queues.play_media("kueche", "library://track/1", user=user)

    with pytest.raises(InsufficientPermissions, match="kueche"):
        await async_as_user(mass, play, None, CALLER)
    assert asked == [LINK]
    assert server.queue_items["kueche"] == []


@pytest.mark.parametrize("username", ["kim", "Kim "])
async def test_a_name(mass: MusicAssistantClient, server: MassServer, username: str) -> None:
    """A name that was given wins over the caller."""
    server.accounts.link("demo", "homeassistant", CALLER)
    question = Question(mass)
    assert await async_as_user(mass, question, username, CALLER) == (await seen(mass))[1]
    assert question.users == [username]


@pytest.mark.parametrize("schema_version", [36, 46])
async def test_an_unknown_name(mass: MusicAssistantClient) -> None:
    """A name has to exist, whatever the server's version calls the error."""
    with pytest.raises(ServiceValidationError) as raised:
        await async_as_user(mass, Question(mass), "nobody", CALLER)
    assert raised.value.translation_key == "invalid_username"
    assert raised.value.translation_placeholders == {"username": "nobody"}


async def test_not_the_name(mass: MusicAssistantClient, server: MassServer) -> None:
    """What else is wrong with the data isn't blamed on the name."""
    server.faults.fail("music/tracks/library_items", InvalidDataError.error_code, "no such order")
    with pytest.raises(InvalidDataError, match="no such order"):
        await async_as_user(mass, Question(mass), "kim", None)


@pytest.mark.parametrize("role", ["user"])
async def test_a_name_may_not(mass: MusicAssistantClient) -> None:
    """A name isn't dropped where our token may not ask on its behalf."""
    question = Question(mass)
    with pytest.raises(InsufficientPermissions):
        await async_as_user(mass, question, "kim", None)
    assert question.users == ["kim"]


# --------------------------------------------------------------------- what our own user may do


@pytest.mark.parametrize(
    ("role", "missing"),
    [
        ("admin", []),
        ("service", []),
        ("user", ["settings", "on_behalf"]),
        ("guest", ["settings", "on_behalf", "library", "displays"]),
        ("made_on_the_server", ["on_behalf"]),
    ],
)
def test_lacking(role: str, missing: list[str]) -> None:
    """What won't work goes by the role, and by what is kept from the user."""
    assert lacking(Account("id", "kim", role)) == missing
    account = Account("id", "kim", role, player_filter=["kueche"], provider_filter=["radio"])
    assert lacking(account) == ["players", "providers", *missing]


def shown(hass: HomeAssistant) -> dict[str, str] | None:
    """Return what is shown of missing rights."""
    issues = ir.async_get(hass).issues.values()
    told = (each.translation_placeholders for each in issues if each.translation_key == LIMITED)
    return next(told, None)


@pytest.fixture
def guest(hass: HomeAssistant, server: MassServer, entry: MockConfigEntry) -> MockConfigEntry:
    """Return an entry that is signed in as a guest who sees one player."""
    server.add_user("kim", "kims-password", role="guest", player_filter=["kueche"])
    data = {**entry.data, CONF_TOKEN: server.mint_token("kim")}
    hass.config_entries.async_update_entry(entry, data=data)
    return entry


async def test_told_once(hass: HomeAssistant, server: MassServer, guest: MockConfigEntry) -> None:
    """What won't work is told at set-up, without a question to the server."""
    assert await hass.config_entries.async_setup(guest.entry_id)
    told = shown(hass)
    assert told
    assert (told["server"], told["username"]) == ("Music Assistant", "kim")
    lines = told["missing"].split("\n")
    keys = ("players", "settings", "on_behalf", "library", "displays")
    assert lines == [f"- {text('common', f'right_{key}')}" for key in keys]
    assert "auth/me" not in dict(server.commands)


async def test_gone_with_the_rights(
    hass: HomeAssistant, server: MassServer, guest: MockConfigEntry
) -> None:
    """A user who is given the rights is found so when the connection is made again."""
    assert await hass.config_entries.async_setup(guest.entry_id)
    house = House(hass, server, guest)
    kim = server.accounts.named("kim")
    kim.role, kim.player_filter = "admin", []
    await server.faults.drop()
    await until(lambda: house.lost_at)
    await house.reconnected()
    assert shown(hass) is None


async def test_ignored(hass: HomeAssistant, server: MassServer, guest: MockConfigEntry) -> None:
    """Who finds it all right as it is isn't told again."""
    assert await hass.config_entries.async_setup(guest.entry_id)
    issue_id = f"{LIMITED}_{guest.entry_id}"
    ir.async_ignore_issue(hass, DOMAIN, issue_id, True)
    assert await hass.config_entries.async_reload(guest.entry_id)
    issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    assert issue
    assert issue.dismissed_version


@pytest.mark.parametrize("schema_version", [27, 46])
async def test_nothing_to_tell(house: House) -> None:
    """An administrator may do all, and so may everybody where there are no users."""
    assert shown(house.hass) is None


@pytest.mark.parametrize("answer", [True, {"authenticated": True}, {"user": {"username": 7}}])
async def test_unknown_user(
    hass: HomeAssistant,
    server: MassServer,
    guest: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    answer: Any,
) -> None:
    """A server that doesn't say who we are lets us in all the same."""
    authenticate = _SPECIAL["auth"]

    def let_in(connection: Connection, args: dict[str, Any]) -> Any:
        authenticate(connection, args)
        return answer

    monkeypatch.setitem(_SPECIAL, "auth", let_in)
    assert await hass.config_entries.async_setup(guest.entry_id)
    assert shown(hass) is None
