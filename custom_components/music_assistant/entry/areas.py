"""Areas of new players."""

from collections.abc import Callable, Iterable

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import area_registry as ar, device_registry as dr


@callback
def async_track_new_devices(
    hass: HomeAssistant, entry: ConfigEntry
) -> Callable[[Iterable[str]], None]:
    """Return a callback that gives an area to the devices created since, by their keys.

    To be called when the entities of a device exist: with `suggested_area` Home Assistant would
    put the area into their ids ("media_player.kitchen_kitchen"), and create areas.
    """
    registry = dr.async_get(hass)
    known = {device.id for device in dr.async_entries_for_config_entry(registry, entry.entry_id)}

    @callback
    def assign_areas(keys: Iterable[str]) -> None:
        for key in keys:
            device = registry.async_get_device_by_identifier((entry.domain, key), entry.entry_id)
            if device is None or device.id in known:
                continue
            known.add(device.id)
            if device.area_id is None and (area := find_area(hass, device.name or "")):
                registry.async_update_device(device.id, area_id=area.id)

    return assign_areas


@callback
def find_area(hass: HomeAssistant, name: str) -> ar.AreaEntry | None:
    """Return the area whose name or alias is in the name of a device.

    If the name has several, it is the one whose text includes the others.
    """
    area_by_text = {
        text.strip().casefold(): area
        for area in ar.async_get(hass).async_list_areas()
        for text in (area.name, *area.aliases)
        if _contains_words(name, text)
    }
    longest = max(area_by_text, key=len, default="")
    is_clear = all(
        text in longest or area == area_by_text[longest] for text, area in area_by_text.items()
    )
    return area_by_text.get(longest) if is_clear else None


def _contains_words(text: str, words: str) -> bool:
    """Return whether a text contains words as a whole, in any case."""
    text, words = text.casefold(), words.strip().casefold()
    start = text.find(words) if words else -1
    while start >= 0:
        end = start + len(words)
        if not text[start - 1 : start].isalnum() and not text[end : end + 1].isalnum():
            return True
        start = text.find(words, start + 1)
    return False
