"""Card and dashboard strategy for Home Assistant's front end.

The files in `dist` are built from `frontend/` in the root of the repository.
"""

import hashlib
from pathlib import Path
from typing import Final

from homeassistant.components.frontend import (
    DATA_EXTRA_MODULE_URL,
    add_extra_js_url,
    remove_extra_js_url,
)
from homeassistant.components.http import StaticPathConfig
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN

FILES: Final = Path(__file__).parent / "dist"
SCRIPT: Final = "music-assistant.js"
URL_PATH: Final = f"/{DOMAIN}_frontend"

# The URL of the script, with a hash of its contents.
DATA_SCRIPT_URL: Final[HassKey[str]] = HassKey(f"{DOMAIN}_script_url")


async def async_register_files(hass: HomeAssistant) -> None:
    """Serve the files; call it once, because a static path can't be removed."""
    contents = await hass.async_add_executor_job((FILES / SCRIPT).read_bytes)
    digest = hashlib.sha256(contents).hexdigest()[:12]
    hass.data[DATA_SCRIPT_URL] = f"{URL_PATH}/{SCRIPT}?{digest}"
    await hass.http.async_register_static_paths(
        [StaticPathConfig(URL_PATH, str(FILES), cache_headers=True)]
    )


@callback
def async_add_script(hass: HomeAssistant) -> None:
    """Add the script to the pages of the front end, if there is one."""
    url = hass.data[DATA_SCRIPT_URL]
    if (manager := hass.data.get(DATA_EXTRA_MODULE_URL)) and url not in manager.urls:
        add_extra_js_url(hass, url)


@callback
def async_remove_script(hass: HomeAssistant) -> None:
    """Remove the script from the pages of the front end."""
    url = hass.data.get(DATA_SCRIPT_URL)  # not there while no entry was ever set up
    if url and (manager := hass.data.get(DATA_EXTRA_MODULE_URL)) and url in manager.urls:
        remove_extra_js_url(hass, url)
