"""Mutants of the sample that survive, and why no test is to notice them."""

from collections.abc import Mapping
from typing import Final

_PATH: Final = "custom_components/music_assistant"
EXPLAINED: Final[Mapping[str, str]] = {
    f'{_PATH}/server/party.py:Party._unsubscribe: self._timer = None -> self._timer = ""': (
        "equivalent: only whether there is a timer is asked"
    ),
}
