"""Actions on a server: providers, library sync, token and commands."""

from typing import Any, Final

from music_assistant_models.config_entries import ProviderConfig
from music_assistant_models.enums import MediaType, ProviderType
from music_assistant_models.provider import ProviderInstance
import probatio

from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv

from ..coordinator import MusicAssistantCoordinator
from ..entry.permissions import Access, async_get_user, has_access
from ..server.errors import build_validation_error
from ..server.providers import (
    async_fetch_provider_configs,
    async_fetch_providers,
    find_instance_ids,
    get_config_name,
    get_provider_status,
)
from ..server.secrets import async_redact, is_secret_command
from ..server.sync import SyncTask, async_start_sync
from .base import ServerAction, async_check_admin, ensure_list_of
from .fields import build_choices_validator, validate_boolean

# Media types that can be synced.
SYNC_MEDIA_TYPES: Final = (
    MediaType.ARTIST,
    MediaType.ALBUM,
    MediaType.TRACK,
    MediaType.PLAYLIST,
    MediaType.RADIO,
    MediaType.PODCAST,
    MediaType.AUDIOBOOK,
)
# Provider types that can be requested.
PROVIDER_TYPES: Final = tuple(kind for kind in ProviderType if kind is not ProviderType.UNKNOWN)
# Arguments that name the user of the server on whose behalf a command is sent (the second one is
# that of older servers), or whose history is read.
OTHER_USER_ARGUMENTS: Final = frozenset({"user", "username", "userid", "all_users"})
# Commands that everybody may send who may control a player: the reads of the library and the
# changes of playlists that other actions offer to them as well.
USER_COMMANDS: Final = frozenset(
    {
        "metadata/get_track_lyrics",
        "music/browse",
        "music/get_library_item",
        "music/in_progress_items",
        "music/item",
        "music/item_by_uri",
        "music/recently_played_items",
        "music/recommendations",
        "music/recommendations/items",
        "music/search",
        "music/albums/album_tracks",
        "music/albums/album_versions",
        "music/artists/artist_albums",
        "music/artists/artist_tracks",
        "music/playlists/add_playlist_tracks",
        "music/playlists/create_playlist",
        "music/playlists/playlist_tracks",
        "music/playlists/remove_playlist_tracks",
        "music/podcasts/podcast_episodes",
        "music/tracks/similar_tracks",
        "music/tracks/track_albums",
        "music/tracks/track_versions",
        *(
            f"music/{media_type.value}s/{command}"
            for media_type in SYNC_MEDIA_TYPES
            for command in ("count", "library_items", f"get_{media_type.value}")
        ),
    }
)


