"""Commands about screens that show dashboards."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from music_assistant_models.auth import Scope
from music_assistant_models.dashboard import DashboardDevice, DashboardSession
from music_assistant_models.enums import DashboardType, EventType
from music_assistant_models.errors import InvalidDataError

from .commands import Caller, Command

if TYPE_CHECKING:
    from .server import MassServer


@dataclass
class Dashboards:
    """The screens, and what they show; every change is told."""

    server: MassServer
    devices: dict[str, DashboardDevice] = field(default_factory=dict)
    sessions: dict[str, DashboardSession] = field(default_factory=dict)

    def add(self, device: DashboardDevice) -> None:
        """Know a screen."""
        self.devices[device.dashboard_id] = device
        self.server.signal(EventType.DASHBOARDS_UPDATED, data=list(self.devices.values()))

    def remove(self, dashboard_id: str) -> None:
        """Forget a screen."""
        self.hide(dashboard_id)
        self.devices.pop(dashboard_id, None)
        self.server.signal(EventType.DASHBOARDS_UPDATED, data=list(self.devices.values()))

    def show(self, session: DashboardSession) -> None:
        """Let a screen show something."""
        self.sessions[session.dashboard_id] = session
        self.server.signal(EventType.DASHBOARD_SHOW, session.dashboard_id, session)
        self._tell_sessions()

    def hide(self, dashboard_id: str) -> None:
        """Let a screen go dark."""
        if self.sessions.pop(dashboard_id, None):
            self.server.signal(EventType.DASHBOARD_HIDE, dashboard_id)
            self._tell_sessions()

    def _tell_sessions(self) -> None:
        self.server.signal(EventType.DASHBOARD_SESSIONS_UPDATED, data=list(self.sessions.values()))


def devices(server: MassServer, _caller: Caller) -> list[DashboardDevice]:
    """Return the screens."""
    return list(server.dashboards.devices.values())


def sessions(server: MassServer, _caller: Caller) -> list[DashboardSession]:
    """Return what the screens show."""
    return list(server.dashboards.sessions.values())


def register(
    server: MassServer,
    _caller: Caller,
    dashboard_id: str,
    name: str,
    supported_types: list[DashboardType] | None = None,
    provider_domain_hint: str | None = None,
) -> None:
    """Make the client a screen; here it stays one after its connection ends."""
    if supported_types == []:
        raise InvalidDataError("supported_types may not be empty")
    kinds = set(supported_types or DashboardType) - {DashboardType.UNKNOWN}
    server.dashboards.add(DashboardDevice(dashboard_id, name, kinds, provider_domain_hint))


def unregister(server: MassServer, _caller: Caller, dashboard_id: str) -> None:
    """Forget a screen."""
    server.dashboards.remove(dashboard_id)


def show(
    server: MassServer,
    _caller: Caller,
    dashboard_id: str,
    dashboard: DashboardType,
    player_id: str | None = None,
) -> None:
    """Let a screen show something."""
    device = _device(server, dashboard_id)
    if dashboard not in device.supported_types:
        raise InvalidDataError(f"{device.name} can not show {dashboard}")
    _check_player(dashboard, player_id)
    server.dashboards.show(DashboardSession(dashboard_id, device.name, dashboard, player_id))


def hide(server: MassServer, _caller: Caller, dashboard_id: str) -> None:
    """Let a screen go dark."""
    server.dashboards.hide(_device(server, dashboard_id).dashboard_id)


def get_url(
    server: MassServer,
    _caller: Caller,
    dashboard: DashboardType,
    player_id: str | None = None,
    prefer_local: bool = False,
) -> str:
    """Return where a dashboard is."""
    _check_player(dashboard, player_id)
    return f"{server.base_url}/#/dashboard/{dashboard}/{player_id or ''}".rstrip("/")


def _device(server: MassServer, dashboard_id: str) -> DashboardDevice:
    if device := server.dashboards.devices.get(dashboard_id):
        return device
    raise InvalidDataError(f"Unknown dashboard {dashboard_id}")


def _check_player(dashboard: DashboardType, player_id: str | None) -> None:
    if dashboard is DashboardType.NOW_PLAYING and not player_id:
        raise InvalidDataError("player_id is required")


_INVITE = Scope.USERS_INVITE

COMMANDS = {
    "dashboard/dashboards": Command(devices, since=39),
    "dashboard/sessions": Command(sessions, since=39),
    "dashboard/register": Command(register, since=39),
    "dashboard/unregister": Command(unregister, since=39),
    "dashboard/show": Command(show, since=39, scope=_INVITE),
    "dashboard/hide": Command(hide, since=39, scope=_INVITE),
    "dashboard/get_url": Command(get_url, since=39, scope=_INVITE),
}
