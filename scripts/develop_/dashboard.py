"""A dashboard with a card for each player, the default page."""

from __future__ import annotations

from typing import Any

from .base import DOMAIN
from .home_assistant import WebsocketConnection

URL_PATH = "music-players"
TITLE = "Music"
COLUMNS = 4


async def get_player_entities(socket: WebsocketConnection) -> dict[str, str]:
    """Return the integration's media players: unique id (the player's id) -> entity id."""
    registry: list[dict[str, Any]] = await socket.send_command("config/entity_registry/list")
    return {
        entity["unique_id"]: entity["entity_id"]
        for entity in registry
        if entity["platform"] == DOMAIN
        and entity["entity_id"].startswith("media_player.")
        and not entity["disabled_by"]
    }


async def create_dashboard(socket: WebsocketConnection) -> None:
    """Create the dashboard and make it the default, unless it exists."""
    dashboards = await socket.send_command("lovelace/dashboards/list")
    if any(dashboard["url_path"] == URL_PATH for dashboard in dashboards):
        return
    entities = sorted((await get_player_entities(socket)).values())
    if not entities:
        return
    await socket.send_command(
        "lovelace/dashboards/create",
        url_path=URL_PATH,
        title=TITLE,
        icon="mdi:music",
        mode="storage",
    )
    await socket.send_command(
        "lovelace/config/save", url_path=URL_PATH, config=_build_config(entities)
    )
    await socket.send_command(
        "frontend/set_system_data", key="core", value={"default_panel": URL_PATH}
    )


def _build_config(entities: list[str]) -> dict[str, Any]:
    cards = [{"type": "media-control", "entity": entity} for entity in entities]
    section = {"type": "grid", "column_span": COLUMNS, "cards": cards}
    view = {"type": "sections", "title": TITLE, "path": "players", "max_columns": COLUMNS}
    return {"views": [{**view, "sections": [section]}]}
