"""Limits of what a server may send, so that a faulty or hostile one can't fill the memory.

They are far above what servers send: a queue event has 10 KB and 500 values, a player 2 KB.
"""

from collections.abc import Iterable
from typing import Any, Final, TypeIs

# Values of an event or a listed item.
MAX_VALUES: Final = 50_000
# Characters of a text in an event or a listed item; longer ones are cut off. Shorter frames need
# not be searched for such texts.
MAX_TEXT_LENGTH: Final = 16 * 1024
# Characters of a name that is shown.
MAX_NAME_LENGTH: Final = 1024
# Characters of an id, as long as Home Assistant's own may be; what has a longer one is skipped.
MAX_ID_LENGTH: Final = 255
# Numbers of players and queues, and of displays, whose ids may come and go.
MAX_PLAYERS: Final = 2000
MAX_DISPLAYS: Final = 200

_CUT_MARK: Final = "…"


def shorten_texts(data: dict[str, Any]) -> None:
    """Cut off the long texts in JSON data."""
    containers: list[dict[str, Any] | list[Any]] = [data]
    while containers:  # no recursion: the data may be nested deeper than Python's stack
        container = containers.pop()
        items: Iterable[tuple[Any, Any]] = (
            container.items() if isinstance(container, dict) else enumerate(container)
        )
        for key, value in items:
            if isinstance(value, str):
                if len(value) > MAX_TEXT_LENGTH:
                    container[key] = value[:MAX_TEXT_LENGTH]
            elif isinstance(value, dict | list):
                containers.append(value)


def shorten_name[N: (str, str | None)](name: N) -> N:
    """Return a name of a length that can be shown."""
    if name is None or len(name) <= MAX_NAME_LENGTH:
        return name
    return f"{name[:MAX_NAME_LENGTH]}{_CUT_MARK}"


def is_valid_id(object_id: object) -> TypeIs[str]:
    """Return whether the id of a player, queue or display can be used."""
    return isinstance(object_id, str) and 0 < len(object_id) <= MAX_ID_LENGTH


def has_too_many_values(text: str) -> bool:
    """Return whether the JSON text of an event or a listed item has too many values.

    A comma is between any two of them.
    """
    return len(text) > MAX_VALUES and text.count(",") > MAX_VALUES
