"""Adding a server: where it is, and how to sign in to it. The steps are in `flows/`."""

from .const import DOMAIN
from .flows.app import AppSteps


class MusicAssistantConfigFlow(AppSteps, domain=DOMAIN):
    """Ask for the address, find the server, sign in."""

    VERSION = 1
