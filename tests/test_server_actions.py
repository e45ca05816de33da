"""Actions of a server as a whole: providers, the library's synchronisation, any command."""

from functools import partial
from typing import Any

from music_assistant_models.config_entries import ProviderConfig, ProviderError
from music_assistant_models.enums import MediaType, ProviderStatus, ProviderType
from music_assistant_models.errors import InvalidDataError
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.music_assistant.server.providers import get_provider_status
from custom_components.music_assistant.server.secrets import REDACTED
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.exceptions import ServiceValidationError, Unauthorized

from .action_helpers import (
    OLD_AND_NEW,
    REFUSALS,
    call_action,
    call_server_action,
    expect_command_timeout,
    expect_error,
    get_sent_arguments,
)
from .common import Harness, LoopMonitor, wait_until
from .server import MassServer
from .server.commands import Command
from .server.library import FILES, STREAMING

EACH = pytest.mark.parametrize(
    ("action", "data", "command"),
    [
        ("get_providers", {}, "providers"),
        ("sync_library", {}, "music/sync"),
        ("send_command", {"command": "music/tracks/count"}, "music/tracks/count"),
    ],
)


@pytest.fixture
def admin(hass_admin_user: MockUser) -> str:
    """Return an administrator."""
    return str(hass_admin_user.id)


# What goes wrong with any of them


@EACH
@REFUSALS
async def test_server_error(
    harness: Harness,
    server: MassServer,
    admin: str,
    *,
    action: str,
    data: dict[str, Any],
    command: str,
    code: int,
    key: str,
) -> None:
    """The server's errors are raised with their translation."""
    server.faults.fail_command(command, code, f"Invalid command: {command}")
    await expect_error(key, call_server_action(harness, action, admin, **data))


@EACH
async def test_command_timeout(
    harness: Harness,
    server: MassServer,
    admin: str,
    *,
    action: str,
    data: dict[str, Any],
    command: str,
) -> None:
    """A server that doesn't answer is an error after the timeout."""
    await expect_command_timeout(
        server, command, call_server_action(harness, action, admin, **data)
    )


@EACH
async def test_not_connected(
    harness: Harness,
    server: MassServer,
    admin: str,
    *,
    action: str,
    data: dict[str, Any],
    command: str,
) -> None:
    """A server that is away or not loaded is an error."""
    with pytest.raises(ServiceValidationError):
        await call_server_action(harness, action, admin, config_entry_id="unheard-of", **data)
    await server.faults.close_port()
    await server.faults.disconnect_clients()
    await expect_error("not_connected", call_server_action(harness, action, admin, **data))
    await harness.hass.config_entries.async_unload(harness.entry.entry_id)
    with pytest.raises(ServiceValidationError):
        await call_server_action(harness, action, admin, **data)


# Providers


async def test_get_providers(harness: Harness, server: MassServer) -> None:
    """All providers are returned with their current state."""
    server.providers[STREAMING.instance_id].available = False
    providers = (await call_server_action(harness, "get_providers"))["providers"]
    assert {each["instance_id"] for each in providers} == set(server.providers)
    (streaming,) = [each for each in providers if each["domain"] == STREAMING.domain]
    assert streaming == {
        "instance_id": STREAMING.instance_id,
        "domain": STREAMING.domain,
        "name": STREAMING.name,
        "type": "music",
        "available": False,
        "streaming": True,
        "features": sorted(f"library_{kind}s" for kind in STREAMING.keeps),
        "provider_type": "music",
        "provider_domain": STREAMING.domain,
        "provider_instance_id": STREAMING.instance_id,
        "provider_enabled": True,
        "provider_status": "loaded",
        "provider_last_error": None,
    }


