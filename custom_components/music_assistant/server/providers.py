"""The providers of a server, by whatever a person calls them."""

from collections.abc import Iterable
from typing import Final

from music_assistant_client import MusicAssistantClient
from music_assistant_models.enums import ProviderType
from music_assistant_models.provider import ProviderInstance

from .errors import invalid

# What the server calls its library, beside the names of its providers.
LIBRARY: Final = "library"


async def async_providers(mass: MusicAssistantClient) -> list[ProviderInstance]:
    """Return the providers as the server lists them now."""
    return [ProviderInstance.from_dict(each) for each in await mass.send_command("providers")]


def instance_ids(mass: MusicAssistantClient, names: Iterable[str]) -> list[str]:
    """Return the music providers that are meant by instance ids, domains or names."""
    return [instance_id for name in names for instance_id in _named(mass, name)]


def _named(mass: MusicAssistantClient, name: str) -> list[str]:
    music = [each for each in mass.providers if each.type is ProviderType.MUSIC]
    found = [
        each.instance_id
        for each in music
        if name in (each.instance_id, each.domain) or name.casefold() == each.name.casefold()
    ]
    if not found:
        choices = ", ".join(each.name for each in music) or "-"
        raise invalid("unknown_provider", name=name, choices=choices)
    return found