async def _async_handle_get_providers(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    """Return {providers} of the requested types, also of those that aren't loaded."""
    loaded = {
        provider.instance_id: provider for provider in await async_fetch_providers(coordinator.mass)
    }
    configs = {
        config.instance_id: config
        for config in await async_fetch_provider_configs(coordinator.mass)
    }
    providers = [
        _serialize_provider(
            loaded.get(instance_id), configs.get(instance_id) or _build_config(loaded[instance_id])
        )
        for instance_id in {**loaded, **configs}
    ]
    types = call.data.get("provider_type", PROVIDER_TYPES)
    return {"providers": [provider for provider in providers if provider["type"] in types]}


def _build_config(provider: ProviderInstance) -> ProviderConfig:
    """Return the configuration of a loaded provider as far as it can be read."""
    return ProviderConfig(
        values={},
        type=provider.type,
        domain=provider.domain,
        instance_id=provider.instance_id,
        default_name=provider.name,
    )


def _serialize_provider(
    provider: ProviderInstance | None, config: ProviderConfig
) -> dict[str, Any]:
    """Serialize a configured provider, which may not be loaded.

    The fields that begin with "provider" are those of the action that is proposed for the built-in
    integration (home-assistant/core#179674).
    """
    features = provider.supported_features if provider else ()
    return {
        "instance_id": config.instance_id,
        "domain": config.domain,
        "name": provider.name if provider else get_config_name(config),
        "type": config.type.value,
        "available": provider is not None and provider.available,
        "streaming": provider is not None and bool(provider.is_streaming_provider),
        "features": sorted(feature.value for feature in features),
        "provider_type": config.type.value,
        "provider_domain": config.domain,
        "provider_instance_id": config.instance_id,
        "provider_enabled": config.enabled,
        "provider_status": get_provider_status(config, loaded=provider is not None).value,
        "provider_last_error": config.last_error.message if config.last_error else None,
    }


async def _async_handle_sync_library(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    """Sync the library; return {completed, tasks}."""
    mass, data = coordinator.mass, call.data
    providers = find_instance_ids(mass, data["provider"]) if "provider" in data else None
    wait_timeout = data["timeout"] if data["wait"] else 0
    tasks = await async_start_sync(mass, data.get("media_type"), providers, wait_timeout)
    return {
        "completed": not any(task.is_active for task in tasks),
        "tasks": [_serialize_task(coordinator, task) for task in tasks],
    }


def _serialize_task(coordinator: MusicAssistantCoordinator, task: SyncTask) -> dict[str, Any]:
    """Serialize a sync task."""
    provider = coordinator.mass.get_provider(task.provider, return_unavailable=True)
    return {
        "provider": task.provider,
        "name": provider.name if provider else task.provider,
        "media_types": list(task.media_types),
        "status": task.status,
        "progress": task.progress,
        "error": task.error,
    }


async def _async_handle_rotate_token(
    coordinator: MusicAssistantCoordinator, _call: ServiceCall
) -> None:
    """Renew the token of the integration."""
    await coordinator.tokens.async_renew()


async def _async_is_for_users(coordinator: MusicAssistantCoordinator, call: ServiceCall) -> bool:
    """Return whether the caller may send a command without being an administrator."""
    user = await async_get_user(call.hass, call.context)
    return (
        call.data["command"] in USER_COMMANDS
        and OTHER_USER_ARGUMENTS.isdisjoint(call.data["data"])
        and has_access(call.hass, user, coordinator.config_entry, Access.CONTROL_ONE)
    )


async def _async_handle_send_command(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    """Send a command; return {response} with secrets redacted."""
    command: str = call.data["command"]
    if not await _async_is_for_users(coordinator, call):
        await async_check_admin(call, coordinator.name)
    if is_secret_command(command):
        raise build_validation_error("command_refused", command=command)
    response = await coordinator.mass.send_command(command, **call.data["data"])
    return {"response": await async_redact(response)}


ACTIONS: Final = (
    ServerAction(
        "get_providers",
        _async_handle_get_providers,
        {
            probatio.Optional("provider_type"): build_choices_validator(PROVIDER_TYPES),
        },
    ),
    ServerAction(
        "sync_library",
        _async_handle_sync_library,
        {
            probatio.Optional("media_type"): build_choices_validator(SYNC_MEDIA_TYPES),
            probatio.Optional("provider"): ensure_list_of(cv.string),
            probatio.Optional("wait", default=False): validate_boolean,
            probatio.Optional("timeout", default=600): probatio.All(
                probatio.Coerce(float), probatio.Range(min=1, max=86400)
            ),
        },
        SupportsResponse.OPTIONAL,
        access=Access.CONTROL_ALL,
    ),
    ServerAction(
        "rotate_token", _async_handle_rotate_token, {}, SupportsResponse.NONE, require_admin=True
    ),
    ServerAction(
        "send_command",
        _async_handle_send_command,
        {
            probatio.Required("command"): cv.string,
            probatio.Optional("data", default=dict): {
                # parameters of the client, not of a command
                probatio.Remove("require_schema"): object,
                probatio.Remove("command"): object,
                str: object,
            },
        },
        SupportsResponse.OPTIONAL,
    ),
)