@OLD_AND_NEW
@pytest.mark.parametrize(("sign_in", "status"), [(True, "auth_required"), (False, "error")])
async def test_get_failed_provider(
    harness: Harness, server: MassServer, sign_in: bool, status: str
) -> None:
    """A provider that isn't loaded is returned with its error."""
    server.broken.fail_provider(STREAMING.instance_id, sign_in=sign_in)
    providers = (await call_server_action(harness, "get_providers"))["providers"]
    (streaming,) = [each for each in providers if each["domain"] == STREAMING.domain]
    assert streaming["name"] == STREAMING.name
    assert (streaming["available"], streaming["features"]) == (False, [])
    assert streaming["provider_status"] == status
    assert streaming["provider_last_error"] == "It went wrong"


@pytest.mark.parametrize("code", [12, 22])
async def test_get_providers_without_permission(
    harness: Harness, server: MassServer, code: int
) -> None:
    """A user who can't read provider settings gets the loaded providers."""
    server.faults.fail_command("config/providers", code, "Not for you")
    providers = (await call_server_action(harness, "get_providers"))["providers"]
    assert {each["provider_instance_id"] for each in providers} == set(server.providers)
    assert {each["provider_status"] for each in providers} == {"loaded"}


@pytest.mark.parametrize(
    ("config", "loaded", "status"),
    [
        ({"status": ProviderStatus.INCOMPATIBLE}, True, ProviderStatus.INCOMPATIBLE),
        # older servers
        ({"enabled": False}, False, ProviderStatus.DISABLED),
        ({}, True, ProviderStatus.LOADED),
        ({}, False, ProviderStatus.LOADING),
        ({"last_error": ProviderError(21, "No")}, False, ProviderStatus.AUTH_REQUIRED),
        ({"last_error": ProviderError(999, "No")}, False, ProviderStatus.ERROR),
    ],
)
def test_provider_status(config: dict[str, Any], loaded: bool, status: ProviderStatus) -> None:
    """The status is the server's, or derived from the fields of older servers."""
    provider = ProviderConfig(
        values={}, type=ProviderType.MUSIC, domain="a", instance_id="a--1", **config
    )
    assert get_provider_status(provider, loaded=loaded) is status


@pytest.mark.parametrize("kinds", ["music", ["player"], ["player", "music"], ["plugin"], ["core"]])
async def test_get_providers_of_types(
    harness: Harness, server: MassServer, kinds: str | list[str]
) -> None:
    """Only providers of the given types are returned."""
    providers = (await call_server_action(harness, "get_providers", provider_type=kinds))[
        "providers"
    ]
    expected = {each.instance_id for each in server.providers.values() if each.type in kinds}
    assert {each["instance_id"] for each in providers} == expected


@pytest.mark.parametrize("kind", ["nonsense", "unknown"])
async def test_get_providers_of_invalid_type(harness: Harness, kind: str) -> None:
    """An invalid provider type is refused."""
    with pytest.raises(ServiceValidationError):
        await call_server_action(harness, "get_providers", provider_type=kind)


# Synchronisation


def get_synced(answer: dict[str, Any]) -> set[tuple[str, str]]:
    """Return the synced providers and media types of an answer."""
    return {(task["provider"], kind) for task in answer["tasks"] for kind in task["media_types"]}


EVERYTHING = {
    (each.instance_id, kind.value) for each in (FILES, STREAMING) for kind in each.keeps
} | {("builtin", "playlist"), ("builtin", "radio")}


