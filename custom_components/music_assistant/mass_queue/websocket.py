"""Websocket commands in place of mass_queue."""

import asyncio
from typing import Any, Final

from music_assistant_client import MusicAssistantClient
import probatio

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components import websocket_api
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    config_validation as cv,
    device_registry as dr,
    entity_registry as er,
)

from ..actions.targets import PlayerTarget, async_get_permitted_target
from ..server.errors import build_validation_error, translate_errors
from ..server.secrets import redact
from .actions import MASS_QUEUE_DOMAIN
from .images import async_encode_image, async_encode_url

# Images that can be encoded at a time; the answer may hold all of them.
MAX_IMAGES: Final = 100


@websocket_api.websocket_command(
    {
        probatio.Required("type"): f"{MASS_QUEUE_DOMAIN}/get_info",
        probatio.Required("entity_id"): cv.entity_id,
    }
)
@websocket_api.async_response
async def _async_handle_get_info(
    hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]
) -> None:
    """Send the information about a player and its server."""
    target = await _async_get_target(hass, connection, msg)
    connection.send_result(msg["id"], _get_info(hass, target))


async def _async_get_target(
    hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]
) -> PlayerTarget:
    """Return the player of a command; raise unless the user may read it."""
    context = connection.context(msg)
    return await async_get_permitted_target(hass, context, msg["entity_id"], POLICY_READ)


def _get_info(hass: HomeAssistant, target: PlayerTarget) -> dict[str, Any]:
    """Return the answer to `get_info`.

    Players are given by their ids, the features by the server's names. Both entries are that of
    this integration, since actions accept its id for either.
    """
    coordinator, snapshot, mass = target.coordinator, target.player, target.mass
    player = mass.players.get(target.player_id)
    entity = er.async_get(hass).async_get(target.player_entity_id)
    found = dr.async_get(hass).async_get((entity and entity.device_id) or "")
    device = found if isinstance(found, dr.DeviceEntry) else None
    entry_id = coordinator.config_entry.entry_id
    return {
        "available": coordinator.available and snapshot.available,
        "can_group_with": _get_groupable_ids(target),
        "connection": {
            "configuration_url": device.configuration_url if device else None,
            "url": player.device_info.ip_address if player else None,
        },
        "entries": {"music_assistant": entry_id, MASS_QUEUE_DOMAIN: entry_id},
        "features": sorted(feature.value for feature in player.supported_features)
        if player
        else [],
        "manufacturer": device.manufacturer if device else None,
        "model": device.model if device else None,
        "name": player.name if player else snapshot.device.name,
        "player_id": target.player_id,
        "provider": snapshot.provider,
        "queue_id": snapshot.queue_id,
        "server": {"connection": _get_server_urls(mass)},
        "synced_to": player.synced_to if player else None,
        "type": snapshot.type,
    }


def _get_groupable_ids(target: PlayerTarget) -> list[str]:
    """Return the ids of the players that a player can be grouped with."""
    names = target.player.can_group_with
    return sorted(
        player.player_id
        for player in target.coordinator.data.values()
        if player.player_id != target.player_id
        and not names.isdisjoint((player.player_id, player.provider))
    )


def _get_server_urls(mass: MusicAssistantClient) -> dict[str, str | None]:
    """Return the URLs of a server."""
    info = mass.server_info
    return {
        "url": info.base_url if info else None,
        "websocket": mass.connection.ws_server_url,
    }


@websocket_api.websocket_command(
    {
        probatio.Required("type"): f"{MASS_QUEUE_DOMAIN}/download_and_encode_image",
        probatio.Required("url"): cv.string,
    }
)
@websocket_api.async_response
async def _async_handle_download_image(
    hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]
) -> None:
    """Send an image of a server as a data URL."""
    image = await async_encode_url(hass, connection.context(msg), msg["url"])
    connection.send_result(msg["id"], image)


@websocket_api.websocket_command(
    {
        probatio.Required("type"): f"{MASS_QUEUE_DOMAIN}/encode_images",
        probatio.Required("entity_id"): cv.entity_id,
        probatio.Required("images"): probatio.All([dict], probatio.Length(max=MAX_IMAGES)),
    }
)
@websocket_api.async_response
async def _async_handle_encode_images(
    hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]
) -> None:
    """Send images of items with the key `encoded`: a data URL, or None if it can't be fetched."""
    target = await _async_get_target(hass, connection, msg)
    encoded = await asyncio.gather(
        *(async_encode_image(target.coordinator, image) for image in msg["images"])
    )
    images = [
        {**image, "encoded": data} for image, data in zip(msg["images"], encoded, strict=True)
    ]
    connection.send_result(msg["id"], images)


@websocket_api.websocket_command(
    {
        probatio.Required("type"): f"{MASS_QUEUE_DOMAIN}/get_user_info",
        probatio.Required("entity_id"): cv.entity_id,
        probatio.Required("username"): cv.string,
    }
)
@websocket_api.require_admin
@websocket_api.async_response
async def _async_handle_get_user_info(
    hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]
) -> None:
    """Send a user of a player's server, without secrets."""
    target = await _async_get_target(hass, connection, msg)
    with translate_errors(target.coordinator.name):
        users = await target.mass.auth.list_users()
    for user in users:
        if user.username == msg["username"]:
            connection.send_result(msg["id"], redact(user.to_dict()))
            return
    raise build_validation_error(
        "unknown_server_user", server=target.coordinator.name, username=msg["username"]
    )


COMMANDS: Final[dict[str, websocket_api.WebSocketCommandHandler]] = {
    f"{MASS_QUEUE_DOMAIN}/get_info": _async_handle_get_info,
    f"{MASS_QUEUE_DOMAIN}/download_and_encode_image": _async_handle_download_image,
    f"{MASS_QUEUE_DOMAIN}/encode_images": _async_handle_encode_images,
    f"{MASS_QUEUE_DOMAIN}/get_user_info": _async_handle_get_user_info,
}
