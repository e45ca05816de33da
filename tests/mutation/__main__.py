"""Run mutants: ``python -m tests.mutation --seed 1 --count 300``."""

import argparse
from collections import Counter, defaultdict
import json
from pathlib import Path
import sys

import pytest

from .explained import EXPLAINED
from .mutants import CONFIG, PARTS, ROOT, Mutant, sample_mutants
from .plugin import KILLED, SELECTED_TIME, SELECTED_TIME_AGAIN, TIMEOUT, MutationPlugin

# A mutant may let a test wait for what never comes.
PYTEST_OPTIONS = (
    *("-q", "--no-header", "--tb=no", "--show-capture=no", "-p", "no:cacheprovider"),
    "--timeout=30",
)


def parse_arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser("python -m tests.mutation", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="another seed, another sample")
    parser.add_argument("--count", type=int, default=300, help="how many mutants")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--list", action="store_true", help="only list the sample")
    parser.add_argument(
        "--folder", type=Path, default=ROOT / ".mutation", help="where results are kept"
    )
    parser.add_argument(
        "--again", action="store_true", help="run those that survived once more, with more tests"
    )
    return parser.parse_args()


def read_results(path: Path) -> dict[str, dict[str, str]]:
    """Return the results so far by the name of the mutant; the last one counts."""
    if not path.exists():
        return {}
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return {row["name"]: row for row in rows}


def print_summary(sample: list[Mutant], results: dict[str, dict[str, str]]) -> bool:
    """Print the score of each part; return whether each is at least 90 %."""
    outcomes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for mutant in sample:
        if result := results.get(mutant.name):
            outcomes[mutant.part][result["outcome"]] += 1
            if result["outcome"] not in (KILLED, TIMEOUT):
                reason = EXPLAINED.get(mutant.name)
                print(f"{result['outcome']}: {mutant.name}{f' ({reason})' if reason else ''}")
    good = True
    for part, counts in outcomes.items():
        killed, count = counts[KILLED] + counts[TIMEOUT], counts.total()
        good = good and killed >= 0.9 * count
        print(f"{part}: {killed} of {count} killed ({killed / count:.0%}), {dict(counts)}")
    return good


def main() -> int:
    """Run the sample, go on where a former run ended, and print the summary.

    What was recorded of a test file serves until that file changes.
    """
    options = parse_arguments()
    options.folder.mkdir(exist_ok=True)
    path = options.folder / f"results-{options.seed}.jsonl"
    sample, results = sample_mutants(options.seed, options.count, options.parts), read_results(path)
    if options.list:
        for mutant in sample:
            print(mutant.name)
        return 0
    waiting = [
        mutant
        for mutant in sample
        if (result := results.get(mutant.name)) is None
        or (options.again and result["outcome"] not in (KILLED, TIMEOUT))
    ]

    def report(mutant: Mutant, outcome: str, test: str, count: int) -> None:
        row = {"name": mutant.name, "outcome": outcome, "test": test, "tests": count}
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(row)}\n")

    files = [ROOT / "tests" / f"test_{name}.py" for name in CONFIG["tests"]]
    plugin = MutationPlugin(
        waiting, options.folder, report, SELECTED_TIME_AGAIN if options.again else SELECTED_TIME
    )
    pytest.main([*PYTEST_OPTIONS, *map(str, files)], plugins=[plugin])
    return 0 if print_summary(sample, read_results(path)) else 1


if __name__ == "__main__":
    sys.exit(main())
