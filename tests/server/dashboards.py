"""Commands for devices that show dashboards."""

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
    """Represent the devices and what they show; every change sends an event."""

    server: MassServer
    devices: dict[str, DashboardDevice] = field(default_factory=dict)
    sessions: dict[str, DashboardSession] = field(default_factory=dict)

    def add_device(self, device: DashboardDevice) -> None:
        """Add a device."""
        self.devices[device.dashboard_id] = device
        self.server.send_event(EventType.DASHBOARDS_UPDATED, data=list(self.devices.values()))

    def remove_device(self, dashboard_id: str) -> None:
        """Remove a device."""
        self.remove_session(dashboard_id)
        self.devices.pop(dashboard_id, None)
        self.server.send_event(EventType.DASHBOARDS_UPDATED, data=list(self.devices.values()))

    def add_session(self, session: DashboardSession) -> None:
        """Show a dashboard on a device."""
        self.sessions[session.dashboard_id] = session
        self.server.send_event(EventType.DASHBOARD_SHOW, session.dashboard_id, session)
        self._notify_sessions()

    def remove_session(self, dashboard_id: str) -> None:
        """Hide the dashboard of a device."""
        if self.sessions.pop(dashboard_id, None):
            self.server.send_event(EventType.DASHBOARD_HIDE, dashboard_id)
            self._notify_sessions()

    def _notify_sessions(self) -> None:
        self.server.send_event(
            EventType.DASHBOARD_SESSIONS_UPDATED, data=list(self.sessions.values())
        )


def list_devices(server: MassServer, _caller: Caller) -> list[DashboardDevice]:
    """Return the devices."""
    return list(server.dashboards.devices.values())


def list_sessions(server: MassServer, _caller: Caller) -> list[DashboardSession]:
    """Return what the devices show."""
    return list(server.dashboards.sessions.values())


def register_device(
    server: MassServer,
    _caller: Caller,
    dashboard_id: str,
    name: str,
    supported_types: list[DashboardType] | None = None,
    provider_domain_hint: str | None = None,
) -> None:
    """Register the client as a device; here it stays one after its connection ends."""
    if supported_types == []:
        raise InvalidDataError("supported_types may not be empty")
    kinds = set(supported_types or DashboardType) - {DashboardType.UNKNOWN}
    server.dashboards.add_device(DashboardDevice(dashboard_id, name, kinds, provider_domain_hint))


def remove_device(server: MassServer, _caller: Caller, dashboard_id: str) -> None:
    """Remove a device."""
    server.dashboards.remove_device(dashboard_id)


def show_dashboard(
    server: MassServer,
    _caller: Caller,
    dashboard_id: str,
    dashboard: DashboardType,
    player_id: str | None = None,
) -> None:
    """Show a dashboard on a device."""
    device = _get_device(server, dashboard_id)
    if dashboard not in device.supported_types:
        raise InvalidDataError(f"{device.name} can not show {dashboard}")
    _check_player(dashboard, player_id)
    server.dashboards.add_session(DashboardSession(dashboard_id, device.name, dashboard, player_id))


def remove_session(server: MassServer, _caller: Caller, dashboard_id: str) -> None:
    """Hide the dashboard of a device."""
    server.dashboards.remove_session(_get_device(server, dashboard_id).dashboard_id)


def get_url(
    server: MassServer,
    _caller: Caller,
    dashboard: DashboardType,
    player_id: str | None = None,
    prefer_local: bool = False,
) -> str:
    """Return the address of a dashboard."""
    _check_player(dashboard, player_id)
    return f"{server.base_url}/#/dashboard/{dashboard}/{player_id or ''}".rstrip("/")


def _get_device(server: MassServer, dashboard_id: str) -> DashboardDevice:
    if device := server.dashboards.devices.get(dashboard_id):
        return device
    raise InvalidDataError(f"Unknown dashboard {dashboard_id}")


def _check_player(dashboard: DashboardType, player_id: str | None) -> None:
    if dashboard is DashboardType.NOW_PLAYING and not player_id:
        raise InvalidDataError("player_id is required")


_INVITE = Scope.USERS_INVITE

COMMANDS = {
    "dashboard/dashboards": Command(list_devices, since=39),
    "dashboard/sessions": Command(list_sessions, since=39),
    "dashboard/register": Command(register_device, since=39),
    "dashboard/unregister": Command(remove_device, since=39),
    "dashboard/show": Command(show_dashboard, since=39, scope=_INVITE),
    "dashboard/hide": Command(remove_session, since=39, scope=_INVITE),
    "dashboard/get_url": Command(get_url, since=39, scope=_INVITE),
}
