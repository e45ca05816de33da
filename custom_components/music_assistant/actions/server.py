"""Actions of a server as a whole: its providers, the library's synchronisation, our token, any command."""

from typing import Any, Final

from music_assistant_models.enums import MediaType, ProviderType
from music_assistant_models.provider import ProviderInstance
import probatio

from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv

from ..coordinator import MusicAssistantCoordinator
from ..server.errors import invalid
from ..server.providers import async_providers, instance_ids
from ..server.secrets import async_redacted, is_refused
from ..server.sync import SyncTask, async_sync
from .base import Action, async_check_administrator, list_of

# What a provider's library may be read for.
SYNCED: Final = (
    MediaType.ARTIST,
    MediaType.ALBUM,
    MediaType.TRACK,
    MediaType.PLAYLIST,
    MediaType.RADIO,
    MediaType.PODCAST,
    MediaType.AUDIOBOOK,
)
# The kinds of providers that can be asked for.
KINDS: Final = (
    ProviderType.MUSIC,
    ProviderType.PLAYER,
    ProviderType.METADATA,
    ProviderType.PLUGIN,
)


async def _get_providers(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    kinds = call.data.get("provider_type", KINDS)
    providers = await async_providers(coordinator.mass)
    return {"providers": [_provider(each) for each in providers if each.type in kinds]}


def _provider(provider: ProviderInstance) -> dict[str, Any]:
    return {
        "instance_id": provider.instance_id,
        "domain": provider.domain,
        "name": provider.name,
        "type": provider.type.value,
        "available": provider.available,
        "streaming": bool(provider.is_streaming_provider),
        "features": sorted(feature.value for feature in provider.supported_features),
    }


async def _sync_library(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    mass, data = coordinator.mass, call.data
    providers = instance_ids(mass, data["provider"]) if "provider" in data else None
    seconds = data["timeout"] if data["wait"] else 0
    tasks = await async_sync(mass, data.get("media_type"), providers, seconds)
    return {
        "completed": not any(task.active for task in tasks),
        "tasks": [_task(coordinator, task) for task in tasks],
    }


def _task(coordinator: MusicAssistantCoordinator, task: SyncTask) -> dict[str, Any]:
    provider = coordinator.mass.get_provider(task.provider, return_unavailable=True)
    return {
        "provider": task.provider,
        "name": provider.name if provider else task.provider,
        "media_types": list(task.media_types),
        "status": task.status,
        "progress": task.progress,
        "error": task.error,
    }


async def _rotate_token(coordinator: MusicAssistantCoordinator, _call: ServiceCall) -> None:
    await coordinator.tokens.async_renew()


async def _send_command(
    coordinator: MusicAssistantCoordinator, call: ServiceCall
) -> ServiceResponse:
    await async_check_administrator(call, coordinator.name)
    command: str = call.data["command"]
    if is_refused(command):
        raise invalid("command_refused", command=command)
    answer = await coordinator.mass.send_command(command, **call.data["data"])
    return {"response": await async_redacted(answer)}


ACTIONS: Final = (
    Action(
        "get_providers",
        _get_providers,
        {
            probatio.Optional("provider_type"): list_of(
                probatio.All(probatio.Coerce(ProviderType), probatio.In(KINDS))
            ),
        },
    ),
    Action(
        "sync_library",
        _sync_library,
        {
            probatio.Optional("media_type"): list_of(
                probatio.All(probatio.Coerce(MediaType), probatio.In(SYNCED))
            ),
            probatio.Optional("provider"): list_of(cv.string),
            probatio.Optional("wait", default=False): cv.boolean,
            probatio.Optional("timeout", default=600): probatio.All(
                probatio.Coerce(float), probatio.Range(min=1, max=86400)
            ),
        },
        SupportsResponse.OPTIONAL,
    ),
    Action("rotate_token", _rotate_token, {}, SupportsResponse.NONE, admin=True),
    Action(
        "send_command",
        _send_command,
        {
            probatio.Required("command"): cv.string,
            probatio.Optional("data", default=dict): {
                # the client's own, and no command's
                probatio.Remove("require_schema"): object,
                probatio.Remove("command"): object,
                str: object,
            },
        },
        SupportsResponse.OPTIONAL,
    ),
)
