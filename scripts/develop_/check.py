"""scripts/develop --check: every player of the demo, played through Home Assistant."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
import datetime as dt
import io
from typing import Any

from PIL import Image, UnidentifiedImageError

from .base import DevelopError, say
from .dashboard import players_of
from .home import Home, Socket
from .server import Server

type Json = dict[str, Any]
type Wanted = Callable[[Json], bool]

# Seconds.
STATE_LIMIT = 15
POSITION_TOLERANCE = 2.0
SEEK_TO = 42.0
# MediaPlayerEntityFeature.SEEK, a part of Home Assistant's public API.
FEATURE_SEEK = 2
# What a stopped player may be: the second if its server switches it off.
STOPPED = ("idle", "off")
NO_STATE: Json = {"state": "no state", "attributes": {}}


class States:
    """Home Assistant's states, kept by its events."""

    def __init__(self) -> None:
        """Start without any; follow() fetches them."""
        self._states: dict[str, Json] = {}
        self._changed = asyncio.Event()

    async def follow(self, socket: Socket) -> None:
        """Listen to changes first, so that none is missed, then fetch what is there."""
        await socket.call("subscribe_events", event_type="state_changed", listener=self._take)
        for state in await socket.call("get_states"):
            self._states.setdefault(state["entity_id"], state)

    def get(self, entity_id: str) -> Json:
        """Return an entity's state object."""
        return self._states.get(entity_id, NO_STATE)

    async def until(self, entity_id: str, what: str, wanted: Wanted) -> Json:
        """Wait for a state and return it; DevelopError with the last one if it doesn't come."""
        try:
            async with asyncio.timeout(STATE_LIMIT):
                while not wanted(self.get(entity_id)):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            last = self.get(entity_id)
            raise DevelopError(
                f"{entity_id} was not seen {what} within {STATE_LIMIT} s. "
                f"Last: {last['state']} {last['attributes']}"
            ) from None
        return self.get(entity_id)

    def _take(self, event: Json) -> None:
        data = event["data"]
        self._states[data["entity_id"]] = data["new_state"] or NO_STATE
        self._changed.set()


