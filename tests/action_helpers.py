"""Helpers to call actions as automations do, and to read what the server received."""

from typing import Any, Final

from music_assistant_models.enums import QueueOption
from music_assistant_models.player_queue import PlayerQueue
import pytest

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.entities.browsing import BrowsablePlayerEntity
from homeassistant.components.media_player.const import DATA_COMPONENT
from homeassistant.core import Context, SupportsResponse
from homeassistant.exceptions import HomeAssistantError

from .common import Harness, LoopMonitor
from .server import MassServer
from .translation_texts import find_placeholders, get_text

ALBUM: Final = "library://album/1"
OLD_AND_NEW: Final = pytest.mark.parametrize("schema_version", [29, 98])
ALL_SCHEMAS: Final = pytest.mark.parametrize("schema_version", [28, 29, 46, 98])
# What a server may refuse any command with: its code, and the key of our text.
REFUSALS: Final = pytest.mark.parametrize(
    ("code", "key"),
    [(22, "not_permitted"), (12, "server_too_old_for_command"), (999, "command_failed")],
)


async def call_action(
    harness: Harness,
    action: str,
    player_id: str | None = "kueche",
    /,
    *,
    user: str | None = None,
    **data: Any,
) -> Any:
    """Call an action, with a player as its target, and return its response if it has one."""
    hass = harness.hass
    target = {"entity_id": harness.get_entity_id(player_id)} if player_id else None
    response = hass.services.supports_response(DOMAIN, action) is SupportsResponse.ONLY
    return await hass.services.async_call(
        DOMAIN,
        action,
        data,
        blocking=True,
        context=Context(user_id=user),
        target=target,
        return_response=response,
    )


async def call_for_response(
    harness: Harness, action: str, player_id: str = "kueche", /, **data: Any
) -> Any:
    """Call an action whose response is optional, and return the response of one entity."""
    entity_id = harness.get_entity_id(player_id)
    response = await harness.hass.services.async_call(
        DOMAIN, action, data, True, target={"entity_id": entity_id}, return_response=True
    )
    return (response or {})[entity_id]


async def call_server_action(
    harness: Harness, action: str, user: str | None = None, /, **data: Any
) -> Any:
    """Call an action of a server and return its response."""
    return await harness.hass.services.async_call(
        DOMAIN, action, data, True, Context(user_id=user), return_response=True
    )


async def expect_error(key: str, action: Any, **placeholders: str) -> None:
    """Expect an error that is translated and fills in all placeholders of its text."""
    with pytest.raises(HomeAssistantError) as raised:
        await action
    error = raised.value
    assert (error.translation_domain, error.translation_key) == (DOMAIN, key)
    given = error.translation_placeholders or {}
    assert given.items() >= placeholders.items()
    assert find_placeholders(get_text("exceptions", key, "message")) <= given.keys()
    assert {None, "None"}.isdisjoint(given.values())


def get_kitchen_entity(harness: Harness) -> BrowsablePlayerEntity:
    """Return the entity of the kitchen."""
    entity = harness.hass.data[DATA_COMPONENT].get_entity(harness.get_entity_id("kueche"))
    assert isinstance(entity, BrowsablePlayerEntity)
    return entity


async def expect_command_timeout(server: MassServer, command: str, action: Any) -> None:
    """Expect a timeout when the server doesn't answer a command."""
    server.faults.ignore_command(command)
    with LoopMonitor.of_loop().skip_idle_time():
        await expect_error("command_timeout", action, command=command)


def get_sent_arguments(server: MassServer, command: str) -> list[dict[str, Any]]:
    """Return the arguments of all calls of a command."""
    return [args for name, args in server.commands if name == command]


def get_queue_uris(server: MassServer, queue_id: str = "kueche") -> list[str]:
    """Return the uris of the items in a queue."""
    return [item.uri for item in server.queue_items[queue_id]]


def get_queue_item_ids(server: MassServer, queue_id: str = "kueche") -> list[str]:
    """Return the ids of a queue's items."""
    return [item.queue_item_id for item in server.queue_items[queue_id]]


def get_playable_uris(server: MassServer, uri: str) -> list[str]:
    """Return the uris of the tracks that an item consists of."""
    return [item.uri or "" for item in server.library.get_playable_items(uri)]


def start_playback(server: MassServer, player_id: str = "kueche", uri: str = ALBUM) -> PlayerQueue:
    """Start playback on the server, not through Home Assistant."""
    queue = server.queues[player_id]
    server.playback.add_items(queue, server.library.get_playable_items(uri), QueueOption.REPLACE)
    return queue
