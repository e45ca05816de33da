"""quality_scale.yaml: what can be checked of it is so."""

from pathlib import Path
import re
from typing import Final

import pytest

import homeassistant
from homeassistant.const import Platform
from homeassistant.util.yaml import load_yaml_dict

from .test_services import SOURCE
from .translation_texts import ROOT

RULES: Final = load_yaml_dict(str(SOURCE / "quality_scale.yaml"))["rules"]
FILE: Final = re.compile(r"[\w./-]*(?:\.(?:json|md|py|toml|yaml)\b|\w/(?=[\s,;)]|$)|scripts/\w+)")
PLATFORMS: Final = [platform for platform in Platform if (SOURCE / f"{platform}.py").exists()]


def find_file(name: str) -> Path:
    """Return a file of the integration or of the repository."""
    return next((each for each in (SOURCE / name, ROOT / name) if each.exists()), SOURCE / name)


def get_platinum_rules() -> set[str]:
    """Return the rules that an integration of Home Assistant with all of them lists."""
    components = Path(homeassistant.__file__).parent / "components"
    return set(load_yaml_dict(str(components / "heos" / "quality_scale.yaml"))["rules"])


def test_all_rules() -> None:
    """The file has each rule of the quality scale, and no rule is to do."""
    assert RULES.keys() == get_platinum_rules()
    assert {rule["status"] for rule in RULES.values()} <= {"done", "exempt"}


@pytest.mark.parametrize("name", RULES)
def test_comment(name: str) -> None:
    """Files that a comment names exist, and have the code that it names."""
    comment = RULES[name]["comment"]
    assert [each for each in FILE.findall(comment) if not find_file(each).exists()] == []
    for file, code in re.findall(r"([\w/]+\.py) (_?[a-z]+_\w+|[A-Z]\w+[A-Z]\w+)", comment):
        assert re.search(rf"\b(?:def|class|type) {code}\b", find_file(file).read_text()), code


@pytest.mark.parametrize(
    ("rule", "file"),
    [
        ("docs-actions", "services.yaml"),
        ("docs-triggers", "triggers.yaml"),
        ("docs-conditions", "conditions.yaml"),
        ("docs-configuration-parameters", "flows/options.py"),
        ("action-setup", "services.yaml"),
        ("diagnostics", "diagnostics.py"),
        ("repair-issues", "repairs.py"),
        ("icon-translations", "icons.json"),
        ("brands", "brand/icon.png"),
    ],
)
def test_exemptions(rule: str, file: str) -> None:
    """A rule is only exempt if the integration has nothing that it applies to."""
    assert (RULES[rule]["status"] == "done") is (SOURCE / file).exists()


def test_platforms() -> None:
    """Each platform sets its parallel updates; some entities are disabled by default."""
    assert len(PLATFORMS) > 5
    sources = {platform: (SOURCE / f"{platform}.py").read_text() for platform in PLATFORMS}
    assert [each for each in PLATFORMS if "\nPARALLEL_UPDATES = " not in sources[each]] == []
    files = FILE.findall(RULES["entity-disabled-by-default"]["comment"])
    disabled = [find_file(each) for each in files if each.endswith(".py")]
    assert disabled
    assert [each.name for each in disabled if "enabled" not in each.read_text()] == []
