"""Descriptions of the actions in place of mass_queue: its domain has no services.yaml."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import probatio

from homeassistant.components.media_player import DOMAIN as MEDIA_PLAYER_DOMAIN
from homeassistant.core import HomeAssistant, callback

from ..actions.base import ServerAction, TargetAction
from ..actions.targets import ATTR_ENTITY
from ..const import DOMAIN
from ..helpers.texts import get_action_texts, get_text

_COUNT: Final = {"number": {"min": 0, "max": 1000, "mode": "box"}}
_TEXT: Final[dict[str, Any]] = {"text": {}}
_TEXTS: Final[dict[str, Any]] = {"text": {"multiple": True}}
SELECTORS: Final[Mapping[str, dict[str, Any]]] = {
    ATTR_ENTITY: {"entity": {"filter": {"domain": MEDIA_PLAYER_DOMAIN, "integration": DOMAIN}}},
    "command": _TEXT,
    "config_entry_id": {"config_entry": {"integration": DOMAIN}},
    "data": {"object": {}},
    "limit": _COUNT,
    "limit_after": _COUNT,
    "limit_before": _COUNT,
    "offset": _COUNT,
    "page": _COUNT,
    "playlist_id": _TEXT,
    "positions_to_remove": _TEXTS,
    "providers": _TEXTS,
    "queue_item_id": _TEXT,
    "uri": _TEXT,
    "volume_level": {"number": {"min": 0, "max": 100, "unit_of_measurement": "%"}},
}


@callback
def describe_action(
    hass: HomeAssistant, action: ServerAction | TargetAction, fields: Iterable[str]
) -> dict[str, Any]:
    """Describe an action as services.yaml does, with the texts of the corresponding action."""
    text = get_action_texts(hass, action.name)
    required = {str(key) for key in action.schema if isinstance(key, probatio.Required)}
    return {
        "name": text("name"),
        "description": text("description"),
        "fields": {
            field: {
                **_describe_field(hass, action.name, field),
                "required": field in required or field == ATTR_ENTITY,
                "selector": SELECTORS[field],
            }
            for field in fields
        },
    }


def _describe_field(hass: HomeAssistant, action: str, field: str) -> dict[str, str]:
    """Return the name and description of a field; that of the player is the action's target."""
    text = get_action_texts(hass, action)
    if name := text(f"fields.{field}.name"):
        return {"name": name, "description": text(f"fields.{field}.description")}
    return {
        "name": get_text(hass, "mass_queue_entity", field),
        "description": get_text(hass, "mass_queue_entity_description", ""),
    }
