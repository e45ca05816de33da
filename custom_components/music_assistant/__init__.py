"""The Music Assistant integration."""

from dataclasses import dataclass
from typing import Final

from music_assistant_client.exceptions import NotConnected

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigEntryState
from homeassistant.const import CONF_TOKEN, EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed, ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.device_registry import AnyDeviceEntry, DeviceEntry
from homeassistant.helpers.typing import ConfigType
from homeassistant.util.hass_dict import HassKey

from . import actions, frontend, mass_queue
from .api import websocket
from .api.streams import StreamView
from .api.views import ArtworkView, OAuthReturnView
from .const import DOMAIN
from .coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator, get_coordinator
from .entities.plugins import async_call_with_plugin, has_plugin
from .entry.accounts import async_migrate_subentries
from .entry.areas import async_track_new_devices
from .entry.data import async_check_data, async_find_invalid_fields
from .entry.devices import async_remove_from_server
from .entry.endpoint import async_get_endpoint
from .entry.issues import async_remove_issues
from .entry.sentences import async_remove_sentences, async_update_sentences
from .entry.tokens import async_revoke_tokens, get_secrets
from .players.event_tracker import async_remove_event_tracker
from .players.migration import async_remove_known_players
from .players.saved_states import async_remove_saved_states
from .server.connection import ServerAddress
from .server.errors import translate_errors
from .server.logs import async_redact_logs
from .server.party import PARTY_PLUGIN
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
class StartupRetry:
    """Represent an entry that waits for its server, since `started_at` (loop time)."""

    started_at: float
    has_answered: bool = False  # a connection attempt succeeded


# The waiting entries, by entry id.
DATA_STARTUP_RETRIES: HassKey[dict[str, StartupRetry]] = HassKey(f"{DOMAIN}_waiting")


CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register actions, websocket commands, views and files, also while no entry is loaded."""
    async_redact_logs(tuple)  # also while no entry is loaded, as during the first sign-in
    actions.async_register(hass)
    websocket.async_register(hass)
    hass.http.register_view(ArtworkView)
    hass.http.register_view(StreamView)
    hass.http.register_view(OAuthReturnView)
    await frontend.async_register_files(hass)
    await mass_queue.async_setup(hass)
    await async_update_sentences(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: MusicAssistantConfigEntry) -> bool:
    """Connect to the server of an entry and set up its players."""
    await async_check_data(hass, entry)
    async_migrate_subentries(hass, entry)
    frontend.async_add_script(hass)  # also while the server is away, for the cards that are there
    address = ServerAddress(
        await async_get_endpoint(hass, entry), entry.data.get(CONF_TOKEN), entry.unique_id
    )
    coordinator = MusicAssistantCoordinator(hass, entry, address)
    accounts = coordinator.accounts
    entry.async_on_unload(
        async_redact_logs(lambda: [*get_secrets(entry.data), *accounts.get_secrets()])
    )
    entry.runtime_data = coordinator  # set early, because diagnostics need it if the set-up fails
    await _async_connect(hass, entry, coordinator)

    async def stop_coordinator(_event: Event) -> None:
        await coordinator.async_shutdown()

    # Home Assistant doesn't unload entries when it stops. Not `async_listen_once`: if the stop
    # cancels the set-up, the listener is removed again, which is an error after it was called
    entry.async_on_unload(hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, stop_coordinator))
    entry.async_on_unload(coordinator.tokens.async_start())
    entry.async_on_unload(coordinator.accounts.async_start())
    mass_queue.async_setup_entry(hass, entry)
    assign_areas = async_track_new_devices(hass, entry)
    coordinator.has_images = has_plugin(coordinator, PARTY_PLUGIN)
    await hass.config_entries.async_forward_entry_setups(entry, _get_platforms(entry))
    if not coordinator.has_images:
        _async_add_images_later(hass, entry)
    assign_areas(coordinator.data)
    entry.async_on_unload(coordinator.listeners.async_listen_added(assign_areas))
    return True


def _get_platforms(entry: MusicAssistantConfigEntry) -> tuple[Platform, ...]:
    """Return the platforms of an entry: images, which bring a media source, only for parties."""
    return (*PLATFORMS, Platform.IMAGE) if entry.runtime_data.has_images else PLATFORMS


@callback
def _async_add_images_later(hass: HomeAssistant, entry: MusicAssistantConfigEntry) -> None:
    """Set up the images when the server gets the plugin that has one."""

    @callback
    def add_images() -> None:
        entry.runtime_data.has_images = True
        entry.async_create_task(
            hass, hass.config_entries.async_forward_entry_setups(entry, (Platform.IMAGE,))
        )

    async_call_with_plugin(entry, PARTY_PLUGIN, add_images)


async def _async_connect(
    hass: HomeAssistant, entry: MusicAssistantConfigEntry, coordinator: MusicAssistantCoordinator
) -> None:
    """Connect to the server of an entry; if that fails, have it tried again and raise."""
    startup_retries = hass.data.setdefault(DATA_STARTUP_RETRIES, {})
    startup_retry = startup_retries.setdefault(entry.entry_id, StartupRetry(hass.loop.time()))
    coordinator.patient, startup_retry.has_answered = startup_retry.has_answered, False
    try:
        await coordinator.async_config_entry_first_refresh()
    except ConfigEntryNotReady:
        _schedule_setup_when_available(
            hass, entry, coordinator, startup_retry, ConfigEntryState.SETUP_RETRY
        )
        raise
    except ConfigEntryAuthFailed:
        # A user who was disabled by mistake may be enabled again, with the same token
        _schedule_setup_when_available(
            hass, entry, coordinator, startup_retry, ConfigEntryState.SETUP_ERROR
        )
        raise
    del startup_retries[entry.entry_id]


def _schedule_setup_when_available(
    hass: HomeAssistant,
    entry: MusicAssistantConfigEntry,
    coordinator: MusicAssistantCoordinator,
    startup_retry: StartupRetry,
    failed_state: ConfigEntryState,
) -> None:
    """Schedule the set-up of an entry for when its server answers, or accepts its token.

    The intervals of Home Assistant's own retries grow to ten minutes, and a set-up in progress
    blocks the entry. So the set-up fails fast, and a slow server is first tried from here.
    """
    connection = coordinator.connection
    is_refused = failed_state is ConfigEntryState.SETUP_ERROR

    async def wait_for_server() -> None:
        await async_wait_for_server(
            connection.address,
            startup_retry.started_at,
            connection.async_check,
            (lambda _problem: False) if is_refused else coordinator.needs_sign_in,
            is_refused,
        )
        startup_retry.has_answered = True
        if entry.state is failed_state:
            hass.config_entries.async_schedule_reload(entry.entry_id)

    task = hass.async_create_background_task(
        wait_for_server(), f"{DOMAIN} {entry.title} startup retry"
    )

    @callback
    def cancel_unless_retrying() -> None:
        if entry.state is not failed_state:
            task.cancel()
            remove_listener()

    remove_listener = entry.async_on_state_change(cancel_unless_retrying)


async def async_unload_entry(hass: HomeAssistant, entry: MusicAssistantConfigEntry) -> bool:
    """Unload an entry; the coordinator disconnects when the platforms are gone."""
    if entry.disabled_by is not None:  # nothing else would delete them
        async_remove_issues(hass, entry)
    return await hass.config_entries.async_unload_platforms(entry, _get_platforms(entry))


async def async_remove_entry(hass: HomeAssistant, entry: MusicAssistantConfigEntry) -> None:
    """Remove an entry's stored data, and revoke its tokens if the server can be reached."""
    hass.data.get(DATA_STARTUP_RETRIES, {}).pop(entry.entry_id, None)
    async_remove_issues(hass, entry)
    if not hass.config_entries.async_entries(DOMAIN, include_ignore=False):
        frontend.async_remove_script(hass)
        await async_remove_sentences(hass)
    for flow in list(entry.async_get_active_flows(hass, {SOURCE_RECONFIGURE})):
        # its steps would fail without the entry
        hass.config_entries.flow.async_abort(flow["flow_id"])
    async_remove_event_tracker(hass, entry.entry_id)
    await async_remove_known_players(hass, entry.entry_id)
    await async_remove_saved_states(hass, entry.entry_id)
    if not await async_find_invalid_fields(hass, entry.data):
        await async_revoke_tokens(await async_get_endpoint(hass, entry), entry)


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: MusicAssistantConfigEntry, device: AnyDeviceEntry
) -> bool:
    """Handle the removal of a device by the user.

    A player is removed from the server, too; if that fails, the error says why. A display can
    only be removed when the server no longer knows it, and the server's own device not at all.
    """
    if not isinstance(device, DeviceEntry):
        return False  # a child device is removed with its parent
    coordinator = get_coordinator(entry)
    with translate_errors(entry.title):
        if coordinator is None:  # disabled since Home Assistant started
            raise NotConnected
        for domain, key in device.identifiers:
            if domain == DOMAIN and not await async_remove_from_server(
                coordinator.mass, entry, key
            ):
                return False
    return True
