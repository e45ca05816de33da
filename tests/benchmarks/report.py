"""The results: as JSON, and as a table for the README."""

from collections.abc import Iterator, Mapping
from pathlib import Path
import platform
from typing import Any, Final

from .measures import UNITS

type Medians = Mapping[str, Mapping[str, float]]  # what was measured -> implementation -> number

TITLES: Final = {"bare": "bare client", "ours": "this integration", "builtin": "built-in"}


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
    """Return the table."""
    return "\n".join(_lines(results))


def _lines(results: Mapping[str, Any]) -> Iterator[str]:
    names = results["implementations"]
    titles = [TITLES.get(name, name) for name in names]
    ratios = [name for name in names if name not in ("bare", "builtin")]
    heads = ["", "players", *titles]
    heads += [f"{TITLES.get(name, name)} : bare client" for name in ratios if "bare" in names]
    heads += [f"built-in : {TITLES.get(name, name)}" for name in ratios if "builtin" in names]
    yield _row(heads)
    yield _row(["---", *["---:"] * (len(heads) - 1)])
    for what, unit in UNITS.items():
        for players, medians in results["players"].items():
            if numbers := medians.get(what):
                title = f"{what} [{unit}]" if unit else what
                yield _row([title, players, *_cells(numbers, names, ratios)])
    about = results["machine"]
    yield ""
    yield (
        f"Medians of {results['rounds']} rounds in one run on {about['system']} with"
        f" {about['cores']} cores of {about['cpu']}, Python {about['python']}."
    )


def _cells(numbers: Mapping[str, float], names: list[str], ratios: list[str]) -> Iterator[str]:
    for name in names:
        yield _number(numbers.get(name))
    for floor in {"bare"} & set(names):
        for name in ratios:
            yield _ratio(numbers.get(name), numbers.get(floor))
    for ceiling in {"builtin"} & set(names):
        for name in ratios:
            yield _ratio(numbers.get(ceiling), numbers.get(name))


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.{max(0, 2 - len(str(int(value))) + 1)}f}"


def _ratio(value: float | None, base: float | None) -> str:
    return f"{value / base:.2f}" if value is not None and base else ""
