"""Answers in place of mass_queue, a custom integration whose domain popular cards call.

While it is installed itself, nothing is answered in its place.
"""

from typing import Any, Final

from homeassistant.components import websocket_api
from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange
from homeassistant.const import EVENT_COMPONENT_LOADED
from homeassistant.core import Event, HomeAssistant, Service, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.service import SERVICE_DESCRIPTION_CACHE, async_set_service_schema
from homeassistant.helpers.translation import async_get_translations
from homeassistant.loader import async_get_custom_components
from homeassistant.setup import EventComponentLoaded
from homeassistant.util.hass_dict import HassKey

from ..const import CONF_MASS_QUEUE, DOMAIN
from ..coordinator import MusicAssistantConfigEntry
from .actions import ACTIONS, FIELDS, MASS_QUEUE_DOMAIN
from .descriptions import describe_action
from .events import QueueEventSender
from .websocket import COMMANDS

DATA_STAND_IN: Final[HassKey[MassQueueStandIn]] = HassKey(f"{DOMAIN}_mass_queue")


async def async_setup(hass: HomeAssistant) -> None:
    """Answer for mass_queue as long as it isn't installed and an entry wants it."""
    await async_get_translations(hass, hass.config.language, "services", {DOMAIN})
    stand_in = hass.data[DATA_STAND_IN] = MassQueueStandIn(
        hass, is_installed=MASS_QUEUE_DOMAIN in await async_get_custom_components(hass)
    )
    stand_in.async_update()

    @callback
    def handle_entry(_change: ConfigEntryChange, entry: ConfigEntry) -> None:
        if entry.domain in (DOMAIN, MASS_QUEUE_DOMAIN):
            stand_in.async_update()

    @callback
    def handle_component(_event: Event[EventComponentLoaded]) -> None:
        stand_in.async_update()

    @callback
    def is_mass_queue(data: EventComponentLoaded) -> bool:
        return data["component"] == MASS_QUEUE_DOMAIN

    async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, handle_entry)
    hass.bus.async_listen(EVENT_COMPONENT_LOADED, handle_component, is_mass_queue)


@callback
def async_setup_entry(hass: HomeAssistant, entry: MusicAssistantConfigEntry) -> None:
    """Fire the events of mass_queue for the queues of an entry."""
    stand_in = hass.data[DATA_STAND_IN]

    def is_wanted() -> bool:
        return stand_in.is_active and is_enabled(entry)

    sender = QueueEventSender(hass, is_wanted)
    listeners = entry.runtime_data.listeners
    entry.async_on_unload(listeners.async_listen_queues(sender.async_handle_queue))
    entry.async_on_unload(sender.async_cancel)


def is_enabled(entry: ConfigEntry) -> bool:
    """Return whether an entry has the option to answer for mass_queue; it is on by default."""
    return bool(entry.options.get(CONF_MASS_QUEUE, True))


class MassQueueStandIn:
    """Registers the actions and websocket commands of mass_queue, and removes them again.

    What is registered already is left alone, and only what was registered here is removed.
    """

    def __init__(self, hass: HomeAssistant, *, is_installed: bool) -> None:
        """Initialize without registering; `is_installed` is for mass_queue's files."""
        self.is_active = False
        self._hass = hass
        self._is_installed = is_installed
        self._services: dict[str, Service] = {}

    @callback
    def async_update(self) -> None:
        """Register or remove everything, as it is wanted at the moment."""
        wanted = self._is_wanted()
        if wanted is self.is_active:
            return
        self.is_active = wanted
        if wanted:
            self._register_actions()
            self._register_commands()
        else:
            self._remove_actions()
            self._remove_commands()

    def _is_wanted(self) -> bool:
        """Return whether an entry wants it, and mass_queue isn't there."""
        entries = self._hass.config_entries
        return not (
            self._is_installed
            or MASS_QUEUE_DOMAIN in self._hass.config.components
            or entries.async_entries(MASS_QUEUE_DOMAIN)
        ) and any(
            map(
                is_enabled,
                entries.async_entries(DOMAIN, include_ignore=False, include_disabled=False),
            )
        )

    def _register_actions(self) -> None:
        services = self._hass.services
        existing = services.async_services_for_domain(MASS_QUEUE_DOMAIN)
        for action in ACTIONS:
            if action.name in existing:
                continue
            action.async_register(self._hass)
            # without a description Home Assistant looks for the domain's services.yaml
            description = describe_action(self._hass, action, FIELDS[action.name])
            async_set_service_schema(self._hass, MASS_QUEUE_DOMAIN, action.name, description)
        registered = services.async_services_for_domain(MASS_QUEUE_DOMAIN)
        self._services = {name: registered[name] for name in registered.keys() - existing.keys()}

    def _remove_actions(self) -> None:
        registered = self._hass.services.async_services_for_domain(MASS_QUEUE_DOMAIN)
        descriptions = self._hass.data[SERVICE_DESCRIPTION_CACHE]
        for name, own in self._services.items():
            if registered.get(name) is own:
                self._hass.services.async_remove(MASS_QUEUE_DOMAIN, name)
            descriptions.pop((MASS_QUEUE_DOMAIN, name), None)
        self._services = {}

    def _register_commands(self) -> None:
        for command, handler in COMMANDS.items():
            if command not in self._get_commands():
                websocket_api.async_register_command(self._hass, handler)

    def _remove_commands(self) -> None:
        commands = self._get_commands()
        for command, handler in COMMANDS.items():
            if command in commands and commands[command][0] is handler:
                del commands[command]

    def _get_commands(self) -> dict[str, Any]:
        """Return all websocket commands; Home Assistant has no function to remove one."""
        commands: dict[str, Any] = self._hass.data.setdefault(websocket_api.DOMAIN, {})
        return commands
