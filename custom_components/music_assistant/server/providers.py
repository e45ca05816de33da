"""Providers of a server."""

from collections.abc import Iterable
from typing import Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.config_entries import ProviderConfig
from music_assistant_models.enums import ProviderStatus, ProviderType
from music_assistant_models.errors import (
    AuthenticationFailed,
    InsufficientPermissions,
    InvalidCommand,
    LoginFailed,
)
from music_assistant_models.provider import ProviderInstance

from .errors import build_validation_error

# Provider id of the server's library.
LIBRARY_PROVIDER: Final = "library"
# Domain of the server's own provider, of plain URLs among others.
BUILTIN_PROVIDER: Final = "builtin"
# Error codes of a provider that needs a new sign-in.
_SIGN_IN_ERROR_CODES: Final = frozenset({LoginFailed.error_code, AuthenticationFailed.error_code})


async def async_fetch_providers(mass: MusicAssistantClient) -> list[ProviderInstance]:
    """Return the current providers of the server."""
    return [
        ProviderInstance.from_dict(provider) for provider in await mass.send_command("providers")
    ]


async def async_fetch_provider_configs(mass: MusicAssistantClient) -> list[ProviderConfig]:
    """Return the configured providers, none from older servers or without the rights for it."""
    try:
        return await mass.config.get_provider_configs()
    except InsufficientPermissions, InvalidCommand:
        return []


def get_config_name(config: ProviderConfig) -> str:
    """Return the name of a configured provider."""
    return config.name or config.default_name or config.domain


def get_provider_status(config: ProviderConfig, *, loaded: bool) -> ProviderStatus:
    """Return the status of a configured provider, derived for older servers."""
    if config.status is not None:
        return config.status
    if not config.enabled:
        return ProviderStatus.DISABLED
    if config.last_error is None:
        return ProviderStatus.LOADED if loaded else ProviderStatus.LOADING
    needs_sign_in = config.last_error.error_code in _SIGN_IN_ERROR_CODES
    return ProviderStatus.AUTH_REQUIRED if needs_sign_in else ProviderStatus.ERROR


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
