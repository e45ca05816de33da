"""Frames that a server sent, and what can be odd in them."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from functools import cache
import random
from typing import Any, Final

import orjson

from ..replay import Recording, get_recording_names

type Frame = dict[str, Any]
type Path = tuple[str | int, ...]

# Frames of each type of event, of very different lengths.
FRAMES_PER_EVENT: Final = 6
# Values in place of any other one.
ODD_VALUES: Final[Sequence[Any]] = (
    None, True, False, 0, 1, -1, 0.5, -1e308, 1e308, 2**53, -(2**63), 2**64 - 1, "", "0", "x",
    "null", "unknown", "\x00", "\ud7ff\uffff", "{}", "%s%d{0}", "../..", "a" * 300, "n" * 20_000,
    "http://[", "library://track/1", "<b>&amp;</b>", [], {}, [[]], [None], [{}], {"": None},
    ["x"] * 50, {str(number): number for number in range(50)}, [1, "x", None, {"a": []}],
    "2026-11-30T00:00:00+00:00", "playing", "media_player.kuche", "kueche", 1e18, 253402300800,
)  # fmt: skip


@cache
def load_corpus() -> Sequence[Frame]:
    """Return events of the recordings, some of each type."""
    by_type: defaultdict[str, dict[int, Frame]] = defaultdict(dict)
    for name in get_recording_names():
        for line in Recording.load(name).lines:
            if line.is_event:
                by_type[line.frame["event"]].setdefault(len(orjson.dumps(line.frame)), line.frame)
    corpus = []
    for frames in by_type.values():
        lengths = sorted(frames)
        step = max(1, len(lengths) // FRAMES_PER_EVENT)
        corpus += [frames[length] for length in lengths[::step]]
    return corpus


def iterate_paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the paths to all values in JSON data."""
    if isinstance(value, dict | list):
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield (*path, key)
            yield from iterate_paths(child, (*path, key))


@cache
def get_paths(index: int) -> Sequence[Path]:
    """Return the paths to all values of a frame of the corpus."""
    return [*iterate_paths(load_corpus()[index])]


def change_at(frame: Frame, path: Path, change: Callable[[Any, str | int], None]) -> Frame:
    """Return a copy of a frame, with a container in it changed at a key."""
    changed = deepcopy(frame)
    *parents, key = path
    container: Any = changed
    for parent in parents:
        container = container[parent]
    change(container, key)
    return changed


def replace_value(frame: Frame, path: Path, value: Any) -> Frame:
    """Return a frame with another value at a path."""

    def replace(container: Any, key: str | int) -> None:
        container[key] = deepcopy(value)

    return change_at(frame, path, replace)


def remove_value(frame: Frame, path: Path) -> Frame:
    """Return a frame without the value at a path."""

    def remove(container: Any, key: str | int) -> None:
        del container[key]

    return change_at(frame, path, remove)


def mutate_frame(dice: random.Random, frame: Frame) -> Frame:
    """Return a frame with up to three odd places."""
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        # what concerns the connection itself is left alone
        paths = [path for path in iterate_paths(frame) if path[0] not in ("message_id", "partial")]
        if not paths:
            return frame
        path = dice.choice(paths)
        if dice.random() < 0.15:
            frame = remove_value(frame, path)
        else:
            frame = replace_value(frame, path, dice.choice(ODD_VALUES))
    return frame


def mutate_text(dice: random.Random, text: str) -> str:
    """Return a frame's text with a part cut out, doubled or replaced."""
    start = dice.randrange(len(text) + 1)
    end = min(len(text), start + dice.choice((1, 2, 10, 1000)))
    part = dice.choice(("", text[start:end] * 2, "\x00", '"', "{", "[[", "1e999", "\\ud800", "]}"))
    return f"{text[:start]}{part}{text[end:]}"
