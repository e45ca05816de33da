"""Providers of a server."""

from collections.abc import Iterable
from typing import Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import ProviderType
from music_assistant_models.provider import ProviderInstance

from .errors import build_validation_error

# Provider id of the server's library.
LIBRARY_PROVIDER: Final = "library"
# Domain of the server's own provider, of plain URLs among others.
BUILTIN_PROVIDER: Final = "builtin"


async def async_fetch_providers(mass: MusicAssistantClient) -> list[ProviderInstance]:
    """Return the current providers of the server."""
    return [
        ProviderInstance.from_dict(provider) for provider in await mass.send_command("providers")
    ]


def find_instance_ids(mass: MusicAssistantClient, names: Iterable[str]) -> list[str]:
    """Return the instance ids of music providers, given instance ids, domains or names.

    Raises ServiceValidationError for an unknown provider.
    """
    return [instance_id for name in names for instance_id in _find_by_name(mass, name)]


def _find_by_name(mass: MusicAssistantClient, name: str) -> list[str]:
    """Return the instance ids of the music providers with an instance id, domain or name."""
    music_providers = [
        provider for provider in mass.providers if provider.type is ProviderType.MUSIC
    ]
    matching_ids = [
        provider.instance_id
        for provider in music_providers
        if name in (provider.instance_id, provider.domain)
        or name.casefold() == provider.name.casefold()
    ]
    if not matching_ids:
        choices = ", ".join(provider.name for provider in music_providers) or "-"
        raise build_validation_error("unknown_provider", name=name, choices=choices)
    return matching_ids
