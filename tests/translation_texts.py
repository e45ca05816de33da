"""Texts of the translations, filled in as Home Assistant does."""

from collections.abc import Mapping
import json
from pathlib import Path
from string import Formatter
from typing import Any, Final

from homeassistant.data_entry_flow import FlowResultType

ROOT = Path(__file__).parent.parent
TRANSLATIONS = ROOT / "custom_components" / "music_assistant" / "translations" / "en.json"
LANGUAGES: Final = sorted(path.stem for path in TRANSLATIONS.parent.glob("*.json"))
TEXTS: Final[dict[str, Any]] = json.loads(TRANSLATIONS.read_text())

CONFIG_FLOW: Final = ("config",)
MOVED_FIX_FLOW: Final = ("issues", "server_moved", "fix_flow")


def get_text(*path: str) -> str:
    """Return a text; KeyError if there is none."""
    found: Any = TEXTS
    for key in path:
        found = found[key]
    assert isinstance(found, str)
    return found


def find_placeholders(template: str) -> set[str]:
    """Return the names of a text's placeholders."""
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def render_flow_result(result: Mapping[str, Any], flow: tuple[str, ...] = CONFIG_FLOW) -> str:
    """Return all texts that a flow step shows; KeyError for a missing text or placeholder."""
    if result["type"] == FlowResultType.CREATE_ENTRY:
        return ""
    paths = list(_get_text_paths(result))
    placeholders = result["description_placeholders"] or {}
    return "\n".join(get_text(*flow, *path).format_map(placeholders) for path in paths)


def _get_text_paths(result: Mapping[str, Any]) -> list[tuple[str, ...]]:
    if result["type"] == FlowResultType.ABORT:
        # some texts are Home Assistant's own
        return [] if result.get("translation_domain") else [("abort", result["reason"])]
    step = ("step", result["step_id"])
    paths: list[tuple[str, ...]] = [(*step, "title"), (*step, "description")]
    if result["type"] == FlowResultType.MENU:
        options = result["menu_options"]
        groups = ("menu_options", "menu_option_descriptions")
        return paths + [(*step, group, option) for group in groups for option in options]
    if schema := result.get("data_schema"):
        # over the wire it is a list
        keys = [one["name"] for one in schema] if isinstance(schema, list) else schema.schema
        groups = ("data", "data_description")
        paths += [(*step, group, str(key)) for group in groups for key in keys]
    return paths + [("error", key) for key in (result.get("errors") or {}).values()]
