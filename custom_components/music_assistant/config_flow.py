"""Config flow; its steps are in `flows/`."""

from typing import override

from homeassistant.config_entries import ConfigEntry, ConfigSubentryFlow, OptionsFlow
from homeassistant.core import callback

from .const import DOMAIN
from .entry.accounts import SUBENTRY_SHARE_LINKS
from .flows.app import AppSteps
from .flows.options import TokenOptionsFlow
from .flows.share_links import ShareLinkSubentryFlow


class MusicAssistantConfigFlow(AppSteps, domain=DOMAIN):
    """Handle the config flow: find the server and sign in."""

    VERSION = 1

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """Return the options flow."""
        return TokenOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return the subentry flows."""
        return {SUBENTRY_SHARE_LINKS: ShareLinkSubentryFlow}
