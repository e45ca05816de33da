"""Constants of the Music Assistant integration."""

import logging
from typing import Final

DOMAIN: Final = "music_assistant"
DEFAULT_TITLE: Final = "Music Assistant"
# Languages of the sentences for Assist, as Assist names its folders, with their own names.
SENTENCE_LANGUAGES: Final = {
    "ca": "Català",
    "cs": "Čeština",
    "da": "Dansk",
    "de": "Deutsch",
    "de-CH": "Deutsch (Schweiz)",
    "el": "Ελληνικά",
    "en": "English",
    "es": "Español",
    "et": "Eesti",
    "fi": "Suomi",
    "fr": "Français",
    "ga": "Gaeilge",
    "he": "עברית",
    "hu": "Magyar",
    "it": "Italiano",
    "ja": "日本語",
    "ko": "한국어",
    "lt": "Lietuvių",
    "nb": "Norsk bokmål",
    "nl": "Nederlands",
    "pl": "Polski",
    "pt": "Português",
    "pt-BR": "Português (Brasil)",
    "ru": "Русский",
    "sk": "Slovenčina",
    "sr-Latn": "Srpski (latinica)",
    "sv": "Svenska",
    "tr": "Türkçe",
    "uk": "Українська",
    "zh-CN": "简体中文",
    "zh-HK": "繁體中文（香港）",
    "zh-TW": "繁體中文（台灣）",
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
