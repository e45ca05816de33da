"""Commands on behalf of the Home Assistant user who called."""

from typing import Any

from music_assistant_client import MusicAssistantClient
from music_assistant_models.auth import User as Account
from music_assistant_models.errors import InsufficientPermissions, InvalidDataError
from music_assistant_models.media_items import Track
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.players.commands import async_play_media
from custom_components.music_assistant.server.acting_user import (
    ActingUser,
    async_call_as_user,
    get_missing_rights,
)
from custom_components.music_assistant.updates.rights import RIGHTS_CHECK_INTERVAL
from homeassistant.const import CONF_TOKEN, STATE_UNAVAILABLE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from .common import Harness, wait_until
from .server import MassServer
from .server.connection import _CONNECTION_COMMANDS, Connection
from .translation_texts import get_text

CALLER = "home-assistant-user"
LIMITED = "limited_rights"
LINK = {"provider": "homeassistant", "user_id": CALLER, "required": False}


@pytest.fixture
def role() -> str:
    """Return the role of the user of our token."""
    return "admin"


@pytest.fixture
def mass(server: MassServer, role: str, harness: Harness) -> MusicAssistantClient:
    """Return a client of a user with that role; the server reads it at each command."""
    server.accounts.get_user("demo").role = role
    server.add_user("kim", "kims-password", provider_filter=["streaming_demo"])
    return harness.coordinator.mass


class LibraryQuery:
    """Query a page of the library, and record on whose behalf."""

    def __init__(self, mass: MusicAssistantClient) -> None:
        """Initialize with a client."""
        self.mass = mass
        self.users: list[ActingUser] = []

    async def __call__(self, user: ActingUser) -> int:
        """Return how many tracks the user sees."""
        self.users.append(user)
        items = await self.mass.send_command("music/tracks/library_items", user=user, limit=500)
        return len([Track.from_dict(item) for item in items])


async def get_track_counts(mass: MusicAssistantClient) -> tuple[int, int]:
    """Return how many tracks our own user sees, and how many kim sees."""
    question = LibraryQuery(mass)
    return await question(None), await question("kim")


async def test_automation_without_user_acts_as_own_user(mass: MusicAssistantClient) -> None:
    """An automation has no user, so the command is run as our own user."""
    question = LibraryQuery(mass)
    assert await async_call_as_user(mass, question, None, None) == (await get_track_counts(mass))[0]
    assert question.users == [None]


async def test_command_runs_as_linked_caller(
    mass: MusicAssistantClient, server: MassServer
) -> None:
    """The command is run as the server's user who is linked to the caller."""
    server.accounts.link_user("kim", "homeassistant", CALLER)
    question = LibraryQuery(mass)
    everything, of_kim = await get_track_counts(mass)
    assert await async_call_as_user(mass, question, None, CALLER) == of_kim != everything
    assert question.users == [LINK]


async def test_unlinked_caller_acts_as_own_user(mass: MusicAssistantClient) -> None:
    """A caller without a linked user on the server acts as our own user."""
    question = LibraryQuery(mass)
    assert (
        await async_call_as_user(mass, question, None, CALLER) == (await get_track_counts(mass))[0]
    )
    assert question.users == [LINK]


@pytest.mark.parametrize("schema_version", [29, 43])
async def test_servers_without_linked_users(mass: MusicAssistantClient) -> None:
    """Servers before linked users run every command as our own user."""
    question = LibraryQuery(mass)
    await async_call_as_user(mass, question, None, CALLER)
    assert question.users == [None]


@pytest.mark.parametrize("role", ["user", "guest"])
async def test_token_without_impersonation_right(
    mass: MusicAssistantClient, server: MassServer
) -> None:
    """Without the right to impersonate, commands run as our own user."""
    server.accounts.link_user("kim", "homeassistant", CALLER)
    question = LibraryQuery(mass)
    ours = await question(None)
    assert await async_call_as_user(mass, question, None, CALLER) == ours
    assert question.users[1:] == [LINK, None]


