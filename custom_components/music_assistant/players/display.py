"""Display snapshots: screens that show a dashboard of the server."""

from collections.abc import Container
from dataclasses import dataclass, replace
from typing import Final

from music_assistant_models.dashboard import DashboardDevice, DashboardSession
from music_assistant_models.enums import DashboardType

from ..const import DASHBOARD_PREFIX
from ..server.errors import build_validation_error
from ..server.limits import shorten_name
from .snapshot import Device, PlayerSnapshot

# The media type of displays; content ids are `party`, `now_playing/<player id>`, ...
CONTENT_TYPE: Final = "dashboard"
# The dashboard of one player. The others have the name and icon of a provider.
PLAYER_DASHBOARD: Final = DashboardType.NOW_PLAYING
UNKNOWN_DASHBOARD: Final = DashboardType.UNKNOWN
_MANUFACTURER: Final = "Music Assistant"
_MODEL: Final = "Dashboard display"
# Placeholder for the player id in the content ids of error messages.
_EXAMPLE_PLAYER_ID: Final = "<player_id>"


@dataclass(frozen=True, slots=True)
class DisplaySnapshot:
    """Represent a display in the terms of Home Assistant, with the ids of Music Assistant.

    `dashboard` is the dashboard that is displayed, and the player is the one whose dashboard it
    is; `image` is the URL of the player's image that the server sent. `dependencies` are the ids
    of the players and queues that the snapshot was built from.
    """

    dashboard_id: str
    device: Device
    supported_types: tuple[DashboardType, ...]
    dashboard: DashboardType | None
    player_id: str | None
    player_name: str | None
    image: str | None
    dependencies: tuple[str, ...]
    available: bool = True

    @property
    def key(self) -> str:
        """Return the key of the display in ids of devices and entities."""
        return get_display_key(self.dashboard_id)

    @property
    def media_content_id(self) -> str | None:
        """Return the content id of the dashboard that is displayed."""
        return (
            None
            if self.dashboard is None
            else build_content_id(self.dashboard, self.player_id or "")
        )

    def as_unavailable(self) -> DisplaySnapshot:
        """Return the snapshot of the display as unavailable."""
        return replace(self, available=False)


def get_display_key(dashboard_id: str) -> str:
    """Return the key of a display, with a prefix because a player may have the same id."""
    return f"{DASHBOARD_PREFIX}{dashboard_id}"


def build_content_id(dashboard: DashboardType, player_id: str = "") -> str:
    """Return the content id of a dashboard."""
    return f"{dashboard.value}/{player_id}" if dashboard is PLAYER_DASHBOARD else dashboard.value


def parse_content_id(content_id: str) -> tuple[DashboardType, str]:
    """Return the dashboard and the player id of a content id, UNKNOWN_DASHBOARD if invalid."""
    name, slash, player_id = content_id.partition("/")
    dashboard = DashboardType(name)
    is_valid = bool(slash) is (dashboard is PLAYER_DASHBOARD)
    return (dashboard, player_id) if is_valid else (UNKNOWN_DASHBOARD, "")


def get_session_player_id(session: DashboardSession | None) -> str | None:
    """Return the id of the player whose dashboard is displayed, if any."""
    return session.player_id if session and session.dashboard is PLAYER_DASHBOARD else None


def build_display_snapshot(
    device: DashboardDevice, session: DashboardSession | None, player: PlayerSnapshot | None
) -> DisplaySnapshot:
    """Return the snapshot of a display; `player` is the one of its session."""
    player_id = get_session_player_id(session)
    return DisplaySnapshot(
        dashboard_id=device.dashboard_id,
        device=Device(shorten_name(device.name), _MODEL, _MANUFACTURER, None),
        supported_types=_sort_dashboard_types(device.supported_types),
        dashboard=session.dashboard if session else None,
        player_id=player_id,
        player_name=player.device.name if player else player_id,
        image=player.media.image if player else None,
        dependencies=player.dependencies if player else tuple(filter(None, (player_id,))),
    )


def _sort_dashboard_types(types: Container[DashboardType]) -> tuple[DashboardType, ...]:
    """Return the known types in the order for browsing: the one with players is last."""
    known_types = [
        type_ for type_ in DashboardType if type_ in types and type_ is not UNKNOWN_DASHBOARD
    ]
    return tuple(sorted(known_types, key=lambda type_: type_ is PLAYER_DASHBOARD))


def resolve_dashboard(
    display: DisplaySnapshot, media_type: str, content_id: str, player_ids: Container[str]
) -> tuple[DashboardType, str | None]:
    """Return the dashboard and the player id of media that is to be displayed.

    Raise ServiceValidationError if the display can't show it.
    """
    if media_type != CONTENT_TYPE:
        raise build_validation_error(
            "dashboard_invalid_media_type", expected=CONTENT_TYPE, media_type=media_type
        )
    if not display.available:
        raise build_validation_error("dashboard_display_not_available", display=display.device.name)
    dashboard, player_id = parse_content_id(content_id)
    _check_supported(display, dashboard, content_id)
    if dashboard is PLAYER_DASHBOARD and player_id not in player_ids:
        raise build_validation_error("dashboard_player_not_available", player_id=player_id)
    return dashboard, player_id or None


def _check_supported(display: DisplaySnapshot, dashboard: DashboardType, content_id: str) -> None:
    """Raise ServiceValidationError with the valid content ids if a dashboard isn't supported."""
    if content_id == PLAYER_DASHBOARD:
        expected = build_content_id(PLAYER_DASHBOARD, _EXAMPLE_PLAYER_ID)
        raise build_validation_error(
            "dashboard_now_playing_requires_player", dashboard=content_id, expected=expected
        )
    if dashboard in display.supported_types:
        return
    valid_ids = ", ".join(
        sorted(build_content_id(type_, _EXAMPLE_PLAYER_ID) for type_ in display.supported_types)
    )
    if dashboard is UNKNOWN_DASHBOARD:
        raise build_validation_error(
            "dashboard_unknown_type", dashboard=content_id, valid_ids=valid_ids
        )
    raise build_validation_error(
        "dashboard_type_not_supported",
        display=display.device.name,
        dashboard=dashboard.value,
        valid_ids=valid_ids,
    )
