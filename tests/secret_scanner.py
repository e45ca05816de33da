"""Search for secrets in everything that users can see: logs, states, flows, diagnostics."""

from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
import logging
from typing import Any, Final, Self, override
from unittest.mock import patch

import probatio

from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.diagnostics import async_get_config_entry_diagnostics
from homeassistant.components.persistent_notification import DOMAIN as NOTIFICATIONS
from homeassistant.components.trace.const import DATA_TRACE
from homeassistant.const import EVENT_STATE_CHANGED, MATCH_ALL
from homeassistant.core import Event, HomeAssistant, State, callback
from homeassistant.data_entry_flow import FlowManager
from homeassistant.helpers import (
    config_validation as cv,
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)

# Whose lines no log of a house has: the tests' stand-in for the disk, where an entry's data
# belongs; and who opened which page, which Home Assistant's start turns off.
IGNORED_LOGGERS: Final = frozenset(
    {"pytest_homeassistant_custom_component.common", "aiohttp.access"}
)
# What a flow's result holds beside what is shown: its entry may well keep a token.
_INTERNAL_RESULT_KEYS: Final = frozenset({"data", "result"})


class SecretScanner(logging.Handler):
    """Record what can be seen, and search it and the current data for secrets."""

    def __init__(self, secrets: Collection[str]) -> None:
        """Initialize the scanner; the collection of secrets may still grow."""
        super().__init__(logging.NOTSET)
        self.secrets = secrets
        self.lines: list[str] = []
        self.results: list[str] = []
        self.events: list[Any] = []

    @contextmanager
    def record(self, hass: HomeAssistant | None) -> Generator[Self]:
        """Record logs, events and flow results for the length of a block."""
        logging.getLogger().addHandler(self)
        remove = hass.bus.async_listen(MATCH_ALL, self._handle_event) if hass else lambda: None
        try:
            with patch.object(FlowManager, "_async_handle_step", self._record_flow_steps()):
                yield self
        finally:
            remove()
            logging.getLogger().removeHandler(self)

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if record.name not in IGNORED_LOGGERS:
            self.lines.append(self.format(record))

    @callback
    def _handle_event(self, event: Event[Any]) -> None:
        changed = event.event_type == EVENT_STATE_CHANGED
        self.events.append(event.data["new_state"] if changed else event.data)

    def _record_flow_steps(self) -> Callable[..., Any]:
        handle = FlowManager._async_handle_step

        async def handle_step(manager: Any, *args: Any) -> Any:
            result = await handle(manager, *args)
            shown = {key: result[key] for key in result if key not in _INTERNAL_RESULT_KEYS}
            if schema := result.get("data_schema"):
                shown["data_schema"] = probatio.to_field_list(
                    schema, custom_serializer=cv.custom_serializer
                )
            self.results.append(str(shown))
            return result

        return handle_step

    def find_secrets(self, hass: HomeAssistant | None) -> list[tuple[str, str]]:
        """Return the secrets that can be seen, and where."""
        places: dict[str, Iterable[str]] = {
            "log": self.lines,
            "flows": self.results,
            "events": map(_format, self.events),
            **(_get_current_texts(hass) if hass else {}),
        }
        seen = ((where, "\n".join(texts)) for where, texts in places.items())
        return [
            (where, _extract_line(text, secret))
            for where, text in seen
            for secret in self.secrets
            if secret in text
        ]


def _format(thing: Any) -> str:
    if isinstance(thing, State):
        with suppress(TypeError):  # a number beyond 64 bits
            return thing.as_dict_json.decode()  # which it keeps
    return str(thing)


def _extract_line(text: str, secret: str) -> str:
    """Return the line that contains a secret, at most 300 characters before it."""
    at = text.index(secret)
    return text[max(0, at - 300) : at + len(secret)].rpartition("\n")[2]


def _get_current_texts(hass: HomeAssistant) -> dict[str, Iterable[str]]:
    """Return texts of the current data by kind."""
    return {
        "states": map(_format, hass.states.async_all()),
        "repairs": map(str, ir.async_get(hass).issues.values()),
        "notifications": [str(hass.data.get(NOTIFICATIONS))],
        "traces": [
            str(trace.as_dict())
            for traces in hass.data.get(DATA_TRACE, {}).values()
            for trace in traces.all_traces()
        ],
        "entries": _get_entry_texts(hass),
    }


def _get_entry_texts(hass: HomeAssistant) -> Iterator[str]:
    devices, entities = dr.async_get(hass), er.async_get(hass)
    for entry in hass.config_entries.async_entries(DOMAIN):
        yield str((entry, entry.reason, entry.unique_id, dict(entry.options)))
        yield str(dr.async_entries_for_config_entry(devices, entry.entry_id))
        yield str(er.async_entries_for_config_entry(entities, entry.entry_id))
        diagnostics = async_get_config_entry_diagnostics(hass, entry)
        try:
            diagnostics.send(None)  # it waits for nothing
        except StopIteration as result:
            yield str(result.value)