@pytest.mark.parametrize("role", ["admin", "service"])
@pytest.mark.parametrize("shuffle", [None, True])
async def test_caller_without_right_is_refused(
    mass: MusicAssistantClient, server: MassServer, shuffle: bool | None
) -> None:
    """A command that the caller may not run isn't run with our rights."""
    server.accounts.link_user("kim", "homeassistant", CALLER)
    server.accounts.get_user("kim").player_filter = ["buero"]
    asked: list[ActingUser] = []

    async def play(user: ActingUser) -> None:
        asked.append(user)
        await async_play_media(mass, "kueche", ["library://track/1"], shuffle=shuffle, user=user)

    with pytest.raises(InsufficientPermissions, match="kueche"):
        await async_call_as_user(mass, play, None, CALLER)
    assert asked == [LINK]
    assert server.queue_items["kueche"] == []


@pytest.mark.parametrize("username", ["kim", "Kim "])
async def test_given_username_overrides_caller(
    mass: MusicAssistantClient, server: MassServer, username: str
) -> None:
    """A given username overrides the caller."""
    server.accounts.link_user("demo", "homeassistant", CALLER)
    question = LibraryQuery(mass)
    assert (
        await async_call_as_user(mass, question, username, CALLER)
        == (await get_track_counts(mass))[1]
    )
    assert question.users == [username]


@pytest.mark.parametrize("schema_version", [36, 46])
async def test_unknown_username_is_an_error(mass: MusicAssistantClient) -> None:
    """An unknown username is an error, whatever the server's error code is."""
    with pytest.raises(ServiceValidationError) as raised:
        await async_call_as_user(mass, LibraryQuery(mass), "nobody", CALLER)
    assert raised.value.translation_key == "invalid_username"
    assert raised.value.translation_placeholders == {"username": "nobody"}


async def test_other_errors_do_not_blame_username(
    mass: MusicAssistantClient, server: MassServer
) -> None:
    """Other errors of the command aren't reported as an unknown username."""
    server.faults.fail_command(
        "music/tracks/library_items", InvalidDataError.error_code, "no such order"
    )
    with pytest.raises(InvalidDataError, match="no such order"):
        await async_call_as_user(mass, LibraryQuery(mass), "kim", None)


@pytest.mark.parametrize("role", ["user"])
async def test_given_username_needs_impersonation_right(mass: MusicAssistantClient) -> None:
    """A given username is an error if our token may not impersonate."""
    question = LibraryQuery(mass)
    with pytest.raises(InsufficientPermissions):
        await async_call_as_user(mass, question, "kim", None)
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
def test_missing_rights_depend_on_role(role: str, missing: list[str]) -> None:
    """The missing rights follow from the role and the filters of the user."""
    assert get_missing_rights(Account("id", "kim", role)) == missing
    account = Account("id", "kim", role, player_filter=["kueche"], provider_filter=["radio"])
    assert get_missing_rights(account) == ["players", "providers", *missing]


def get_missing_rights_issue(hass: HomeAssistant) -> dict[str, str] | None:
    """Return the repair issue of missing rights."""
    issues = ir.async_get(hass).issues.values()
    told = (each.translation_placeholders for each in issues if each.translation_key == LIMITED)
    return next(told, None)


@pytest.fixture
def guest(hass: HomeAssistant, server: MassServer, entry: MockConfigEntry) -> MockConfigEntry:
    """Return an entry that is signed in as a guest who sees one player."""
    server.add_user("kim", "kims-password", role="guest", player_filter=["kueche"])
    data = {**entry.data, CONF_TOKEN: server.create_token("kim")}
    hass.config_entries.async_update_entry(entry, data=data)
    return entry


