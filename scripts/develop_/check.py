"""The check of scripts/develop --check: plays on every demo player through Home Assistant."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
import datetime as dt
import io
from typing import Any

from PIL import Image, UnidentifiedImageError

from .base import DevelopError, print_progress
from .dashboard import get_player_entities
from .home_assistant import HomeAssistantClient, WebsocketConnection
from .server import ServerClient

type Json = dict[str, Any]
type StateCheck = Callable[[Json], bool]

# Seconds.
STATE_TIMEOUT = 15
POSITION_TOLERANCE = 2.0
SEEK_POSITION = 42.0
# MediaPlayerEntityFeature.SEEK, a part of Home Assistant's public API.
FEATURE_SEEK = 2
# What a stopped player may be: the second if its server switches it off.
STOPPED_STATES = ("idle", "off")
NO_STATE: Json = {"state": "no state", "attributes": {}}


class States:
    """Represent Home Assistant's states, updated by its events."""

    def __init__(self) -> None:
        """Initialize without states; `follow` fetches them."""
        self._states: dict[str, Json] = {}
        self._changed = asyncio.Event()

    async def subscribe(self, socket: WebsocketConnection) -> None:
        """Subscribe to changes first, so that none is missed, then fetch all states."""
        await socket.send_command(
            "subscribe_events", event_type="state_changed", listener=self._handle_event
        )
        for state in await socket.send_command("get_states"):
            self._states.setdefault(state["entity_id"], state)

    def get(self, entity_id: str) -> Json:
        """Return an entity's state object."""
        return self._states.get(entity_id, NO_STATE)

    async def wait_for_state(self, entity_id: str, what: str, wanted: StateCheck) -> Json:
        """Wait for a state and return it; DevelopError with the last one at a timeout."""
        try:
            async with asyncio.timeout(STATE_TIMEOUT):
                while not wanted(self.get(entity_id)):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            last = self.get(entity_id)
            raise DevelopError(
                f"{entity_id} was not seen {what} within {STATE_TIMEOUT} s. "
                f"Last: {last['state']} {last['attributes']}"
            ) from None
        return self.get(entity_id)

    def _handle_event(self, event: Json) -> None:
        data = event["data"]
        self._states[data["entity_id"]] = data["new_state"] or NO_STATE
        self._changed.set()


