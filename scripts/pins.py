"""Print what a Home Assistant asks for otherwise than requirements/default.txt has it.

``scripts/lock --newest`` runs it on an unpacked Home Assistant to write requirements/next.in.
"""

from collections.abc import Iterator
from importlib import metadata
import json
from pathlib import Path
import re
import sys

ROOT = Path(__file__).parent.parent
# The built-in integration that we replace asks for an older one.
OURS = "music-assistant-client"
HEADER = """\
# The second environment (scripts/setup --next): default.in, but with these in place of what it
# and the harness pin. Written by scripts/lock --newest.
"""


def pins_in(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield (name, version) of each line that pins one, names in their normal form."""
    for line in lines:
        if match := re.match(r"([\w.-]+)(?:\[[\w,]+\])?==([\w.!+-]+)", line):
            yield re.sub(r"[-_.]+", "-", match[1]).lower(), match[2]


def pins_of(file: Path) -> dict[str, str]:
    """Return what a list of requirements pins, name -> version."""
    return dict(pins_in(file.read_text().splitlines()))


def component_pins(homeassistant: Path) -> dict[str, str]:
    """Return what the components of a Home Assistant pin, name -> version."""
    return {
        name: version
        for manifest in homeassistant.glob("components/*/manifest.json")
        for name, version in pins_in(json.loads(manifest.read_text()).get("requirements", []))
    }


def main(folder: Path) -> None:
    """Print the list for the Home Assistant that was unpacked into this folder."""
    (package,) = metadata.distributions(name="homeassistant", path=[str(folder)])
    components = component_pins(folder / "homeassistant")
    ours = pins_of(ROOT / "requirements" / "default.in").keys() - {OURS}
    asked = {
        **{name: components[name] for name in ours & components.keys()},
        **dict(pins_in(package.requires or [])),  # some of these the harness pins too
        "homeassistant": package.version,
    }
    locked = pins_of(ROOT / "requirements" / "default.txt")
    print(HEADER, end="")
    for name in sorted(asked.keys() & locked.keys()):
        if asked[name] != locked[name]:
            print(f"{name}=={asked[name]}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
