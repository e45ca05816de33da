"""What people are shown of the actions and entities: fields, names and icons."""

from collections.abc import Iterator
import json
from pathlib import Path
import re
from typing import Any

import hass_frontend
from music_assistant_models.enums import (
    AlbumType,
    MediaType,
    PlaylistMatchPolicy,
    QueueOption,
    SortDirection,
)
import probatio
import pytest

from custom_components.music_assistant import (
    binary_sensor,
    event,
    image,
    number,
    select,
    sensor,
    switch,
    text,
)
from custom_components.music_assistant.actions import ACTIONS
from custom_components.music_assistant.actions.base import PlayerEntityAction, TargetAction
from custom_components.music_assistant.actions.items import OFF, ON, TOGGLE
from custom_components.music_assistant.actions.library import (
    GENRE_CONTENT_TYPES,
    LIBRARY_LISTS,
    SORT_FIELDS,
)
from custom_components.music_assistant.actions.music import MEDIA_FIELDS, MediaAction
from custom_components.music_assistant.actions.playlists import SOURCE_CURRENT_ITEM, SOURCE_QUEUE
from custom_components.music_assistant.actions.server import PROVIDER_TYPES, SYNC_MEDIA_TYPES
from custom_components.music_assistant.actions.targets import (
    ATTR_ENTITY,
    QUEUE_ACTIVE,
    QUEUE_OWN,
    TARGET_FIELDS,
)
from custom_components.music_assistant.const import CONF_TRUST, DOMAIN
from custom_components.music_assistant.flows.trust import OPTION_BACK, OPTION_HOME_ASSISTANT
from custom_components.music_assistant.media.smart_playlists import MATCH_ALL, MATCH_ANY
from custom_components.music_assistant.server.tls import CERTIFICATE_AUTHORITY, PINNED_CERTIFICATE
import homeassistant
from homeassistant.components.media_player import RepeatMode
from homeassistant.core import HomeAssistant, SupportsResponse
from homeassistant.helpers.icon import async_get_icons
from homeassistant.helpers.selector import selector
from homeassistant.helpers.service import async_get_all_descriptions
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml_dict

from .translation_texts import ROOT, TEXTS

