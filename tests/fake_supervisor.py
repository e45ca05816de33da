"""A fake Supervisor with one app, as far as the app's set-up needs it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

from aiohasupervisor.models import InstalledAddonComplete
from aiohttp import web

from custom_components.music_assistant.entry.app import APP_SLUG
from homeassistant.components.hassio.const import DATA_ADDONS_INFO, DATA_COMPONENT
from homeassistant.components.hassio.handler import HassIO
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .http_servers import run_http_server
from .server import MassServer

_STRING_FIELDS: Final = {
    "apparmor": "default",
    "boot": "auto",
    "boot_config": "auto",
    "description": "Plays music",
    "hassio_role": "default",
    "ip_address": "172.30.33.5",
    "name": "Music Assistant",
    "repository": "d5369777",
    "slug": APP_SLUG,
    "stage": "stable",
    "startup": "application",
    "version_latest": "2.9.0",
}
_BOOLEAN_FIELDS: Final = (
    *("advanced", "build", "icon", "logo", "update_available", "documentation", "auth_api"),
    *("docker_api", "full_access", "homeassistant_api", "host_network", "host_pid", "ingress"),
    *("signed", "hassio_api", "detached", "protected", "host_ipc", "host_uts", "host_dbus"),
    *("changelog", "stdin", "gpio", "usb", "uart", "kernel_modules", "devicetree", "udev"),
    *("video", "audio", "auto_update", "watchdog", "system_managed"),
)
_EMPTY_FIELDS: Final = (
    *("homeassistant", "url", "version", "long_description", "schema", "network"),
    *("network_description", "webui", "ingress_entry", "ingress_url", "ingress_port"),
    *("ingress_panel", "audio_input", "audio_output", "system_managed_config_entry"),
)
_LIST_FIELDS: Final = ("arch", "dns", "machine", "privileged", "services", "discovery", "devices")


@dataclass
class FakeSupervisor:
    """Represent a Supervisor and the requests that it received."""

    app: MassServer
    token: str = ""
    state: str | None = None  # of the app; None before it is installed
    has_discovery: bool = True
    failing_requests: set[str] = field(default_factory=set)
    requested_actions: list[str] = field(default_factory=list)
    discovery_requests: int = 0  # at what announced itself

    def get_app_info(self) -> dict[str, Any]:
        """Return the information about the app."""
        return {
            **dict.fromkeys(_BOOLEAN_FIELDS, False),
            **dict.fromkeys(_EMPTY_FIELDS),
            **{name: [] for name in _LIST_FIELDS},
            **_STRING_FIELDS,
            "available": True,
            "hostname": self.app.host,
            "installed": self.state is not None,
            "options": {},
            "rating": 6,
            "state": self.state or "unknown",
            "translations": {},
        }

    def _get_discovery(self) -> dict[str, Any]:
        config = {"host": self.app.host, "port": self.app.port, "auth_token": self.token}
        one = {"addon": APP_SLUG, "service": "music_assistant", "config": config}
        known = self.has_discovery and self.state == "started"
        return {"discovery": [{**one, "uuid": uuid4().hex}] if known else []}

    async def handle_request(self, request: web.Request) -> web.StreamResponse:
        """Handle a request."""
        what = request.path.rpartition("/")[2]
        if what in self.failing_requests:
            return web.json_response({"result": "error", "message": f"{what} failed"}, status=400)
        if request.method == "POST":
            self.requested_actions.append(what)
            self.state = {"install": "stopped", "start": "started"}[what]
        self.discovery_requests += what == "discovery"
        data = self._get_discovery() if what == "discovery" else self.get_app_info()
        return web.json_response({"result": "ok", "data": data})


@asynccontextmanager
async def run_supervisor(hass: HomeAssistant, supervisor: FakeSupervisor) -> AsyncIterator[None]:
    """Let Home Assistant run under a Supervisor."""
    async with run_http_server(supervisor.handle_request) as url:
        address = url.removeprefix("http://")
        hass.data[DATA_COMPONENT] = HassIO(hass.loop, async_get_clientsession(hass), address)
        hass.config.components.add("hassio")
        yield


def update_app_state(hass: HomeAssistant, supervisor: FakeSupervisor) -> None:
    """Update what Home Assistant knows about the app."""
    apps: dict[str, InstalledAddonComplete | None] = {
        APP_SLUG: InstalledAddonComplete.from_dict(supervisor.get_app_info())
    }
    hass.data[DATA_ADDONS_INFO] = apps
