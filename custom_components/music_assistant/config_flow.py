"""Adding a server: where it is, and how to sign in to it. The steps are in `flows/`."""

from typing import override

from homeassistant.config_entries import ConfigEntry, ConfigSubentryFlow, OptionsFlow
from homeassistant.core import callback

from .const import DOMAIN
from .entry.accounts import MUSICAPI, ODESLI
from .flows.app import AppSteps
from .flows.options import TokenPage
from .flows.share_links import MusicApiFlow, OdesliFlow


class MusicAssistantConfigFlow(AppSteps, domain=DOMAIN):
    """Ask for the address, find the server, sign in."""

    VERSION = 1

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """Return the page of tokens."""
        return TokenPage()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return what can be added beside a server."""
        return {MUSICAPI: MusicApiFlow, ODESLI: OdesliFlow}
