"""Constants of the Music Assistant integration."""

import logging
from typing import Final

DOMAIN: Final = "music_assistant"
DEFAULT_TITLE: Final = "Music Assistant"
# Languages of the sentences for Assist, with their own names.
SENTENCE_LANGUAGES: Final = {
    "de": "Deutsch",
    "en": "English",
    "es": "Español",
    "fr": "Français",
    "it": "Italiano",
    "nl": "Nederlands",
}
LOGGER = logging.getLogger(__package__)

# Server schema versions: the oldest supported one, and the first with a required sign-in, with
# sleep timers, with queue settings (crossfade, speed), with background tasks, and with favorites of
# each user.
SCHEMA_OLDEST: Final = 27
SCHEMA_SIGN_IN: Final = 28
SCHEMA_SLEEP_TIMER: Final = 46
SCHEMA_QUEUE_SETTINGS: Final = 46
SCHEMA_BACKGROUND_TASKS: Final = 46
SCHEMA_FAVORITES: Final = 86

# Origin of an entry, in its data. Entries of the built-in integration have none.
CONF_ORIGIN: Final = "origin"
ORIGIN_APP: Final = "app"  # the Home Assistant app's discovery
ORIGIN_USER: Final = "user"

# Whether to answer in place of mass_queue, in the options of an entry; it does without the option.
CONF_MASS_QUEUE: Final = "mass_queue"

# Certificate policy of the server, in the entry's data; without it Home Assistant's default applies.
CONF_TRUST: Final = "trust"

# Prefix of the device identifiers of displays; those of players have none.
DASHBOARD_PREFIX: Final = "dashboard:"