@OLD_AND_NEW
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, EVERYTHING),
        ({"media_type": "playlist"}, {each for each in EVERYTHING if each[1] == "playlist"}),
        (
            {"media_type": ["album", "radio"]},
            {each for each in EVERYTHING if each[1] in ("album", "radio")},
        ),
        (
            {"provider": FILES.name.upper()},
            {each for each in EVERYTHING if each[0] == FILES.instance_id},
        ),
        ({"provider": [FILES.domain], "media_type": "track"}, {(FILES.instance_id, "track")}),
        ({"provider": FILES.instance_id, "media_type": "radio"}, set()),
    ],
)
async def test_sync_library(
    harness: Harness, data: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    """The sync starts for the given providers and types, which are returned."""
    answer = await call_server_action(harness, "sync_library", **data)
    assert get_synced(answer) == expected
    assert answer["completed"] is (not expected)
    assert {task["status"] for task in answer["tasks"]} <= {"pending", "running"}


async def test_sync_library_without_response(harness: Harness, server: MassServer) -> None:
    """The action works without a response."""
    await call_action(harness, "sync_library", None, media_type="album")
    assert [args["media_types"] for args in get_sent_arguments(server, "music/sync")] == [["album"]]


@pytest.mark.parametrize(("schema_version", "status"), [(29, "finished"), (98, "success")])
async def test_wait_for_sync(harness: Harness, loop_monitor: LoopMonitor, status: str) -> None:
    """With `wait` the action returns after the sync, with its tasks."""
    with loop_monitor.skip_idle_time():
        answer = await call_server_action(
            harness, "sync_library", wait=True, provider=STREAMING.name
        )
    assert answer["completed"]
    assert get_synced(answer) == {each for each in EVERYTHING if each[0] == STREAMING.instance_id}
    assert {task["status"] for task in answer["tasks"]} == {status}
    assert {task["name"] for task in answer["tasks"]} == {STREAMING.name}


@OLD_AND_NEW
async def test_wait_for_sync_timeout(
    harness: Harness, loop_monitor: LoopMonitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the timeout the action returns the progress."""
    monkeypatch.setattr("tests.server.music_sync.SYNC_DURATION", 60)
    with loop_monitor.skip_idle_time():
        began = loop_monitor.time()
        answer = await call_server_action(
            harness, "sync_library", wait=True, timeout=40, media_type="artist"
        )
        assert 40 <= loop_monitor.time() - began < 41
    assert not answer["completed"]
    told = {task["progress"] for task in answer["tasks"]}
    assert told == {None if harness.server.schema_version < 46 else 50}


@OLD_AND_NEW
async def test_disconnect_during_sync(
    harness: Harness, server: MassServer, loop_monitor: LoopMonitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waiting ends with an error when the connection is lost."""
    monkeypatch.setattr("tests.server.music_sync.SYNC_DURATION", 60)
    waiting = harness.hass.async_create_task(call_server_action(harness, "sync_library", wait=True))
    await loop_monitor.wait_until(lambda: get_sent_arguments(server, "music/sync"))
    await server.faults.close_port()
    await server.faults.disconnect_clients()
    with loop_monitor.skip_idle_time():
        began = loop_monitor.time()
        await expect_error("not_connected", waiting)
        assert loop_monitor.time() - began < 5


async def test_failed_sync(
    harness: Harness, server: MassServer, loop_monitor: LoopMonitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The response has the errors of failed tasks."""

    async def fail(*_args: object) -> None:
        raise InvalidDataError("no such folder")

    monkeypatch.setattr("tests.server.music_sync._create_sync_task", fail)
    with loop_monitor.skip_idle_time():
        answer = await call_server_action(harness, "sync_library", wait=True, provider="builtin")
    assert {(task["status"], task["error"]) for task in answer["tasks"]} == {
        ("failed", "no such folder")
    }


async def test_sync_unknown_provider(harness: Harness, server: MassServer) -> None:
    """The error of an unknown provider lists the providers."""
    choices = ", ".join(
        each.name for each in server.providers.values() if each.type is ProviderType.MUSIC
    )
    action = call_server_action(harness, "sync_library", provider=[FILES.name, "Spottify"])
    await expect_error("unknown_provider", action, name="Spottify", choices=choices)
    assert not get_sent_arguments(server, "music/sync")


@pytest.mark.parametrize("data", [{"timeout": 0}, {"media_type": "genre"}, {"wait": "soon"}])
async def test_sync_invalid_data(harness: Harness, data: dict[str, Any]) -> None:
    """Invalid data is refused."""
    with pytest.raises(ServiceValidationError):
        await call_server_action(harness, "sync_library", **data)


async def test_sync_permission_on_server(harness: Harness, server: MassServer) -> None:
    """A user without the permission on the server gets an error."""
    server.accounts.get_user("demo").role = "user"
    await expect_error("not_permitted", call_server_action(harness, "sync_library"))


# Any command


async def test_send_command(harness: Harness, server: MassServer, admin: str) -> None:
    """The response of a command is returned unchanged."""
    answer = await call_server_action(harness, "send_command", admin, command="music/tracks/count")
    assert answer == {"response": len(list(server.library.get_library_items(MediaType.TRACK)))}
    data = {"limit": 3, "offset": 1, "require_schema": 999}
    answer = await call_server_action(
        harness, "send_command", admin, command="music/tracks/library_items", data=data
    )
    assert len(answer["response"]) == 3
    (args,) = get_sent_arguments(server, "music/tracks/library_items")
    assert args == {"limit": 3, "offset": 1}


async def test_send_command_without_response(
    harness: Harness, server: MassServer, admin: str
) -> None:
    """The action works without a response."""
    await call_action(harness, "send_command", None, user=admin, command="info")
    assert get_sent_arguments(server, "info")


async def test_redact_response(harness: Harness, server: MassServer, admin: str) -> None:
    """Secrets in a response are redacted at any depth."""
    secret = {"name": "x", "settings": [{"api_token": "abc", "url": "http://x?key=abc"}]}
    server.command_table["plugin/state"] = Command(lambda *_: [secret, {"deep": secret}])
    answer = await call_server_action(harness, "send_command", admin, command="plugin/state")
    clean = {"name": "x", "settings": [{"api_token": REDACTED, "url": f"http://x?key={REDACTED}"}]}
    assert answer == {"response": [clean, {"deep": clean}]}


@pytest.mark.parametrize("command", ["auth/tokens", "config/providers/get", "logging/get"])
async def test_refuse_secret_commands(
    harness: Harness, server: MassServer, admin: str, command: str
) -> None:
    """Commands that return secrets aren't sent."""
    before = len(server.commands)
    action = call_server_action(harness, "send_command", admin, command=command)
    await expect_error("command_refused", action, command=command)
    assert server.commands[before:] == []


async def test_send_command_permission(
    harness: Harness, server: MassServer, hass_read_only_user: MockUser
) -> None:
    """Automations and other users can't send commands."""
    before = len(server.commands)
    for user in (None, hass_read_only_user.id):
        action = call_server_action(harness, "send_command", user, command="config/core")
        await expect_error("administrators_only", action, server="Music Assistant")
    with pytest.raises(Unauthorized):
        await call_server_action(harness, "send_command", "nobody", command="config/core")
    assert server.commands[before:] == []


@pytest.mark.parametrize(
    "data", [{}, {"command": "info", "data": [1]}, {"command": "info", "data": {1: 2}}]
)
async def test_send_invalid_command(harness: Harness, admin: str, data: dict[str, Any]) -> None:
    """A command needs a name and named arguments."""
    with pytest.raises(ServiceValidationError):
        await call_server_action(harness, "send_command", admin, **data)


async def test_action_while_signed_out(harness: Harness, server: MassServer) -> None:
    """While the server refuses the token, an action asks for a new sign-in."""
    user = server.accounts.get_user("demo")
    server.accounts.set_user_enabled(user, enabled=False)
    flows = partial(harness.entry.async_get_active_flows, harness.hass, {SOURCE_REAUTH})
    await wait_until(lambda: any(flows()))
    await expect_error("not_signed_in", call_server_action(harness, "get_providers"))
    await harness.hass.config_entries.async_reload(harness.entry.entry_id)
    assert harness.entry.state is ConfigEntryState.SETUP_ERROR
    await expect_error("not_signed_in", call_server_action(harness, "get_providers"))
    await expect_error("not_signed_in", call_action(harness, "get_queue_items"))