SOURCE = ROOT / "custom_components" / DOMAIN
BUILT_IN = Path(homeassistant.__file__).parent / "components" / DOMAIN
ACTION_OF = {action.name: action for action in ACTIONS}
NAMES = sorted(ACTION_OF)
# The tables of the entities, by platform.
ENTITIES: dict[str, set[str]] = {
    "binary_sensor": {one.translation_key or "" for one in binary_sensor.BINARY_SENSORS},
    "button": {"favorite_now_playing"},
    "event": {
        one.translation_key or ""
        for one in (event.PLAYER_EVENT, event.LIBRARY_EVENT, event.PARTY_EVENT)
    },
    "image": {image.PARTY_QR_CODE.translation_key or ""},
    "number": {
        *number.OPTION_NUMBERS,
        *(one.translation_key or "" for one in (number.PLAYBACK_SPEED, number.VOLUME_LIMIT)),
    },
    "select": {
        *select.OPTION_SELECTS,
        *(
            one.translation_key or ""
            for one in (select.DSP_PRESET, select.SLEEP_TIMER, select.QUEUE_DJ, select.CHAPTER)
        ),
    },
    "sensor": {
        one.translation_key or ""
        for one in (
            *sensor.PLAYER_SENSORS,
            *sensor.CONTEXT_SENSORS,
            sensor.NEXT_TRACK_SENSOR,
            sensor.PARTY_ADDRESS,
            *sensor.SERVER_SENSORS,
        )
    },
    "switch": {
        *switch.OPTION_SWITCHES,
        switch.DSP.translation_key or "",
        *(
            one.translation_key or ""
            for one in (
                switch.FAVORITE,
                switch.FLOW_MODE,
                switch.GUEST_ACCESS,
                *switch.QUEUE_SWITCHES,
            )
        ),
    },
    "text": set(text.OPTION_TEXTS),
}
QUEUES = {QUEUE_OWN, QUEUE_ACTIVE}
# What the choices of a select stand for in the code.
CHOICES: dict[tuple[str, str], set[str]] = {
    ("get_library", "album_type"): set(AlbumType),
    ("get_library", "contains"): set(LIBRARY_LISTS),
    ("get_library", "content_type"): set(GENRE_CONTENT_TYPES),
    ("get_library", "media_type"): set(LIBRARY_LISTS),
    ("get_library", "sort_direction"): {*SortDirection},
    ("get_library", "sort_field"): set(SORT_FIELDS),
    ("get_recently_played", "media_type"): set(LIBRARY_LISTS),
    ("play_media", "enqueue"): {*QueueOption} - {QueueOption.UNKNOWN.value},
    ("get_providers", "provider_type"): set(PROVIDER_TYPES),
    **{
        (f"{verb}_smart_playlist", field): set(AlbumType)
        for verb in ("create", "update", "preview")
        for field in ("album_type", "exclude_album_type")
    },
    **{
        (f"{verb}_smart_playlist", "match"): {MATCH_ALL, MATCH_ANY}
        for verb in ("create", "update", "preview")
    },
    ("import_playlist_file", "match_policy"): set(PlaylistMatchPolicy),
    ("migrate_playlist", "match_policy"): set(PlaylistMatchPolicy),
    ("play_similar_tracks", "enqueue"): {*QueueOption} - {QueueOption.UNKNOWN.value},
    ("search", "media_type"): set(LIBRARY_LISTS),
    ("add_to_playlist", "source"): {SOURCE_CURRENT_ITEM, SOURCE_QUEUE},
    ("set_favorite", "favorite"): {ON, OFF, TOGGLE},
    ("sync_library", "media_type"): set(SYNC_MEDIA_TYPES),
    ("set_queue_settings", "repeat"): set(RepeatMode),
}


# What actions need one of, though none is required by itself.
NEEDED: dict[str, dict[str, Any]] = {
    "play_announcement": {"url": "https://example.com/doorbell.mp3"},
    "play_media": {"media_id": "library://album/1"},
    "set_queue_settings": {"shuffle": True},
}


