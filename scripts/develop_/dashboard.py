"""A dashboard with a card for each player, as the first thing a person sees."""

from __future__ import annotations

from typing import Any

from .base import DOMAIN
from .home import Socket

URL_PATH = "music-players"
TITLE = "Music"
COLUMNS = 4


async def players_of(socket: Socket) -> dict[str, str]:
    """Return the integration's media players: unique id (the player's id) -> entity id."""
    registry: list[dict[str, Any]] = await socket.call("config/entity_registry/list")
    return {
        entity["unique_id"]: entity["entity_id"]
        for entity in registry
        if entity["platform"] == DOMAIN
        and entity["entity_id"].startswith("media_player.")
        and not entity["disabled_by"]
    }


async def make_dashboard(socket: Socket) -> None:
    """Make the dashboard and the default of this account, unless it is there."""
    dashboards = await socket.call("lovelace/dashboards/list")
    if any(dashboard["url_path"] == URL_PATH for dashboard in dashboards):
        return
    entities = sorted((await players_of(socket)).values())
    if not entities:
        return
    await socket.call(
        "lovelace/dashboards/create",
        url_path=URL_PATH,
        title=TITLE,
        icon="mdi:music",
        mode="storage",
    )
    await socket.call("lovelace/config/save", url_path=URL_PATH, config=_config(entities))
    await socket.call("frontend/set_system_data", key="core", value={"default_panel": URL_PATH})


def _config(entities: list[str]) -> dict[str, Any]:
    cards = [{"type": "media-control", "entity": entity} for entity in entities]
    section = {"type": "grid", "column_span": COLUMNS, "cards": cards}
    view = {"type": "sections", "title": TITLE, "path": "players", "max_columns": COLUMNS}
    return {"views": [{**view, "sections": [section]}]}
