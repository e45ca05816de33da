"""The results: as JSON, and as a table for the README."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
import platform
from typing import Any, Final

from .measures import UNITS

type Numbers = Mapping[str, float]  # by implementation

FLOOR: Final = "bare"
CEILING: Final = "builtin"
TITLES: Final = {FLOOR: "bare client", "ours": "this integration", CEILING: "built-in"}


def machine() -> dict[str, Any]:
    """Describe the machine."""
    cpus = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    return {
        "cores": len(cpus),
        "cpu": cpus[0] if cpus else platform.processor(),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def markdown(results: Mapping[str, Any]) -> str:
    """Return the table: a row for each measure, in its cells the numbers of players in turn."""
    return "\n".join(_lines(results))


def _lines(results: Mapping[str, Any]) -> Iterator[str]:
    names: list[str] = results["implementations"]
    ratios = list(_ratios(names))
    heads = [
        "",
        *map(_title, names),
        *(f"{_title(one)} : {_title(other)}" for one, other in ratios),
    ]
    yield _row(heads)
    yield _row(["---", *["---:"] * (len(heads) - 1)])
    for what, unit in UNITS.items():
        medians: list[Numbers] = [each.get(what, {}) for each in results["players"].values()]
        if any(medians):
            cells = [_joined(_number(each.get(name)) for each in medians) for name in names]
            cells += [_joined(_ratio(each, *pair) for each in medians) for pair in ratios]
            yield _row([f"{what} [{unit}]" if unit else what, *cells])
    about = results["machine"]
    yield ""
    yield (
        f"With {_joined(results['players'])} players, medians of {results['rounds']} rounds in one"
        f" run on {about['system']} with {about['cores']} cores of {about['cpu']}, Python"
        f" {about['python']}."
    )


def _ratios(names: list[str]) -> Iterator[tuple[str, str]]:
    """Return what is held against what: ours against the floor, the built-in against ours."""
    ours = [name for name in names if name not in (FLOOR, CEILING)]
    yield from ((name, FLOOR) for name in ours if FLOOR in names)
    yield from ((CEILING, name) for name in ours if CEILING in names)


def _title(name: str) -> str:
    return TITLES.get(name, name)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _joined(cells: Iterable[str]) -> str:
    return " / ".join(cells)


def _number(value: float | None) -> str:
    """Return a number with three digits, or all that it has before the point."""
    if value is None:
        return "-"
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.{max(0, 3 - len(str(int(value))))}f}"


def _ratio(numbers: Numbers, one: str, other: str) -> str:
    if not numbers.get(other) or one not in numbers:
        return "-"
    return f"{numbers[one] / numbers[other]:.2f}"
