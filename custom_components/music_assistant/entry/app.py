"""The Music Assistant app: its manager, and whether it runs."""

from typing import Final

from yarl import URL

from homeassistant.components.hassio import AddonManager, HassioNotReadyError, get_addons_info
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.hassio import is_hassio
from homeassistant.helpers.singleton import singleton

from ..const import DOMAIN, LOGGER
from ..server.errors import ServerProblem

APP_SLUG: Final = "d5369777_music_assistant"
# States of an app that doesn't accept connections.
_STOPPED_STATES: Final = frozenset({"stopped", "startup", "error"})
_CONNECTION_PROBLEMS: Final = frozenset(
    {"cannot_connect", "connection_refused", "timeout_connect", "unknown_host"}
)


@singleton(f"{DOMAIN}_app_manager")
@callback
def get_app_manager(hass: HomeAssistant) -> AddonManager:
    """Return the manager of the app; flows share it."""
    return AddonManager(hass, LOGGER, "Music Assistant", APP_SLUG)


@callback
def explain_problem(hass: HomeAssistant, url: URL, problem: ServerProblem) -> ServerProblem:
    """Return a problem that names the stopped app at the URL, else the problem as it is."""
    if problem.key in _CONNECTION_PROBLEMS and (name := _find_stopped_app(hass, url)):
        return ServerProblem("app_not_running", app=name)
    return problem


def _find_stopped_app(hass: HomeAssistant, url: URL) -> str | None:
    if not is_hassio(hass):
        return None
    try:
        apps = get_addons_info(hass).values()
    except HassioNotReadyError:
        return None
    for app in apps:
        if app and app["hostname"] == url.host and app["state"] in _STOPPED_STATES:
            return str(app["name"])
    return None
