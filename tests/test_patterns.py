"""The work of every regular expression of the integration grows no faster than its text."""

from collections.abc import Iterator
from importlib import import_module
from itertools import islice
from pathlib import Path
import pkgutil
import re
import time
from typing import Any, Final

import pytest

import custom_components.music_assistant as integration

# modules without types
sre: Any = import_module("re._constants")
sre_parser: Any = import_module("re._parser")

# Characters of the shorter text, and how much longer the longer one is. Work that grows with
# the square is GROWTH**2 as much, linear work GROWTH as much.
LENGTH: Final = 256
GROWTH: Final = 8
LIMIT: Final = GROWTH * 3
# Seconds of processor time below which a measurement says nothing. Work that grows with the
# square of GROWTH * LENGTH characters takes many times as long.
RESOLUTION: Final = 0.001

# Measurements of a growth above the limit.
ATTEMPTS: Final = 5

# What is repeated in every pattern's texts, beside what the pattern itself contains.
COMMON_UNITS: Final = (
    *(" ", "a", "0", "-", ".", ":", "=", "(", "[", "{", "]", '"', "'", "\\", "/", "?", "&", "<"),
    *(
        "a ",
        " a",
        "a-",
        "a.",
        "a:",
        "a: ",
        " - ",
        "(a",
        "[a",
        "'a':",
        '"a": \'',
        "'\\",
        "://",
        "://a:",
    ),
    *("token", "?token", "?sig", "&sig=", "eyJ", "eyJ-", "eyJ.", "eyJa.a", "-eyJ", "'token': '"),
)
# What comes before and after the repetition, so that a match begins and fails at its end.
FRAMES: Final = (
    ("", ""),
    ("", "!"),
    ("a ", "\n"),
    ("'", "\n"),
    ("?", "!"),
    ("eyJ", "!"),
    ("(", "!"),
)


def find_patterns() -> dict[str, re.Pattern[str]]:
    """Return the compiled patterns of all modules, by the pattern."""
    modules = [
        import_module(module.name)
        for module in pkgutil.walk_packages(integration.__path__, f"{integration.__name__}.")
    ]
    return {
        f"{module.__name__.partition('assistant.')[2]} {pattern.pattern[:60]}": pattern
        for module in modules
        for value in vars(module).values()
        for pattern in find_patterns_in(value)
    }


def find_patterns_in(value: Any) -> Iterator[re.Pattern[str]]:
    """Yield the patterns in a module's value: itself, its items, or what a method belongs to."""
    value = getattr(value, "__self__", value)
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from find_patterns_in(list(value.values()))
    elif isinstance(value, list | tuple | set | frozenset) and not hasattr(value, "_fields"):
        for item in value:
            yield from find_patterns_in(item)


