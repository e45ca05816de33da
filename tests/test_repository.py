"""What has to hold for the repository as a whole."""

import json
import os
from pathlib import Path
import re
import shutil
import subprocess
import tomllib

import pytest

from homeassistant.util.yaml import load_yaml_dict

ROOT = Path(__file__).parent.parent
MANIFEST = ROOT / "custom_components" / "music_assistant" / "manifest.json"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
# Registries and their mirrors are for the machine's own settings to name. The brackets keep
# this file from naming them.
FOREIGN = re.compile(
    r"py[p]i\.org|python[h]osted\.org|npm[j]s\.|debian[.]org|artifact[-]?registry"
    r"|(?<![\w#.$}])/(?:ro[o]t|wo[r]k|hom[e]/\w+|User[s]/\w+)/"
)


def list_files_in_git() -> list[Path]:
    """Return the files that are in git, or would be; skip the test where there is no git."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("not a checkout, or no git")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def test_no_registry_or_developer_path() -> None:
    """No file names a package registry, a mirror or a path of a developer's machine."""
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in list_files_in_git()
        if (match := FOREIGN.search(path.read_text(errors="ignore")))
    ]
    assert found == []


def test_scripts_are_executable() -> None:
    """Files with an interpreter line and the scripts for users are executable."""
    scripts = [path for path in list_files_in_git() if path.read_bytes()[:2] == b"#!"]
    assert {"setup", "develop", "test", "lint", "run"} <= {path.name for path in scripts}
    assert [path.name for path in scripts if not os.access(path, os.X_OK)] == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned(workflow: Path) -> None:
    """Workflows use actions by commit, since a tag can be moved."""
    used = re.findall(r"^\s*(?:- )?uses: *(.*)$", workflow.read_text(), re.MULTILINE)
    assert used
    assert [each for each in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # \S+", each)] == []


def test_version() -> None:
    """The manifest and the project have the same version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert json.loads(MANIFEST.read_text())["version"] == project["version"]


def test_release_archive() -> None:
    """The archive of a release has the name that HACS looks for."""
    archive = json.loads((ROOT / "hacs.json").read_text())["filename"]
    assert f" {archive}\n" in (ROOT / ".github" / "workflows" / "release.yml").read_text()


def test_issue_forms() -> None:
    """Each issue form has the keys that GitHub requires, and unique field ids."""
    forms = [*(ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")]
    forms.remove(ROOT / ".github" / "ISSUE_TEMPLATE" / "config.yml")
    assert forms
    for path in forms:
        form = load_yaml_dict(str(path))
        assert form["name"] and form["description"]
        fields = [field for field in form["body"] if field["type"] != "markdown"]
        assert {field["type"] for field in fields} <= {"textarea", "input", "dropdown"}
        assert all(field["attributes"]["label"] for field in fields)
        ids = [field["id"] for field in fields]
        assert len(ids) == len(set(ids))


def test_hooks_and_container_run_the_scripts() -> None:
    """Hooks do what scripts/test does, by its own tools; the container is made by scripts/setup."""
    (local,) = load_yaml_dict(str(ROOT / ".pre-commit-config.yaml"))["repos"]
    assert local["repo"] == "local"
    assert [hook["entry"] for hook in local["hooks"]] == ["scripts/lint", "scripts/test"]
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    assert container["postCreateCommand"] == "scripts/setup"
