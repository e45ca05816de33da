"""Names that more than one room uses."""

import logging
from typing import Final

DOMAIN: Final = "music_assistant"
DEFAULT_TITLE: Final = "Music Assistant"
LOGGER = logging.getLogger(__package__)

# Server schema versions: the oldest that is supported, and the first that asks for a sign-in, that
# has sleep timers and settings of queues (crossfade, speed), and that tells each user of their own
# favourites.
SCHEMA_OLDEST: Final = 27
SCHEMA_SIGN_IN: Final = 28
SCHEMA_SLEEP_TIMER: Final = 46
SCHEMA_QUEUE_SETTINGS: Final = 46
SCHEMA_FAVORITES: Final = 86

# Where an entry came from, kept in its data. One that the built-in integration made says nothing.
CONF_ORIGIN: Final = "origin"
ORIGIN_APP: Final = "app"  # the Home Assistant app's discovery
ORIGIN_USER: Final = "user"

# What a person trusts at the server beside what Home Assistant trusts, kept in an entry's data.
CONF_TRUST: Final = "trust"

# What marks the device of a display among those of players.
DASHBOARD_PREFIX: Final = "dashboard:"