def build_texts(tree: Any) -> list[str]:
    """Return a few texts that a parsed pattern, or a part of it, matches."""
    texts = [""]
    for operation, argument in tree:
        texts = [
            before + text for before in texts for text in build_item_texts(operation, argument)
        ]
        texts = texts[:: max(1, len(texts) // 6)]
    return texts


def build_item_texts(operation: Any, argument: Any) -> list[str]:
    """Return a few texts that one item of a parsed pattern matches."""
    match operation:
        case sre.LITERAL:
            return [chr(argument)]
        case sre.NOT_LITERAL:
            return ["b" if argument == ord("a") else "a"]
        case sre.ANY:
            return ["a"]
        case sre.IN:
            return build_class_texts(argument)
        case sre.BRANCH:
            return [text for branch in argument[1] for text in build_texts(branch)[:1]]
        case sre.SUBPATTERN:
            return build_texts(argument[3])
        case sre.ATOMIC_GROUP:
            return build_texts(argument)
        case sre.MAX_REPEAT | sre.MIN_REPEAT | sre.POSSESSIVE_REPEAT:
            minimum, maximum, part = argument
            counts = {minimum, min(minimum + 1, maximum)}
            return [text * count for count in counts for text in build_texts(part)]
        case _:  # an assertion, or a reference
            return [""]


def build_class_texts(members: Any) -> list[str]:
    """Return characters of a class."""
    candidates = [*"a0 -.:'\"()[]/&=\\!b", "é"]
    inside = [
        character
        for character in candidates
        if any(is_member(ord(character), *member) for member in members if member[0] != sre.NEGATE)
    ]
    if members[0][0] == sre.NEGATE:
        inside = [character for character in candidates if character not in inside]
    return inside[:3] or [chr(members[0][1]) if isinstance(members[0][1], int) else "a"]


def is_member(code: int, kind: Any, argument: Any = None) -> bool:
    """Return whether a character is in a member of a class."""
    character = chr(code)
    if kind == sre.LITERAL:
        return bool(code == argument)
    if kind == sre.RANGE:
        return bool(argument[0] <= code <= argument[1])
    return {
        sre.CATEGORY_WORD: character.isalnum() or character == "_",
        sre.CATEGORY_NOT_WORD: not character.isalnum(),
        sre.CATEGORY_DIGIT: character.isdigit(),
        sre.CATEGORY_NOT_DIGIT: not character.isdigit(),
        sre.CATEGORY_SPACE: character.isspace(),
        sre.CATEGORY_NOT_SPACE: not character.isspace(),
    }[argument]


def find_parts(tree: Any) -> Iterator[Any]:
    """Yield a parsed pattern and all its parts."""
    yield tree
    for item in range(len(tree)):
        yield tree[item : item + 1]
        yield tree[: item + 1]
        argument = tree[item][1]
        values = argument if isinstance(argument, list | tuple) else [argument]
        for value in values:
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, sre_parser.SubPattern):
                    yield from find_parts(part)


def find_units(pattern: re.Pattern[str]) -> list[str]:
    """Return what is repeated to make a pattern work hard."""
    tree = sre_parser.parse(pattern.pattern, pattern.flags)
    texts = (text for part in find_parts(tree) for text in islice(build_texts(part), 4))
    return [unit for unit in dict.fromkeys((*COMMON_UNITS, *texts)) if unit]


def measure(pattern: re.Pattern[str], text: str) -> float:
    """Return the processor time that a pattern takes for a text, however it is applied."""
    start = time.thread_time()
    pattern.match(text)
    pattern.fullmatch(text)
    for _ in pattern.finditer(text):
        pass
    return time.thread_time() - start


def measure_growth(pattern: re.Pattern[str], prefix: str, unit: str, suffix: str) -> float:
    """Return how much more work a longer text is, 0 if it is too little to be measured.

    A growth above the limit is measured again, since a busy machine may slow one text down; work
    that grows with the square is above it each time.
    """
    attempts = (_measure_growth_once(pattern, prefix, unit, suffix) for _ in range(ATTEMPTS))
    growth = 0.0
    for growth in attempts:
        if growth < LIMIT:
            break
    return growth


def _measure_growth_once(pattern: re.Pattern[str], prefix: str, unit: str, suffix: str) -> float:
    """Return how much more work a longer text was, 0 if it was too little to be measured."""
    short, long = (
        prefix + unit * (length // len(unit) + 1) + suffix for length in (LENGTH, GROWTH * LENGTH)
    )
    if measure(pattern, long) < RESOLUTION:
        return 0
    # the smallest of several, since other work of the machine only adds to one
    long_time = min(measure(pattern, long) for _ in range(3))
    short_time = min(measure(pattern, short) for _ in range(9))
    return long_time / max(short_time, 1e-7)


PATTERNS: Final = find_patterns()


@pytest.mark.parametrize("name", PATTERNS)
def test_work_is_linear(name: str) -> None:
    """The work of each pattern grows at most linearly with the text."""
    pattern = PATTERNS[name]
    for unit in find_units(pattern):
        for prefix, suffix in FRAMES:
            growth = measure_growth(pattern, prefix, unit, suffix)
            assert growth < LIMIT, f"{prefix!r} + {unit!r} * n + {suffix!r}: {growth:.0f}"


def test_quadratic_work_is_detected() -> None:
    """The measurement detects quadratic work."""
    assert measure_growth(re.compile(r"\w*token"), "", "a", "") > LIMIT
    assert measure_growth(re.compile(r"a+b"), "", "a", "") > LIMIT
    assert measure_growth(re.compile(r"(?<!a)a++b"), "", "a" * 97, "") < LIMIT


def test_patterns_are_module_constants() -> None:
    """Patterns are module constants, so that the test above finds them."""
    applied = re.compile(r"\bre\.(match|fullmatch|search|subn?|split|findall|finditer)\(")
    in_function = re.compile(r"^ +(?!version: )\S.*\bre\.compile\(")
    hidden = [
        f"{path.name}: {line.strip()}"
        for path in Path(integration.__path__[0]).rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if applied.search(line) or (in_function.search(line) and " for " not in line)
    ]
    assert hidden == []