async def test_missing_rights_create_issue_at_setup(
    hass: HomeAssistant, server: MassServer, guest: MockConfigEntry
) -> None:
    """Missing rights create an issue at set-up, at first without another request."""
    commands_before_issue: list[str] = []

    @callback
    def store_commands(_event: Event[Any]) -> None:
        if not commands_before_issue and get_missing_rights_issue(hass):
            commands_before_issue.extend(dict(server.commands))

    hass.bus.async_listen(ir.EVENT_REPAIRS_ISSUE_REGISTRY_UPDATED, store_commands)
    assert await hass.config_entries.async_setup(guest.entry_id)
    told = get_missing_rights_issue(hass)
    assert told
    assert (told["server"], told["username"]) == ("Music Assistant", "kim")
    lines = told["missing"].split("\n")
    keys = ("players", "settings", "on_behalf", "library", "displays")
    assert lines == [f"- {get_text('common', f'right_{key}')}" for key in keys]
    assert "players/all" in commands_before_issue
    assert "auth/me" not in dict(server.commands)  # the answer to the sign-in has it all


async def test_issue_is_removed_when_rights_are_granted(
    hass: HomeAssistant, server: MassServer, guest: MockConfigEntry
) -> None:
    """The issue is removed at the next connection after the rights are granted."""
    assert await hass.config_entries.async_setup(guest.entry_id)
    harness = Harness(hass, server, guest)
    kim = server.accounts.get_user("kim")
    kim.role, kim.player_filter = "admin", []
    await server.faults.disconnect_clients()
    await wait_until(lambda: harness.connection_lost_at)
    await harness.wait_for_reconnect()
    assert get_missing_rights_issue(hass) is None


async def test_ignored_issue_stays_ignored(
    hass: HomeAssistant, server: MassServer, guest: MockConfigEntry
) -> None:
    """An ignored issue stays ignored."""
    assert await hass.config_entries.async_setup(guest.entry_id)
    issue_id = f"{LIMITED}_{guest.entry_id}"
    ir.async_ignore_issue(hass, DOMAIN, issue_id, True)
    assert await hass.config_entries.async_reload(guest.entry_id)
    issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    assert issue
    assert issue.dismissed_version


@pytest.mark.parametrize("schema_version", [27, 46])
async def test_no_issue_for_admin(harness: Harness) -> None:
    """An admin, and any user of a server without users, has no issue."""
    assert get_missing_rights_issue(harness.hass) is None


@pytest.mark.parametrize("answer", [True, {"authenticated": True}, {"user": {"username": 7}}])
async def test_setup_without_user_information(
    hass: HomeAssistant,
    server: MassServer,
    guest: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    answer: Any,
) -> None:
    """The set-up succeeds if the server doesn't return the user."""
    authenticate = _CONNECTION_COMMANDS["auth"]

    def accept_token(connection: Connection, args: dict[str, Any]) -> Any:
        authenticate(connection, args)
        return answer

    monkeypatch.setitem(_CONNECTION_COMMANDS, "auth", accept_token)
    assert await hass.config_entries.async_setup(guest.entry_id)
    assert get_missing_rights_issue(hass) is None


async def test_changed_player_filter_is_noticed(
    hass: HomeAssistant, server: MassServer, guest: MockConfigEntry
) -> None:
    """A changed filter, which the server announces to nobody, is noticed by the regular check."""
    assert await hass.config_entries.async_setup(guest.entry_id)
    await hass.async_block_till_done()
    connects = server.connects

    def get_available() -> list[str]:
        states = hass.states.async_all("media_player")
        return [state.entity_id for state in states if state.state != STATE_UNAVAILABLE]

    async def pass_interval() -> None:
        async_fire_time_changed(hass, dt_util.utcnow() + 2 * RIGHTS_CHECK_INTERVAL)
        await hass.async_block_till_done()

    before = get_available()
    await pass_interval()
    assert server.connects == connects  # nothing changed
    server.accounts.get_user("kim").player_filter = ["living_room"]
    await pass_interval()
    await wait_until(lambda: len(get_available()) == 1 and get_available() != before)
    assert server.connects == connects + 1