def get_fields(service: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the fields of an action, including those in sections."""
    found: dict[str, dict[str, Any]] = {}
    for name, field in (service.get("fields") or {}).items():
        found |= field.get("fields", {name: field})
    return found


def get_texts(*path: str) -> dict[str, Any]:
    """Return the English texts below a path."""
    found = TEXTS
    for key in path:
        found = found[key]
    return found


def get_sections(service: dict[str, Any]) -> set[str]:
    """Return the sections of an action."""
    return {name for name, field in (service.get("fields") or {}).items() if "fields" in field}


def get_schema_keys(schema: Any) -> Iterator[probatio.Optional | probatio.Required]:
    """Return the keys of an action's schema without those of the target."""
    while not isinstance(schema, dict):
        schema = schema.validators[0] if hasattr(schema, "validators") else schema.schema
    targets = {str(each) for each in TARGET_FIELDS}
    if not targets <= {str(key) for key in schema}:
        targets.remove(ATTR_ENTITY)  # no target, but what tells the server
    for key in schema:
        if isinstance(key, probatio.Optional | probatio.Required) and str(key) not in targets:
            yield key


@pytest.fixture(name="described")
async def described_fixture(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> dict[str, dict[str, Any]]:
    """Return the actions as Home Assistant describes them to its frontend."""
    assert await async_setup_component(hass, DOMAIN, {})
    descriptions: dict[str, dict[str, Any]] = (await async_get_all_descriptions(hass))[DOMAIN]
    assert "Unable to parse" not in caplog.text
    assert "Invalid target" not in caplog.text
    return descriptions


async def test_fields(
    hass: HomeAssistant, described: dict[str, dict[str, Any]], subtests: pytest.Subtests
) -> None:
    """The fields in services.yaml have the defaults and requirements of the schema."""
    assert sorted(described) == NAMES
    for name in NAMES:
        with subtests.test(name):
            fields = get_fields(described[name])
            keys = {
                key.schema: key
                for key in get_schema_keys(hass.services.async_services()[DOMAIN][name].schema)
            }
            assert set(fields) == set(keys)
            for field, key in keys.items():
                shown = fields[field]
                assert shown.get("required", False) is isinstance(key, probatio.Required), field
                assert "selector" in shown, field
                assert not callable(key.default) or shown.get("default") == key.default(), field
                # the editor puts the default of every field into a new action
                optional = isinstance(key, probatio.Optional) and not callable(key.default)
                assert not optional or "default" not in shown, field


async def test_targets(described: dict[str, dict[str, Any]], subtests: pytest.Subtests) -> None:
    """Actions of players have a target, others don't; some have a response."""
    for name in NAMES:
        with subtests.test(name):
            action = next(each for each in ACTIONS if each.name == name)
            shown = described[name]
            if isinstance(action, PlayerEntityAction | TargetAction | MediaAction):
                (entity,) = shown["target"]["entity"]
                # with an integration the editor counts the entities of a target wrongly
                assert "integration" not in entity
                assert (entity["domain"], entity["device_class"]) == (["media_player"], ["speaker"])
            else:
                assert "target" not in shown
            assert ("response" in shown) is (action.supports_response is not SupportsResponse.NONE)


async def test_examples(
    hass: HomeAssistant, described: dict[str, dict[str, Any]], subtests: pytest.Subtests
) -> None:
    """Each example is valid."""
    for name in NAMES:
        with subtests.test(name):
            schema = hass.services.async_services()[DOMAIN][name].schema
            assert schema
            action = next(each for each in ACTIONS if each.name == name)
            named = {str(field) for field in MEDIA_FIELDS}
            together = {
                "message": {"tts_entity_id": "tts.piper"},
                "tts_entity_id": {"message": "Hello"},
            }
            fields = get_fields(described[name])
            base: dict[str, Any] = {
                field: shown["example"] for field, shown in fields.items() if shown.get("required")
            }
            base |= NEEDED.get(name, {})
            if "target" in described[name]:
                base["entity_id"] = "media_player.kitchen"
            for field, shown in fields.items():
                if field == "config_entry_id":
                    continue
                example = shown["example"]
                if shown["selector"].keys() & {"object", "media"}:
                    example = json.loads(example)
                given = base | {field: example} | together.get(field, {})
                if "message" in given:
                    del given["url"]
                if field == "media":
                    del given["media_id"]
                if isinstance(action, MediaAction) and field in named:
                    del given["entity_id"]
                    given["media_id"] = fields["media_id"]["example"]
                schema(given)
                if field == "media":  # whose player is the target here
                    example |= {"entity_id": "media_player.kitchen"}
                config = shown["selector"].get("text") or {}
                check: Any = selector(shown["selector"])
                check([example] if config.get("multiple") else example)


async def test_choices(described: dict[str, dict[str, Any]]) -> None:
    """Each option of a selector is valid and translated."""
    named: dict[str, set[str]] = {
        CONF_TRUST: {PINNED_CERTIFICATE, CERTIFICATE_AUTHORITY, OPTION_HOME_ASSISTANT, OPTION_BACK}
    }
    for name, service in described.items():
        for field, shown in get_fields(service).items():
            if not (config := shown["selector"].get("select")):
                continue
            options = set(config["options"])
            assert len(options) == len(config["options"])
            meant = QUEUES if field == "queue" else CHOICES.get((name, field), options)
            assert options == meant, (name, field)
            named.setdefault(config["translation_key"], set()).update(options)
    chosen = {key: set(each["options"]) for key, each in get_texts("selector").items()}
    assert chosen.pop("played_type")  # of triggers and conditions
    assert chosen == named
    assert named["media_type"] == {*LIBRARY_LISTS, MediaType.FOLDER}


async def test_texts(described: dict[str, dict[str, Any]], subtests: pytest.Subtests) -> None:
    """Each action, field and section has texts, and each text is used."""
    assert sorted(get_texts("services")) == NAMES
    for name in NAMES:
        with subtests.test(name):
            shown = get_texts("services", name)
            assert set(shown) - {"fields", "sections"} == {"name", "description"}
            assert set(shown.get("fields", {})) == set(get_fields(described[name]))
            assert all(
                set(each) == {"name", "description"} for each in shown.get("fields", {}).values()
            )
            assert set(shown.get("sections", {})) == get_sections(described[name])


def test_fields_of_builtin() -> None:
    """Our actions accept the fields of the built-in integration's actions."""
    theirs = load_yaml_dict(str(BUILT_IN / "services.yaml"))
    ours = load_yaml_dict(str(SOURCE / "services.yaml"))
    assert set(theirs) <= set(ours)
    for name, service in theirs.items():
        fields = get_fields(ours[name])
        for field, shown in get_fields(service).items():
            assert field in fields
            options = (shown["selector"].get("select") or {}).get("options", [])
            assert set(options) <= set(
                (fields[field]["selector"].get("select") or {"options": []})["options"]
            )


def flatten_texts(found: dict[str, Any], *path: str) -> dict[str, str]:
    """Return texts by their dotted paths."""
    texts_by_path: dict[str, str] = {}
    for key, value in found.items():
        if isinstance(value, dict):
            texts_by_path |= flatten_texts(value, *path, key)
        else:
            texts_by_path[".".join((*path, key))] = value
    return texts_by_path


def test_player_options() -> None:
    """Each known player option has a name, and each name is used."""
    for platform, keys in ENTITIES.items():
        assert set(get_texts("entity", platform)) == keys
    assert set(get_texts("entity")) == {*ENTITIES, "media_player"}


def test_names_of_builtin_entities() -> None:
    """Entities and states have the names of the built-in integration's."""
    theirs = flatten_texts(
        json.loads((BUILT_IN / "translations" / "en.json").read_text())["entity"]
    )
    ours = flatten_texts(get_texts("entity"))
    assert set(theirs) <= set(ours)
    assert {path: ours[path] for path in theirs if path.endswith(".name")} == {
        path: name for path, name in theirs.items() if path.endswith(".name")
    }


def find_icons(found: Any) -> Iterator[str]:
    """Yield all icons."""
    if isinstance(found, dict):
        for each in found.values():
            yield from find_icons(each)
    else:
        yield found


async def test_icons(hass: HomeAssistant, described: dict[str, dict[str, Any]]) -> None:
    """Each action, section and player option has an icon that exists."""
    services = (await async_get_icons(hass, "services", [DOMAIN]))[DOMAIN]
    assert sorted(services) == NAMES
    for name, shown in services.items():
        assert set(shown) <= {"service", "sections"}
        assert set(shown.get("sections", {})) == get_sections(described[name])
    entities = (await async_get_icons(hass, "entity", [DOMAIN]))[DOMAIN]
    assert {platform: set(each) for platform, each in entities.items()} == ENTITIES
    for platform, each in entities.items():
        for key, shown in each.items():
            assert set(shown) - {"state"} == {"default"}
            states = {"on", "off"} if platform in ("binary_sensor", "switch") else set()
            states |= set(get_texts("entity", platform, key).get("state", {}))
            assert set(shown.get("state", {})) <= states
    known = hass_frontend.where() / "static" / "mdi" / "iconList.json"
    names = {each["name"] for each in json.loads(known.read_text())}
    used = {*find_icons(services), *find_icons(entities)}
    assert {icon for icon in used if not re.fullmatch(r"mdi:[a-z0-9-]+", icon)} == set()
    assert {icon.removeprefix("mdi:") for icon in used} - names == set()
