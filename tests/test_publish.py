"""scripts/publish: the public address is written once, to where it belongs."""

import json
from pathlib import Path
import re
import shutil

import pytest

from scripts import publish
from scripts.publish import MANIFEST, UPDATES, Repository, parse_repository

from .translation_texts import ROOT

REPOSITORY = Repository("octo-cat", "music.assistant_2")


@pytest.fixture(name="checkout")
def checkout_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of what is written to."""
    for path in [*map(ROOT.joinpath, UPDATES), *(ROOT / publish.BLUEPRINTS).glob("*.yaml")]:
        target = tmp_path / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    monkeypatch.setattr(publish, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "text",
    [
        "octo-cat/music.assistant_2",
        "https://github.com/octo-cat/music.assistant_2",
        "https://github.com/octo-cat/music.assistant_2.git",
        "https://github.com/octo-cat/music.assistant_2/",
    ],
)
def test_repository(text: str) -> None:
    """A repository is named as at GitHub, or by its address."""
    assert parse_repository(text) == REPOSITORY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "octo-cat",
        "/name",
        "octo-cat/",
        "-octo/name",
        "octo--cat/name",
        "octo/na me",
        "octo/..",
        "octo/a/b",
        "https://example.com/octo/name",
        'octo/"name',
        "octo/<!--",
        "ö/name",
        "octo/a\n",
    ],
)
def test_invalid_repository(checkout: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An invalid repository name is an error, and nothing is written."""
    before = {path: (checkout / path).read_bytes() for path in UPDATES}
    assert publish.main([text] if not text.startswith("-") else ["--", text]) == 1
    assert "OWNER/REPOSITORY" in capsys.readouterr().err
    assert {path: (checkout / path).read_bytes() for path in UPDATES} == before


def test_publish(checkout: Path) -> None:
    """Manifest and badges name the address; a second time nothing changes; a move is possible."""
    assert publish.publish(REPOSITORY) == list(UPDATES)
    manifest = json.loads((checkout / MANIFEST).read_text())
    assert manifest["documentation"] == "https://github.com/octo-cat/music.assistant_2"
    assert manifest["issue_tracker"] == "https://github.com/octo-cat/music.assistant_2/issues"
    assert manifest["codeowners"] == ["@octo-cat"]
    assert list(manifest)[:2] == ["domain", "name"]
    assert list(manifest)[2:] == sorted(list(manifest)[2:])
    assert manifest.keys() - json.loads((ROOT / MANIFEST).read_text()).keys() <= {"issue_tracker"}
    readme = (checkout / "README.md").read_text()
    assert (
        "/hacs_repository/?owner=octo-cat&repository=music.assistant_2&category=integration)"
        in readme
    )
    for path in publish.CARD_SOURCES:
        page = '"https://github.com/octo-cat/music.assistant_2/blob/main/docs/cards.md"'
        assert (checkout / path).read_text().count(page) == 1
    automations = (checkout / "docs" / "automations.md").read_text()
    assert re.findall(
        r"blob%2Fmain%2Fblueprints%2Fautomation%2Fmusic_assistant%2F(\w+)", automations
    ) == [path.stem for path in sorted((ROOT / publish.BLUEPRINTS).glob("*.yaml"))]
    assert publish.publish(REPOSITORY) == []
    assert publish.publish(Repository("hubot", "moved")) == list(UPDATES)
    assert not [path for path in UPDATES if "octo-cat" in (checkout / path).read_text()]


def test_page_without_marks(checkout: Path) -> None:
    """A page without marks is an error, and nothing is written."""
    before = (checkout / MANIFEST).read_bytes()
    readme = checkout / "README.md"
    readme.write_text(readme.read_text().replace("<!-- published -->", ""))
    with pytest.raises(publish.PublishError):
        publish.publish(REPOSITORY)
    assert (checkout / MANIFEST).read_bytes() == before


def test_script_without_address(checkout: Path) -> None:
    """A script of the card without the address is an error, and nothing is written."""
    before = {path: (checkout / path).read_bytes() for path in UPDATES}
    script = checkout / publish.CARD_SOURCES[-1]
    before[publish.CARD_SOURCES[-1]] = b"var p;"
    script.write_bytes(b"var p;")
    assert publish.main(["octo-cat/name"]) == 1
    assert {path: (checkout / path).read_bytes() for path in UPDATES} == before


def test_unpublished() -> None:
    """Without an address none is named, nor the built-in integration's page."""
    manifest = json.loads((ROOT / MANIFEST).read_text())
    assert "home-assistant.io" not in manifest["documentation"]
    if manifest["codeowners"]:
        assert manifest["issue_tracker"] == f"{manifest['documentation']}/issues"
    else:
        assert "issue_tracker" not in manifest
