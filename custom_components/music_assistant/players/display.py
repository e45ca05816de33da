"""What a display is to Home Assistant: a screen that shows a dashboard of the server's. Pure."""

from collections.abc import Container
from dataclasses import dataclass, replace
from typing import Final

from music_assistant_models.dashboard import DashboardDevice, DashboardSession
from music_assistant_models.enums import DashboardType

from ..const import DASHBOARD_PREFIX
from ..server.errors import invalid
from .snapshot import Device, PlayerSnapshot

# The kind of media that a display takes; its content ids are `party`, `now_playing/kitchen`, ...
CONTENT_TYPE: Final = "dashboard"
# The dashboard that is about one player. The others have a provider's name, and its icon.
OF_PLAYER: Final = DashboardType.NOW_PLAYING
UNKNOWN: Final = DashboardType.UNKNOWN
_MANUFACTURER: Final = "Music Assistant"
_MODEL: Final = "Dashboard display"
# What stands for the player in a content id that is given as an example.
_ANY_PLAYER: Final = "<player_id>"


@dataclass(frozen=True, slots=True)
class DisplaySnapshot:
    """A display in Home Assistant's terms, but with Music Assistant's ids.

    `types` are the dashboards that it can show, `shown` the one that it shows, and `player` the
    one that this is about. `image` is the address of that player's picture as the server gave
    it. `built_from` names the players and queues that went into it.
    """

    dashboard_id: str
    device: Device
    types: tuple[DashboardType, ...]
    shown: DashboardType | None
    player_id: str | None
    player_name: str | None
    image: str | None
    built_from: tuple[str, ...]
    available: bool = True

    @property
    def key(self) -> str:
        """Return the id of its device and entity, which can't be a player's."""
        return key_of(self.dashboard_id)

    @property
    def content_id(self) -> str | None:
        """Return what it shows, as it would be asked for."""
        return None if self.shown is None else content_id(self.shown, self.player_id or "")

    def away(self) -> DisplaySnapshot:
        """Return the same display, but not there."""
        return replace(self, available=False)


def key_of(dashboard_id: str) -> str:
    """Return the key of a display: a display may bear the id of a player."""
    return f"{DASHBOARD_PREFIX}{dashboard_id}"


def content_id(dashboard: DashboardType, player_id: str = "") -> str:
    """Return how a dashboard is asked for."""
    return f"{dashboard.value}/{player_id}" if dashboard is OF_PLAYER else dashboard.value


def split(content: str) -> tuple[DashboardType, str]:
    """Return the dashboard and the player of a content id, the reverse of `content_id`."""
    name, slash, player_id = content.partition("/")
    dashboard = DashboardType(name)
    belongs = bool(slash) is (dashboard is OF_PLAYER)
    return (dashboard, player_id) if belongs else (UNKNOWN, "")


def player_of(session: DashboardSession | None) -> str | None:
    """Return the id of the player that a display shows, if it shows one."""
    return session.player_id if session and session.dashboard is OF_PLAYER else None


def display_snapshot(
    device: DashboardDevice, session: DashboardSession | None, player: PlayerSnapshot | None
) -> DisplaySnapshot:
    """Return what a display is now. `player` is the one that its session is about."""
    player_id = player_of(session)
    return DisplaySnapshot(
        dashboard_id=device.dashboard_id,
        device=Device(device.name, _MODEL, _MANUFACTURER, None),
        types=_in_order(device.supported_types),
        shown=session.dashboard if session else None,
        player_id=player_id,
        player_name=player.device.name if player else player_id,
        image=player.media.image if player else None,
        built_from=player.built_from if player else tuple(filter(None, (player_id,))),
    )


def _in_order(types: Container[DashboardType]) -> tuple[DashboardType, ...]:
    """Return the known ones in the order in which they are browsed: the folder last."""
    known = [one for one in DashboardType if one in types and one is not UNKNOWN]
    return tuple(sorted(known, key=lambda one: one is OF_PLAYER))


def asked_for(
    display: DisplaySnapshot, kind: str, content: str, players: Container[str]
) -> tuple[DashboardType, str | None]:
    """Return the dashboard that a display shall show, and its player; refuse what can't be.

    `kind` and `content` are the media's type and id, `players` the ids that there are.
    """
    if kind != CONTENT_TYPE:
        raise invalid("dashboard_invalid_media_type", expected=CONTENT_TYPE, media_type=kind)
    if not display.available:
        raise invalid("dashboard_display_not_available", display=display.device.name)
    dashboard, player_id = split(content)
    _check_shows(display, dashboard, content)
    if dashboard is OF_PLAYER and player_id not in players:
        raise invalid("dashboard_player_not_available", player_id=player_id)
    return dashboard, player_id or None


def _check_shows(display: DisplaySnapshot, dashboard: DashboardType, content: str) -> None:
    """Refuse what no display shows, and what this one doesn't, with what could be asked for."""
    if content == OF_PLAYER:
        expected = content_id(OF_PLAYER, _ANY_PLAYER)
        raise invalid("dashboard_now_playing_requires_player", dashboard=content, expected=expected)
    if dashboard in display.types:
        return
    valid_ids = ", ".join(sorted(content_id(one, _ANY_PLAYER) for one in display.types))
    if dashboard is UNKNOWN:
        raise invalid("dashboard_unknown_type", dashboard=content, valid_ids=valid_ids)
    raise invalid(
        "dashboard_type_not_supported",
        display=display.device.name,
        dashboard=dashboard.value,
        valid_ids=valid_ids,
    )
