"""Where an entry came from, and what it follows because of that."""

from typing import Final

from music_assistant_models.api import ServerInfoMessage
from yarl import URL

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_URL

from ..const import CONF_ORIGIN, ORIGIN_APP

# The port on which the Home Assistant app lets its own user in, unless its discovery says more.
APP_PORT: Final = 8094


def follows_app(entry: ConfigEntry, info: ServerInfoMessage | None, port: int = APP_PORT) -> bool:
    """Tell whether an entry was made by the Home Assistant app's discovery, and so follows it.

    An entry that doesn't say where it came from was made by the built-in integration. The
    app's own port (`port`, if its discovery names it) tells then: nobody types that one.
    """
    if origin := entry.data.get(CONF_ORIGIN):
        return bool(origin == ORIGIN_APP)
    url = URL(entry.data[CONF_URL])
    on_app = info is not None and info.homeassistant_addon
    return on_app and (url.scheme, url.port) == ("http", port)
