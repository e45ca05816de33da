"""Commands about the server itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from music_assistant_models.enums import EventType, ProviderFeature, ProviderType
from music_assistant_models.provider import ProviderInstance, ProviderManifest

from .commands import Caller, Command
from .library import SOURCES
from .player_set import GROUPS, SPEAKERS, STREAMERS

if TYPE_CHECKING:
    from .server import MassServer

LOCALES = ["de_DE", "en", "nl"]
_PLAYER_PROVIDERS = {
    SPEAKERS: "Demo Speakers",
    STREAMERS: "Demo Streamers",
    GROUPS: "Universal Group",
}
_GROUP_FEATURES = {ProviderFeature.CREATE_GROUP_PLAYER, ProviderFeature.REMOVE_GROUP_PLAYER}


def get_providers() -> dict[str, ProviderInstance]:
    """Return the providers, by instance id."""
    music = [
        ProviderInstance(
            type=ProviderType.MUSIC,
            domain=source.domain,
            name=source.name,
            instance_id=source.instance_id,
            supported_features={ProviderFeature(f"library_{kind.value}s") for kind in source.keeps},
            available=True,
            is_streaming_provider=source.streaming,
            lookup_key=source.instance_id,
        )
        for source in SOURCES
    ]
    players = [
        ProviderInstance(
            type=ProviderType.PLAYER,
            domain=domain,
            name=name,
            instance_id=domain,
            supported_features=_GROUP_FEATURES if domain == GROUPS else set(),
            available=True,
            lookup_key=domain,
        )
        for domain, name in _PLAYER_PROVIDERS.items()
    ]
    return {each.instance_id: each for each in (*music, *players)}


def get_manifests() -> dict[str, ProviderManifest]:
    """Return the manifests of the providers, by domain."""
    return {
        each.domain: ProviderManifest(
            type=each.type,
            domain=each.domain,
            name=each.name,
            description=f"{each.name}, for tests",
            codeowners=["@music-assistant"],
            builtin=each.domain == "builtin",
            icon="mdi-music",
        )
        for each in get_providers().values()
    }


@dataclass
class ProviderFailures:
    """Represent providers that failed to load; only their settings are listed."""

    server: MassServer
    found: dict[str, tuple[ProviderInstance, bool]] = field(default_factory=dict)

    def fail_provider(self, instance_id: str, *, sign_in: bool = False) -> None:
        """Let a provider fail to load, because of its sign-in or for another reason."""
        self.found[instance_id] = (self.server.providers.pop(instance_id), sign_in)
        self._notify()

    def restore_provider(self, instance_id: str) -> None:
        """Load a failed provider."""
        self.server.providers[instance_id] = self.found.pop(instance_id)[0]
        self._notify()

    def set_available(self, instance_id: str, *, available: bool) -> None:
        """Make a loaded provider available or unavailable."""
        self.server.providers[instance_id].available = available
        self._notify()

    def _notify(self) -> None:
        providers = list(self.server.providers.values())
        self.server.send_event(EventType.PROVIDERS_UPDATED, None, providers)


def get_info(server: MassServer, _caller: Caller) -> dict[str, Any]:
    """Return the server info."""
    return server.get_info()


def list_providers(server: MassServer, _caller: Caller) -> list[ProviderInstance]:
    """Return the providers."""
    return list(server.providers.values())


def list_manifests(server: MassServer, _caller: Caller) -> list[ProviderManifest]:
    """Return the manifests of the providers."""
    return list(server.manifests.values())


def get_provider_icon(
    _server: MassServer, _caller: Caller, provider: str, variant: str = "default"
) -> None:
    """Return the icon of a provider; the test server has none."""


def list_locales(_server: MassServer, _caller: Caller) -> list[str]:
    """Return the languages."""
    return LOCALES


COMMANDS = {
    "info": Command(get_info),
    "providers": Command(list_providers),
    "providers/manifests": Command(list_manifests),
    "providers/icon": Command(get_provider_icon, since=39),
    "translations/locales": Command(list_locales, since=33),
}
