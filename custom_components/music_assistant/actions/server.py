"""Actions on a server: providers, library sync, token and commands."""

from typing import Any, Final

from music_assistant_models.enums import MediaType, ProviderType
from music_assistant_models.provider import ProviderInstance
import probatio

from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv

from ..coordinator import MusicAssistantCoordinator
from ..server.errors import build_validation_error
from ..server.providers import async_fetch_providers, find_instance_ids
from ..server.secrets import async_redact, is_secret_command
from ..server.sync import SyncTask, async_start_sync
from .base import ServerAction, async_check_admin, ensure_list_of

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
PROVIDER_TYPES: Final = (
    ProviderType.MUSIC,
    ProviderType.PLAYER,
    ProviderType.METADATA,
    ProviderType.PLUGIN,
)


async def _async_handle_get_providers(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    """Return {providers} of the requested types."""
    provider_types = call.data.get("provider_type", PROVIDER_TYPES)
    providers = await async_fetch_providers(coordinator.mass)
    return {
        "providers": [
            _serialize_provider(provider)
            for provider in providers
            if provider.type in provider_types
        ]
    }


def _serialize_provider(provider: ProviderInstance) -> dict[str, Any]:
    """Serialize a provider."""
    return {
        "instance_id": provider.instance_id,
        "domain": provider.domain,
        "name": provider.name,
        "type": provider.type.value,
        "available": provider.available,
        "streaming": bool(provider.is_streaming_provider),
        "features": sorted(feature.value for feature in provider.supported_features),
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


async def _async_handle_send_command(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    """Send a command; return {response} with secrets redacted."""
    await async_check_admin(call, coordinator.name)
    command: str = call.data["command"]
    if is_secret_command(command):
        raise build_validation_error("command_refused", command=command)
    response = await coordinator.mass.send_command(command, **call.data["data"])
    return {"response": await async_redact(response)}


ACTIONS: Final = (
    ServerAction(
        "get_providers",
        _async_handle_get_providers,
        {
            probatio.Optional("provider_type"): ensure_list_of(
                probatio.All(probatio.Coerce(ProviderType), probatio.In(PROVIDER_TYPES))
            ),
        },
    ),
    ServerAction(
        "sync_library",
        _async_handle_sync_library,
        {
            probatio.Optional("media_type"): ensure_list_of(
                probatio.All(probatio.Coerce(MediaType), probatio.In(SYNC_MEDIA_TYPES))
            ),
            probatio.Optional("provider"): ensure_list_of(cv.string),
            probatio.Optional("wait", default=False): cv.boolean,
            probatio.Optional("timeout", default=600): probatio.All(
                probatio.Coerce(float), probatio.Range(min=1, max=86400)
            ),
        },
        SupportsResponse.OPTIONAL,
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
