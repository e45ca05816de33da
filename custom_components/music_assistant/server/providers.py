"""Providers of a server."""

from collections.abc import Iterable, Sequence
from typing import Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.config_entries import ProviderConfig
from music_assistant_models.enums import ProviderFeature, ProviderStatus, ProviderType
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
    music_providers = [
        provider for provider in mass.providers if provider.type is ProviderType.MUSIC
    ]
    return [
        provider.instance_id for name in names for provider in _find_by_name(music_providers, name)
    ]


def find_capable_provider(
    mass: MusicAssistantClient, feature: ProviderFeature, name: str | None
) -> ProviderInstance:
    """Return the available provider with a feature and name, or the only one with the feature.

    Raises ServiceValidationError if there is none or several.
    """
    capable = [
        provider
        for provider in mass.providers
        if provider.available and feature in provider.supported_features
    ]
    found = _find_by_name(capable, name) if name else capable
    if len(found) == 1:
        return found[0]
    if not found:
        raise build_validation_error("no_capable_provider")
    raise build_validation_error("several_providers", choices=_join_names(capable))


def _find_by_name(providers: Sequence[ProviderInstance], name: str) -> list[ProviderInstance]:
    """Return the providers with an instance id, domain or name."""
    if found := [
        provider
        for provider in providers
        if name in (provider.instance_id, provider.domain)
        or name.casefold() == provider.name.casefold()
    ]:
        return found
    raise build_validation_error("unknown_provider", name=name, choices=_join_names(providers))


def _join_names(providers: Iterable[ProviderInstance]) -> str:
    """Return the names of providers for a text."""
    return ", ".join(provider.name for provider in providers) or "-"
