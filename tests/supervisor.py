"""A Supervisor with one app, as far as that app's set-up asks for it."""

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

from .answering import answering
from .server import MassServer

_TEXTS: Final = {
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
_FLAGS: Final = (
    *("advanced", "build", "icon", "logo", "update_available", "documentation", "auth_api"),
    *("docker_api", "full_access", "homeassistant_api", "host_network", "host_pid", "ingress"),
    *("signed", "hassio_api", "detached", "protected", "host_ipc", "host_uts", "host_dbus"),
    *("changelog", "stdin", "gpio", "usb", "uart", "kernel_modules", "devicetree", "udev"),
    *("video", "audio", "auto_update", "watchdog", "system_managed"),
)
_NOTHING: Final = (
    *("homeassistant", "url", "version", "long_description", "schema", "network"),
    *("network_description", "webui", "ingress_entry", "ingress_url", "ingress_port"),
    *("ingress_panel", "audio_input", "audio_output", "system_managed_config_entry"),
)
_LISTS: Final = ("arch", "dns", "machine", "privileged", "services", "discovery", "devices")


@dataclass
class Supervisor:
    """What it has, and what it was asked for."""

    app: MassServer
    token: str = ""
    state: str | None = None  # of the app; None before it is installed
    announces: bool = True
    refuses: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    looks: int = 0  # at what announced itself

    def info(self) -> dict[str, Any]:
        """Return what it says of the app."""
        return {
            **dict.fromkeys(_FLAGS, False),
            **dict.fromkeys(_NOTHING),
            **{name: [] for name in _LISTS},
            **_TEXTS,
            "available": True,
            "hostname": self.app.host,
            "installed": self.state is not None,
            "options": {},
            "rating": 6,
            "state": self.state or "unknown",
            "translations": {},
        }

    def _announced(self) -> dict[str, Any]:
        config = {"host": self.app.host, "port": self.app.port, "auth_token": self.token}
        one = {"addon": APP_SLUG, "service": "music_assistant", "config": config}
        known = self.announces and self.state == "started"
        return {"discovery": [{**one, "uuid": uuid4().hex}] if known else []}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        what = request.path.rpartition("/")[2]
        if what in self.refuses:
            return web.json_response({"result": "error", "message": f"{what} failed"}, status=400)
        if request.method == "POST":
            self.asked.append(what)
            self.state = {"install": "stopped", "start": "started"}[what]
        self.looks += what == "discovery"
        data = self._announced() if what == "discovery" else self.info()
        return web.json_response({"result": "ok", "data": data})


@asynccontextmanager
async def supervised(hass: HomeAssistant, supervisor: Supervisor) -> AsyncIterator[None]:
    """Let Home Assistant run under a Supervisor."""
    async with answering(supervisor.answer) as url:
        address = url.removeprefix("http://")
        hass.data[DATA_COMPONENT] = HassIO(hass.loop, async_get_clientsession(hass), address)
        hass.config.components.add("hassio")
        yield


def tell_state(hass: HomeAssistant, supervisor: Supervisor) -> None:
    """Let Home Assistant know what the Supervisor says of the app."""
    apps: dict[str, InstalledAddonComplete | None] = {
        APP_SLUG: InstalledAddonComplete.from_dict(supervisor.info())
    }
    hass.data[DATA_ADDONS_INFO] = apps