@dataclass
class Check:
    """Represent one run over all players."""

    home: HomeAssistantClient
    socket: WebsocketConnection
    server: ServerClient
    states: States = field(default_factory=States)
    entities: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    async def run_all(self) -> bool:
        """Check every player, print a line for each, and return whether all passed."""
        await self.states.subscribe(self.socket)
        players = [
            each for each in await self.server.send_command("players/all") if _is_exposed(each)
        ]
        if not players:
            raise DevelopError("The demo server names no player for Home Assistant")
        self.entities = await get_player_entities(self.socket)
        self.names = {player["player_id"]: player["name"] for player in players}
        tracks = await self._get_tracks(len(players))
        results = [
            await self._check_and_print(player, track)
            for player, track in zip(players, tracks, strict=True)
        ]
        print_progress(f"{sum(results)} of {len(results)} players are as they should be")
        return all(results)

    async def _get_tracks(self, count: int) -> list[Json]:
        """Return a different track for each player, so that they can't be confused."""
        tracks = await self.server.send_command("music/tracks/library_items", limit=count, offset=0)
        if len(tracks) < count:
            raise DevelopError(f"The demo library has only {len(tracks)} tracks")
        return [*tracks[:count]]

    async def _check_and_print(self, player: Json, track: Json) -> bool:
        """Check one player and print the result."""
        try:
            seen = await self._check_player(player, track)
        except DevelopError as err:
            print_progress(f"FAILED {player['name']}: {err}")
            return False
        print_progress(f"ok     {player['name']} ({self.entities[player['player_id']]}): {seen}")
        return True

    async def _check_player(self, player: Json, track: Json) -> str:
        entity_id = self.entities.get(player["player_id"])
        if not entity_id:
            raise DevelopError("Home Assistant has no media player for it")
        if not player["available"]:
            await self.states.wait_for_state(
                entity_id, "unavailable", _build_state_check("unavailable")
            )
            return "unavailable, as the server says"
        await self.states.wait_for_state(entity_id, "available", _is_available)
        if leader := player["synced_to"] or player["active_group"]:
            # What plays on it is its leader's; it is looked at when its leader is.
            return (
                f"{self.states.get(entity_id)['state']}, follows {self.names.get(leader, leader)}"
            )
        return await self._check_playback(player, entity_id, track)

    async def _check_playback(self, player: Json, entity_id: str, track: Json) -> str:
        """Play a track, check everything, stop it."""
        title: str = track["name"]
        await self.socket.call_action(
            "media_player",
            "play_media",
            entity_id,
            media_content_type="music",
            media_content_id=track["uri"],
        )
        state = await self.states.wait_for_state(
            entity_id, f"playing {title!r}", _build_title_check(title)
        )
        position = await self._check_position(player, state)
        artwork = await self._check_artwork(state)
        followers = await self._check_followers(player, title)
        await self.socket.call_action("media_player", "media_stop", entity_id)
        for each in (entity_id, *followers):
            await self.states.wait_for_state(each, "stopped", _build_state_check(*STOPPED_STATES))
        also = f", with {len(followers)} members" if followers else ""
        after = self.states.get(entity_id)["state"]
        return f"played {title!r}, at {position:.1f} s, artwork {artwork}{also}, then {after}"

    async def _check_position(self, player: Json, state: Json) -> float:
        """Return the position in Home Assistant after comparing it with the server's."""
        entity_id = state["entity_id"]
        if state["attributes"]["supported_features"] & FEATURE_SEEK:
            # At the start of a track a position that never moves would look right.
            await self.socket.call_action(
                "media_player", "media_seek", entity_id, seek_position=SEEK_POSITION
            )
            state = await self.states.wait_for_state(
                entity_id,
                f"at {SEEK_POSITION:g} s",
                lambda now: (_get_position(now) or 0) >= SEEK_POSITION,
            )
        shown = _get_position(state)
        real = await self.server.get_position(player["player_id"])
        if shown is None:
            raise DevelopError("there is no position")
        if abs(shown - real) > POSITION_TOLERANCE:
            raise DevelopError(f"the position is {shown:.1f} s, the server's is {real:.1f} s")
        return shown

    async def _check_artwork(self, state: Json) -> str:
        """Fetch the artwork through Home Assistant and decode it."""
        if not (path := state["attributes"].get("entity_picture")):
            raise DevelopError("there is no artwork")
        raw = await self.home.fetch_picture(path)
        try:
            with Image.open(io.BytesIO(raw)) as image:
                image.load()
                return f"{image.format} {image.width}x{image.height}"
        except (UnidentifiedImageError, OSError) as err:
            raise DevelopError(f"{len(raw)} bytes of artwork are no image: {err}") from err

    async def _check_followers(self, player: Json, title: str) -> list[str]:
        """Check that the members of a group play the same, and return them."""
        now = await self.server.send_command("players/get", player_id=player["player_id"])
        members = [
            entity_id
            for each in now["group_members"]
            if each != player["player_id"] and (entity_id := self.entities.get(each))
        ]
        audible = [each for each in members if _is_available(self.states.get(each))]
        for member in audible:
            await self.states.wait_for_state(
                member, f"playing {title!r} with its group", _build_title_check(title)
            )
        return audible


def _is_exposed(player: Json) -> bool:
    return bool(player.get("enabled", True) and player.get("expose_to_ha", True))


def _is_available(state: Json) -> bool:
    return state["state"] not in ("no state", "unavailable", "unknown")


def _build_state_check(*wanted: str) -> StateCheck:
    return lambda state: state["state"] in wanted


def _build_title_check(title: str) -> StateCheck:
    """Return whether a state plays this title with a position (a first state may have none)."""
    return lambda state: (
        state["state"] == "playing"
        and state["attributes"].get("media_title") == title
        and _get_position(state) is not None
    )


def _get_position(state: Json) -> float | None:
    """Return the current position of a state, computed like in Home Assistant's frontend."""
    attributes = state["attributes"]
    position: float | None = attributes.get("media_position")
    if position is None or not (stamp := attributes.get("media_position_updated_at")):
        return position
    since = dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(stamp)
    return position + since.total_seconds()
