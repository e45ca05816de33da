"""Print the pins of a Home Assistant that differ from requirements/default.txt.

``scripts/lock --newest`` runs it on an unpacked Home Assistant to write requirements/next.in.
"""

from collections.abc import Iterator
from importlib import metadata
from itertools import chain
import json
from pathlib import Path
import re
import sys
import tomllib

ROOT = Path(__file__).parent.parent
# The built-in integration that we replace asks for an older one.
CLIENT_PACKAGE = "music-assistant-client"
HEADER = """\
# The second environment (scripts/setup --next): what pyproject.toml asks for, but with these in
# place of what it and the harness pin. Written by scripts/lock --newest.
"""


def parse_pins(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield (name, version) of each line that pins one, with normalized names."""
    for line in lines:
        if match := re.match(r"([\w.-]+)(?:\[[\w,]+\])?==([\w.!+-]+)", line):
            yield re.sub(r"[-_.]+", "-", match[1]).lower(), match[2]


def read_pins(file: Path) -> dict[str, str]:
    """Return what a list of requirements pins, name -> version."""
    return dict(parse_pins(file.read_text().splitlines()))


def read_declared_pins() -> dict[str, str]:
    """Return what pyproject.toml pins for use and for the tests, name -> version."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups: dict[str, list[str]] = {
        name: [line for line in lines if isinstance(line, str)]  # the others include groups
        for name, lines in declared["dependency-groups"].items()
        if name != "tools"
    }
    return dict(parse_pins([*declared["project"]["dependencies"], *chain(*groups.values())]))


def read_component_pins(homeassistant: Path) -> dict[str, str]:
    """Return the pins of a Home Assistant's components, name -> version."""
    return {
        name: version
        for manifest in homeassistant.glob("components/*/manifest.json")
        for name, version in parse_pins(json.loads(manifest.read_text()).get("requirements", []))
    }


def main(folder: Path) -> None:
    """Print the list for the Home Assistant that was unpacked into this folder."""
    (package,) = metadata.distributions(name="homeassistant", path=[str(folder)])
    components = read_component_pins(folder / "homeassistant")
    ours = read_declared_pins().keys() - {CLIENT_PACKAGE}
    asked = {
        **{name: components[name] for name in ours & components.keys()},
        **dict(parse_pins(package.requires or [])),  # some of these the harness pins too
        "homeassistant": package.version,
    }
    locked = read_pins(ROOT / "requirements" / "default.txt")
    print(HEADER, end="")
    for name in sorted(asked.keys() & locked.keys()):
        if asked[name] != locked[name]:
            print(f"{name}=={asked[name]}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
