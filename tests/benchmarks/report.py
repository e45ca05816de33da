"""The results as a table for docs/performance.md."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
import platform
from typing import Any, Final

from .measures import UNITS

type Numbers = Mapping[str, float]  # by implementation

BARE_CLIENT: Final = "bare"
BUILTIN: Final = "builtin"
TITLES: Final = {
    BARE_CLIENT: "bare client",
    "ours": "this integration",
    "ours before": "this integration, before",
    "whole": "with all its entities",
    "whole before": "with all its entities, before",
    BUILTIN: "built-in",
}


def get_machine_info() -> dict[str, Any]:
    """Return a description of the machine."""
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


def format_markdown(results: Mapping[str, Any]) -> str:
    """Return the table: a row for each measure, its cells with a value per number of players."""
    return "\n".join(_format_lines(results))


def _format_lines(results: Mapping[str, Any]) -> Iterator[str]:
    names: list[str] = results["implementations"]
    ratios = list(_get_ratios(names))
    heads = [
        "",
        *map(_get_title, names),
        *(f"{_get_title(one)} : {_get_title(other)}" for one, other in ratios),
    ]
    yield _format_row(heads)
    yield _format_row(["---", *["---:"] * (len(heads) - 1)])
    for what, unit in UNITS.items():
        medians: list[Numbers] = [each.get(what, {}) for each in results["players"].values()]
        if any(medians):
            cells = [
                _join_cells(_format_number(each.get(name)) for each in medians) for name in names
            ]
            cells += [
                _join_cells(_format_ratio(each, *pair) for each in medians) for pair in ratios
            ]
            yield _format_row([f"{what} [{unit}]" if unit else what, *cells])
    yield from _format_growth(results)
    about = results["machine"]
    yield ""
    yield (
        f"With {_join_cells(results['players'])} players, medians of {results['rounds']} rounds in one"
        f" run on {about['system']} with {about['cores']} cores of {about['cpu']}, Python"
        f" {about['python']}."
    )


def _format_growth(results: Mapping[str, Any]) -> Iterator[str]:
    """Return how much more a burst costs with the most players than with the fewest."""
    by_players: Mapping[str, Mapping[str, Numbers]] = results["players"]
    fewest, most = min(by_players, key=int), max(by_players, key=int)
    if fewest == most:
        return
    yield ""
    yield f"Growth of bursts from {fewest} to {most} players:"
    yield ""
    for what in by_players[fewest]:
        if what.endswith("burst") and what in by_players[most]:
            first, last = by_players[fewest][what], by_players[most][what]
            factors = ", ".join(
                f"{_get_title(name)} {last[name] / first[name]:.2f}" for name in first
            )
            yield f"- {what}: {factors}"


def _get_ratios(names: list[str]) -> Iterator[tuple[str, str]]:
    """Return the pairs to compare: ours with the bare client, the one before and the built-in."""
    ours = "whole" if "whole" in names else "ours"
    yield from (
        (ours, other) for other in (BARE_CLIENT, f"{ours} before", BUILTIN) if other in names
    )


def _get_title(name: str) -> str:
    return TITLES.get(name, name)


def _format_row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _join_cells(cells: Iterable[str]) -> str:
    return " / ".join(cells)


def _format_number(value: float | None) -> str:
    """Return a number with three digits, or all digits of its integer part."""
    if value is None:
        return "-"
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.{max(0, 3 - len(str(int(value))))}f}"


def _format_ratio(numbers: Numbers, one: str, other: str) -> str:
    if not numbers.get(other) or one not in numbers:
        return "-"
    return f"{numbers[one] / numbers[other]:.2f}"
