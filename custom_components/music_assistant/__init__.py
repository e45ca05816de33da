"""Music Assistant: players of a Music Assistant server in Home Assistant."""

from dataclasses import dataclass
from typing import Final

from music_assistant_client.exceptions import NotConnected

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigEntryState
from homeassistant.const import CONF_TOKEN, EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.device_registry import AnyDeviceEntry, DeviceEntry
from homeassistant.helpers.typing import ConfigType
from homeassistant.util.hass_dict import HassKey

from . import actions
from .api import websocket
from .api.views import ArtworkView, LinkedView
from .const import DOMAIN
from .coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator, coordinator_of
from .entry.endpoint import async_site
from .entry.issues import async_remove_issues
from .entry.tokens import async_revoke_all, secrets_of
from .players.event_tracker import async_forget_watch
from .players.migration import async_forget
from .players.saved_states import async_forget_snapshots
from .server.connection import ServerAddress
from .server.errors import translated_errors
from .server.logs import async_redact_logs
from .server.startup_retry import async_wait_for_server

PLATFORMS: Final = (
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.MEDIA_PLAYER,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.TEXT,
)


@dataclass(slots=True)
class Waiting:
    """Since when (the loop's time) an entry waits for its server, and if that was seen to work."""

    since: float
    proven: bool = False


# The entries that wait, by entry id.
WAITING: HassKey[dict[str, Waiting]] = HassKey(f"{DOMAIN}_waiting")


CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register actions, commands and views; they are there also while no server is."""
    actions.async_register(hass)
    websocket.async_register(hass)
    hass.http.register_view(ArtworkView)
    hass.http.register_view(LinkedView)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: MusicAssistantConfigEntry) -> bool:
    """Connect to the server of an entry and set up its players."""
    address = ServerAddress(
        await async_site(hass, entry), entry.data.get(CONF_TOKEN), entry.unique_id
    )
    coordinator = MusicAssistantCoordinator(hass, entry, address)
    accounts = coordinator.accounts
    entry.async_on_unload(async_redact_logs(lambda: [*secrets_of(entry.data), *accounts.secrets()]))
    entry.runtime_data = coordinator  # now: diagnostics are wanted of what doesn't work, too
    all_waiting = hass.data.setdefault(WAITING, {})
    waiting = all_waiting.setdefault(entry.entry_id, Waiting(hass.loop.time()))
    coordinator.patient, waiting.proven = waiting.proven, False
    try:
        await coordinator.async_config_entry_first_refresh()
    except ConfigEntryNotReady:
        _watch(hass, entry, coordinator, waiting)
        raise
    del all_waiting[entry.entry_id]

    async def stop(_event: Event) -> None:
        await coordinator.async_shutdown()

    # Home Assistant unloads no entry when it stops. Not `listen_once`: a set-up that the stop
    # cancels takes its listeners back afterwards, and one that is gone would be an error
    entry.async_on_unload(hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, stop))
    entry.async_on_unload(coordinator.tokens.async_start())
    entry.async_on_unload(coordinator.accounts.async_start())
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    return True


def _watch(
    hass: HomeAssistant,
    entry: MusicAssistantConfigEntry,
    coordinator: MusicAssistantCoordinator,
    waiting: Waiting,
) -> None:
    """Set a waiting entry up as soon as its server answers.

    Home Assistant's own retries grow to ten minutes, and hold the entry while they last. So
    the set-up gives up on a silent server at once, and one that is slow is tried here first.
    """
    connection = coordinator.connection

    async def wait() -> None:
        await async_wait_for_server(
            connection.address, waiting.since, connection.async_try, coordinator.asks_to_sign_in
        )
        waiting.proven = True
        if entry.state is ConfigEntryState.SETUP_RETRY:
            hass.config_entries.async_schedule_reload(entry.entry_id)

    task = hass.async_create_background_task(wait(), f"{DOMAIN} {entry.title} watch")

    @callback
    def stop_unless_waiting() -> None:
        if entry.state is not ConfigEntryState.SETUP_RETRY:
            task.cancel()
            remove_listener()

    remove_listener = entry.async_on_state_change(stop_unless_waiting)


async def async_unload_entry(hass: HomeAssistant, entry: MusicAssistantConfigEntry) -> bool:
    """Unload an entry; the coordinator disconnects when the platforms are gone."""
    if entry.disabled_by is not None:  # nothing of it would take them back
        async_remove_issues(hass, entry)
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: MusicAssistantConfigEntry) -> None:
    """Leave nothing of an entry behind, also on its server if that can be reached."""
    hass.data.get(WAITING, {}).pop(entry.entry_id, None)
    async_remove_issues(hass, entry)
    for flow in list(entry.async_get_active_flows(hass, {SOURCE_RECONFIGURE})):
        hass.config_entries.flow.async_abort(flow["flow_id"])  # else each of its steps would fail
    async_forget_watch(hass, entry.entry_id)
    await async_forget(hass, entry.entry_id)
    await async_forget_snapshots(hass, entry.entry_id)
    await async_revoke_all(await async_site(hass, entry), entry)


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: MusicAssistantConfigEntry, device: AnyDeviceEntry
) -> bool:
    """Let a device be removed by hand.

    A player that is still on the server loses its configuration there; if the server won't,
    or can't be asked, the error says why. A display goes when the server no longer knows it,
    the server's own device with its entry.
    """
    if not isinstance(device, DeviceEntry):
        return False  # a part of a device goes with it
    coordinator = coordinator_of(entry)
    with translated_errors(entry.title):
        if coordinator is None:  # disabled since Home Assistant started
            raise NotConnected
        for domain, key in device.identifiers:
            if domain == DOMAIN and not await coordinator.async_give_up(key):
                return False
    return True
