"""Origin of a config entry."""

from typing import Final

from music_assistant_models.api import ServerInfoMessage
from yarl import URL

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_URL

from ..const import CONF_ORIGIN, ORIGIN_APP

# Port on which the app accepts its own user, unless its discovery info contains another one.
DEFAULT_APP_PORT: Final = 8094


def is_managed_by_app(
    entry: ConfigEntry, info: ServerInfoMessage | None, port: int = DEFAULT_APP_PORT
) -> bool:
    """Return whether an entry was created by the app's discovery, which then keeps it updated.

    An entry without an origin was created by the built-in integration. Then the app's own port
    (`port` if the discovery info contains it) is the sign, because no user enters that one.
    """
    if origin := entry.data.get(CONF_ORIGIN):
        return bool(origin == ORIGIN_APP)
    url = URL(entry.data[CONF_URL])
    on_app = info is not None and info.homeassistant_addon
    return on_app and (url.scheme, url.port) == ("http", port)
