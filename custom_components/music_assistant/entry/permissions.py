"""Permissions of Home Assistant's users for the players of a server.

A call without a user comes from an automation or from Home Assistant itself, and may do anything:
only administrators can write automations.
"""

from collections.abc import Callable, Iterable
from enum import Enum

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.components import websocket_api
from homeassistant.components.http import KEY_HASS_USER
from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import Unauthorized, UnknownUser
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.http import current_request
from homeassistant.helpers.trace import trace_id_get

from ..const import DASHBOARD_PREFIX, DOMAIN


class Access(Enum):
    """What a caller needs for a call that concerns a server; the value is Home Assistant's policy."""

    READ_ONE = POLICY_READ  # sight of one of its players
    CONTROL_ONE = POLICY_CONTROL  # control of one of its players
    CONTROL_ALL = f"{POLICY_CONTROL} all"  # control of all of them, as administrators have


async def async_get_user(hass: HomeAssistant, context: Context) -> User | None:
    """Return the user of a context, None if there is none. Raises UnknownUser."""
    if context.user_id is None:
        return None
    if (user := await hass.auth.async_get_user(context.user_id)) is None:
        raise UnknownUser(context=context)
    return user


def get_requesting_user() -> User | None:
    """Return the user of the current websocket command or HTTP request, None if there is none.

    Browsing and media sources have no context. A run of an automation or a script has no user,
    whoever's request it results from.
    """
    if trace_id_get():
        return None
    if connection := websocket_api.current_connection.get():
        return connection.user
    request = current_request.get()
    return request.get(KEY_HASS_USER) if request else None


async def async_get_permission_filter(
    hass: HomeAssistant, context: Context, policy: str
) -> Callable[[str], bool]:
    """Return a function that returns whether the caller has a permission for an entity."""
    if (user := await async_get_user(hass, context)) is None:
        return lambda _entity_id: True
    check = user.permissions.check_entity
    return lambda entity_id: check(entity_id, policy)


async def async_get_permission_check(
    hass: HomeAssistant, context: Context, policy: str
) -> Callable[[str], bool]:
    """Return a function that raises Unauthorized without permission for an entity."""
    is_permitted = await async_get_permission_filter(hass, context, policy)

    def check_permission(entity_id: str) -> bool:
        if not is_permitted(entity_id):
            raise Unauthorized(context=context, entity_id=entity_id, permission=policy)
        return True

    return check_permission


async def async_can_see_other_users(hass: HomeAssistant, context: Context) -> bool:
    """Return whether the caller may read and change what other users of the server have."""
    if trace_id_get():  # a run of an automation or script
        return True
    user = await async_get_user(hass, context)
    return user is None or user.is_admin


async def async_check_access(
    hass: HomeAssistant, context: Context, entry: ConfigEntry, access: Access
) -> None:
    """Raise Unauthorized unless the caller has access to the server of an entry."""
    if not has_access(hass, await async_get_user(hass, context), entry, access):
        raise Unauthorized(
            context=context, config_entry_id=entry.entry_id, permission=access.value.split()[0]
        )


def has_access(hass: HomeAssistant, user: User | None, entry: ConfigEntry, access: Access) -> bool:
    """Return whether a user has access to the server of an entry."""
    if user is None or user.is_admin:
        return True
    policy, *_ = access.value.split()
    permissions = [
        user.permissions.check_entity(entity.entity_id, policy)
        for entity in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
        if entity.domain == MEDIA_PLAYER_DOMAIN
        and not entity.unique_id.startswith(DASHBOARD_PREFIX)
    ]
    if access is Access.CONTROL_ALL:  # without players there is nothing to control
        return bool(permissions) and all(permissions)
    return any(permissions)


async def async_check_player_control(
    hass: HomeAssistant, context: Context, player_ids: Iterable[str]
) -> None:
    """Raise Unauthorized unless the caller has control of all players.

    A player without an entity may only be changed by a user who may control all entities.
    """
    if (user := await async_get_user(hass, context)) is None:
        return
    registry, permissions = er.async_get(hass), user.permissions
    for player_id in player_ids:
        entity_id = registry.async_get_entity_id(MEDIA_PLAYER_DOMAIN, DOMAIN, player_id)
        if not (
            permissions.check_entity(entity_id, POLICY_CONTROL)
            if entity_id
            else permissions.access_all_entities(POLICY_CONTROL)
        ):
            raise Unauthorized(context=context, entity_id=entity_id, permission=POLICY_CONTROL)