@dataclass
class Check:
    """One run over all players."""

    home: Home
    socket: Socket
    server: Server
    states: States = field(default_factory=States)
    entities: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    async def run(self) -> bool:
        """Check every player, print a line for each, and tell whether all was right."""
        await self.states.follow(self.socket)
        players = [each for each in await self.server.command("players/all") if _exposed(each)]
        if not players:
            raise DevelopError("The demo server names no player for Home Assistant")
        self.entities = await players_of(self.socket)
        self.names = {player["player_id"]: player["name"] for player in players}
        tracks = await self._tracks(len(players))
        results = [
            await self._report(player, track) for player, track in zip(players, tracks, strict=True)
        ]
        say(f"{sum(results)} of {len(results)} players are as they should be")
        return all(results)

    async def _tracks(self, count: int) -> list[Json]:
        """Return a different track for each player, so that none is taken for another's."""
        tracks = await self.server.command("music/tracks/library_items", limit=count, offset=0)
        if len(tracks) < count:
            raise DevelopError(f"The demo library has only {len(tracks)} tracks")
        return [*tracks[:count]]

    async def _report(self, player: Json, track: Json) -> bool:
        """Check one player and print what was seen of it."""
        try:
            seen = await self._check(player, track)
        except DevelopError as err:
            say(f"FAILED {player['name']}: {err}")
            return False
        say(f"ok     {player['name']} ({self.entities[player['player_id']]}): {seen}")
        return True

    async def _check(self, player: Json, track: Json) -> str:
        entity_id = self.entities.get(player["player_id"])
        if not entity_id:
            raise DevelopError("Home Assistant has no media player for it")
        if not player["available"]:
            await self.states.until(entity_id, "unavailable", _is("unavailable"))
            return "unavailable, as the server says"
        await self.states.until(entity_id, "available", _available)
        if leader := player["synced_to"] or player["active_group"]:
            # What plays on it is its leader's; it is looked at when its leader is.
            return (
                f"{self.states.get(entity_id)['state']}, follows {self.names.get(leader, leader)}"
            )
        return await self._play(player, entity_id, track)

    async def _play(self, player: Json, entity_id: str, track: Json) -> str:
        """Play a track, look at everything, stop it again."""
        title: str = track["name"]
        await self.socket.action(
            "media_player",
            "play_media",
            entity_id,
            media_content_type="music",
            media_content_id=track["uri"],
        )
        state = await self.states.until(entity_id, f"playing {title!r}", _plays(title))
        position = await self._position(player, state)
        artwork = await self._artwork(state)
        followers = await self._followers(player, title)
        await self.socket.action("media_player", "media_stop", entity_id)
        for each in (entity_id, *followers):
            await self.states.until(each, "stopped", _is(*STOPPED))
        also = f", with {len(followers)} members" if followers else ""
        after = self.states.get(entity_id)["state"]
        return f"played {title!r}, at {position:.1f} s, artwork {artwork}{also}, then {after}"

    async def _position(self, player: Json, state: Json) -> float:
        """Return the position by Home Assistant; it has to be the server's."""
        entity_id = state["entity_id"]
        if state["attributes"]["supported_features"] & FEATURE_SEEK:
            # At the start of a track a position that never moves would look right.
            await self.socket.action("media_player", "media_seek", entity_id, seek_position=SEEK_TO)
            state = await self.states.until(
                entity_id, f"at {SEEK_TO:g} s", lambda now: (_position(now) or 0) >= SEEK_TO
            )
        shown = _position(state)
        real = await self.server.position(player["player_id"])
        if shown is None:
            raise DevelopError("there is no position")
        if abs(shown - real) > POSITION_TOLERANCE:
            raise DevelopError(f"the position is {shown:.1f} s, the server's is {real:.1f} s")
        return shown

    async def _artwork(self, state: Json) -> str:
        """Fetch the artwork through Home Assistant and decode it."""
        if not (path := state["attributes"].get("entity_picture")):
            raise DevelopError("there is no artwork")
        raw = await self.home.picture(path)
        try:
            with Image.open(io.BytesIO(raw)) as image:
                image.load()
                return f"{image.format} {image.width}x{image.height}"
        except (UnidentifiedImageError, OSError) as err:
            raise DevelopError(f"{len(raw)} bytes of artwork are no image: {err}") from err

    async def _followers(self, player: Json, title: str) -> list[str]:
        """See the members of a group play what their leader does, and return them."""
        now = await self.server.command("players/get", player_id=player["player_id"])
        members = [
            entity_id
            for each in now["group_members"]
            if each != player["player_id"] and (entity_id := self.entities.get(each))
        ]
        audible = [each for each in members if _available(self.states.get(each))]
        for member in audible:
            await self.states.until(member, f"playing {title!r} with its group", _plays(title))
        return audible


def _exposed(player: Json) -> bool:
    return bool(player.get("enabled", True) and player.get("expose_to_ha", True))


def _available(state: Json) -> bool:
    return state["state"] not in ("no state", "unavailable", "unknown")


def _is(*wanted: str) -> Wanted:
    return lambda state: state["state"] in wanted


def _plays(title: str) -> Wanted:
    """Playing this title, with all that comes with it (a first state may be without)."""
    return lambda state: (
        state["state"] == "playing"
        and state["attributes"].get("media_title") == title
        and _position(state) is not None
    )


def _position(state: Json) -> float | None:
    """Return where a playing state is now, reckoned as Home Assistant's frontend does."""
    attributes = state["attributes"]
    position: float | None = attributes.get("media_position")
    if position is None or not (stamp := attributes.get("media_position_updated_at")):
        return position
    since = dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(stamp)
    return position + since.total_seconds()
