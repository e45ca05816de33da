"""Music Assistant as a Home Assistant app: who manages it, and whether it runs."""

from typing import Final

from yarl import URL

from homeassistant.components.hassio import AddonManager, HassioNotReadyError, get_addons_info
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.hassio import is_hassio
from homeassistant.helpers.singleton import singleton

from ..const import DOMAIN, LOGGER
from ..server.errors import ServerProblem

APP_SLUG: Final = "d5369777_music_assistant"
# What the Supervisor says of an app that can't answer.
_DOWN: Final = frozenset({"stopped", "startup", "error"})
_SILENT: Final = frozenset(
    {"cannot_connect", "connection_refused", "timeout_connect", "unknown_host"}
)


@singleton(f"{DOMAIN}_app_manager")
@callback
def app_manager(hass: HomeAssistant) -> AddonManager:
    """Return the one manager of the app."""
    return AddonManager(hass, LOGGER, "Music Assistant", APP_SLUG)


@callback
def explained(hass: HomeAssistant, url: URL, problem: ServerProblem) -> ServerProblem:
    """Return why nothing answers at an address, if the Supervisor knows it: its app is down."""
    if problem.key in _SILENT and (name := _stopped_app(hass, url)):
        return ServerProblem("app_not_running", app=name)
    return problem


def _stopped_app(hass: HomeAssistant, url: URL) -> str | None:
    if not is_hassio(hass):
        return None
    try:
        apps = get_addons_info(hass).values()
    except HassioNotReadyError:
        return None
    for app in apps:
        if app and app["hostname"] == url.host and app["state"] in _DOWN:
            return str(app["name"])
    return None
