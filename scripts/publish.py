"""Write the repository's public address into the manifest, the badges and the links.

Nothing in the repository names an address before it has one. Run it again after a move.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
import json
from pathlib import Path
import re
import sys
from typing import Final
from urllib.parse import urlencode

ROOT = Path(__file__).parent.parent
MANIFEST: Final = Path("custom_components/music_assistant/manifest.json")
BLUEPRINTS: Final = Path("blueprints/automation/music_assistant")
BRANCH: Final = "main"
# What GitHub allows in names, also as part of an address that was copied from the browser.
ADDRESS: Final = re.compile(
    r"(?:https://github\.com/)?"
    r"(?P<owner>[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38})/(?P<name>(?!\.{1,2}$)[\w.-]{1,100}?)(?:\.git)?/?",
    re.ASCII,
)

# The page about the cards, in the card's source and in what is built of it: a string, and where the
# public address isn't known yet the one of Music Assistant.
CARD_SOURCES: Final = (
    Path("frontend/src/entry.ts"),
    Path("custom_components/music_assistant/frontend/dist/music-assistant.js"),
)
CARD_PAGE: Final = re.compile(
    r'"https://(?:www\.music-assistant\.io|github\.com/[\w./-]+/docs/cards\.md)"', re.ASCII
)

REGION: Final = re.compile(
    r"^( *<!-- published -->\n).*?^( *<!-- /published -->)$", re.DOTALL | re.MULTILINE
)


class PublishError(Exception):
    """Raised when nothing can be written; the text is shown."""


@dataclass(frozen=True)
class Repository:
    """A repository at GitHub."""

    owner: str
    name: str

    @property
    def url(self) -> str:
        """Return the address of its page."""
        return f"https://github.com/{self.owner}/{self.name}"


def parse_repository(text: str) -> Repository:
    """Return the repository that OWNER/REPOSITORY, or the address of its page, names."""
    if not (match := ADDRESS.fullmatch(text)):
        raise PublishError(f"not the name of a repository at GitHub (OWNER/REPOSITORY): {text}")
    return Repository(match["owner"], match["name"])


def build_badge(text: str, redirect: str, **parameters: str) -> str:
    """Return a badge that opens a page in the reader's own Home Assistant."""
    site = "https://my.home-assistant.io"
    return (
        f"[![{text}]({site}/badges/{redirect}.svg)]"
        f"({site}/redirect/{redirect}/?{urlencode(parameters)})"
    )


def update_manifest(text: str, repository: Repository) -> str:
    """Return the manifest with the address, its keys in the order that Home Assistant wants."""
    manifest = json.loads(text) | {
        "codeowners": [f"@{repository.owner}"],
        "documentation": repository.url,
        "issue_tracker": f"{repository.url}/issues",
    }
    keys = sorted(manifest, key=lambda key: (key not in ("domain", "name"), key))
    lines = ",\n".join(f"  {json.dumps(key)}: {json.dumps(manifest[key])}" for key in keys)
    return f"{{\n{lines}\n}}\n"


def replace_region(text: str, content: str) -> str:
    """Return a page with other content between its two marks."""
    updated, count = REGION.subn(lambda marks: marks[1] + content + marks[2], text)
    if count != 1:
        raise PublishError("a page has no marks, or more than two: <!-- published -->")
    return updated


def update_readme(text: str, repository: Repository) -> str:
    """Return the README with the badge that adds the repository."""
    badge = build_badge(
        "Add the repository",
        "hacs_repository",
        owner=repository.owner,
        repository=repository.name,
        category="integration",
    )
    return replace_region(text, f"   {badge}\n")


def update_automations(text: str, repository: Repository) -> str:
    """Return the page about automations with the badges that import the blueprints."""
    rows = [
        f"| {path.stem.replace('_', ' ').capitalize()} | "
        + build_badge(
            "Import the blueprint",
            "blueprint_import",
            blueprint_url=f"{repository.url}/blob/{BRANCH}/{path.relative_to(ROOT)}",
        )
        + " |"
        for path in sorted((ROOT / BLUEPRINTS).glob("*.yaml"))
    ]
    return replace_region(text, "\n".join(["| | |", "|---|---|", *rows]) + "\n")


def update_card(text: str, repository: Repository) -> str:
    """Return a script of the card with the address of its documentation."""
    page = f'"{repository.url}/blob/{BRANCH}/docs/cards.md"'
    updated, count = CARD_PAGE.subn(lambda _: page, text)
    if count != 1:
        raise PublishError("a script of the card names no address of its documentation, or several")
    return updated


UPDATES: Final[dict[Path, Callable[[str, Repository], str]]] = {
    MANIFEST: update_manifest,
    Path("README.md"): update_readme,
    Path("docs/automations.md"): update_automations,
    **dict.fromkeys(CARD_SOURCES, update_card),
}


def publish(repository: Repository) -> list[Path]:
    """Write the address into all files, or into none, and return those that changed."""
    before = {path: (ROOT / path).read_text(encoding="utf-8") for path in UPDATES}
    after = {path: update(before[path], repository) for path, update in UPDATES.items()}
    changed = [path for path in UPDATES if before[path] != after[path]]
    for path in changed:
        (ROOT / path).write_text(after[path], encoding="utf-8")
    return changed


def main(arguments: list[str] | None = None) -> int:
    """Write the address that the arguments name."""
    parser = argparse.ArgumentParser(prog="scripts/publish", description=__doc__)
    parser.add_argument("repository", metavar="OWNER/REPOSITORY")
    try:
        changed = publish(parse_repository(parser.parse_args(arguments).repository))
    except PublishError as err:
        print(f"scripts/publish: {err}", file=sys.stderr)
        return 1
    print("\n".join(f"written: {path}" for path in changed) or "nothing to do")
    return 0


if __name__ == "__main__":
    sys.exit(main())
