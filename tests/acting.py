"""Asking for actions as automations do, and what the server then has."""

from typing import Any, Final

from music_assistant_models.enums import QueueOption
from music_assistant_models.player_queue import PlayerQueue
import pytest

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.entities.browsing import BrowsableEntity
from homeassistant.components.media_player.const import DATA_COMPONENT
from homeassistant.core import Context, SupportsResponse
from homeassistant.exceptions import HomeAssistantError

from .common import House, Pulse
from .server import MassServer
from .texts import placeholders_of, text

ALBUM: Final = "library://album/1"
OLD_AND_NEW: Final = pytest.mark.parametrize("schema_version", [29, 98])
ALL_SCHEMAS: Final = pytest.mark.parametrize("schema_version", [28, 29, 46, 98])
# What a server may refuse any command with: its code, and the key of our text.
REFUSALS: Final = pytest.mark.parametrize(
    ("code", "key"),
    [(22, "not_permitted"), (12, "server_too_old_for_command"), (999, "command_failed")],
)


async def act(
    house: House,
    action: str,
    player_id: str | None = "kueche",
    /,
    *,
    user: str | None = None,
    **data: Any,
) -> Any:
    """Call an action, with a player as its target, and return its response if it has one."""
    hass = house.hass
    target = {"entity_id": house.entity_id(player_id)} if player_id else None
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


async def ask(house: House, action: str, player_id: str = "kueche", /, **data: Any) -> Any:
    """Call an action for a response that it gives only when it is asked for."""
    entity_id = house.entity_id(player_id)
    response = await house.hass.services.async_call(
        DOMAIN, action, data, True, target={"entity_id": entity_id}, return_response=True
    )
    return (response or {})[entity_id]


async def call(house: House, action: str, user: str | None = None, /, **data: Any) -> Any:
    """Call an action of a server for its response."""
    return await house.hass.services.async_call(
        DOMAIN, action, data, True, Context(user_id=user), return_response=True
    )


async def refused(key: str, action: Any, **placeholders: str) -> None:
    """Expect an error that has its text and fills it in."""
    with pytest.raises(HomeAssistantError) as raised:
        await action
    error = raised.value
    assert (error.translation_domain, error.translation_key) == (DOMAIN, key)
    given = error.translation_placeholders or {}
    assert given.items() >= placeholders.items()
    assert placeholders_of(text("exceptions", key, "message")) <= given.keys()


def kitchen(house: House) -> BrowsableEntity:
    """Return the entity of the kitchen."""
    entity = house.hass.data[DATA_COMPONENT].get_entity(house.entity_id("kueche"))
    assert isinstance(entity, BrowsableEntity)
    return entity


async def silent(server: MassServer, command: str, action: Any) -> None:
    """Expect that a command isn't waited for forever."""
    server.faults.silence(command)
    with Pulse.of().skipping():
        await refused("command_timeout", action, command=command)


def sent(server: MassServer, command: str) -> list[dict[str, Any]]:
    """Return the arguments of all calls of a command."""
    return [args for name, args in server.commands if name == command]


def content(server: MassServer, queue_id: str = "kueche") -> list[str]:
    """Return the uris in a queue."""
    return [item.uri for item in server.queue_items[queue_id]]


def item_ids(server: MassServer, queue_id: str = "kueche") -> list[str]:
    """Return the ids of a queue's items."""
    return [item.queue_item_id for item in server.queue_items[queue_id]]


def tracks(server: MassServer, uri: str) -> list[str]:
    """Return what something consists of."""
    return [item.uri or "" for item in server.library.playable(uri)]


def play(server: MassServer, player_id: str = "kueche", uri: str = ALBUM) -> PlayerQueue:
    """Let the server play something by itself."""
    queue = server.queues[player_id]
    server.playback.enqueue(queue, server.library.playable(uri), QueueOption.REPLACE)
    return queue
