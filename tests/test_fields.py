"""Fields of actions in the forms in which scripts, blueprints, cards and templates send them."""

from collections.abc import Mapping
import logging
from typing import Any, Final

from music_assistant_models.enums import AlbumType, MediaType, QueueOption
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.music_assistant.actions.fields import (
    MEDIA_TYPES,
    ActionSchema,
    UnexpectedValue,
    build_choice_validator,
    build_choices_validator,
    build_lenient_number_validator,
    build_number_validator,
    validate_boolean,
    validate_media_type,
)
from custom_components.music_assistant.const import DOMAIN
from homeassistant.components import music_assistant as built_in
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util.yaml import load_yaml_dict

from .action_helpers import (
    ALBUM,
    call_action,
    call_for_response,
    call_server_action,
    expect_error,
    get_sent_arguments,
    start_playback,
)
from .common import Harness
from .server import MassServer

PLAY_MEDIA, ANNOUNCE = "player_queues/play_media", "players/cmd/play_announcement"
EMPTY: Final[tuple[object, ...]] = ("", "  ", None, [], [""], [None, " "])


# Validators


@pytest.mark.parametrize("word", ["album", "Album", " ALBUM ", "alBum", MediaType.ALBUM])
def test_choice(word: str) -> None:
    """A word is understood in upper and lower case."""
    assert build_choice_validator(MEDIA_TYPES)(word) is MediaType.ALBUM
    assert build_choices_validator(MEDIA_TYPES)(word) == [MediaType.ALBUM]
    assert build_choices_validator(MEDIA_TYPES)(["", word, None]) == [MediaType.ALBUM]


@pytest.mark.parametrize("word", ["albums", "al bum", "unknown", "", 1, None, True, ["album"], {}])
def test_no_choice(word: object) -> None:
    """Anything else is refused, with what there is."""
    with pytest.raises(UnexpectedValue) as raised:
        build_choice_validator(MEDIA_TYPES)(word)
    assert raised.value.possible.split(", ")[:3] == ["artist", "album", "track"]
    assert "unknown" not in raised.value.possible


@pytest.mark.parametrize(("value", "word"), [(True, "on"), (False, "off"), ("On", "on")])
def test_choice_of_yaml(value: object, word: str) -> None:
    """YAML reads on and off as booleans."""
    assert build_choice_validator(("on", "off"))(value) == word


def test_media_type() -> None:
    """Home Assistant's type of any music is none of the server's."""
    assert [
        validate_media_type(word) for word in ("music", "Music", "Radio", "podcast_episode")
    ] == [
        None,
        None,
        MediaType.RADIO,
        MediaType.PODCAST_EPISODE,
    ]


@pytest.mark.parametrize("value", [7, "7", " 7 ", "7.0", 7.0])
def test_number(value: object) -> None:
    """A number is understood as text, too."""
    assert build_number_validator(0, 9)(value) == 7


@pytest.mark.parametrize(
    "value", [-1, 10, 0.4, "0.5", "loud", "", None, True, "nan", "inf", "1e999", [7], "7 %"]
)
def test_no_number(value: object) -> None:
    """Fractions, words and what is out of range are refused, with the range."""
    with pytest.raises(UnexpectedValue) as raised:
        build_number_validator(0, 9)(value)
    assert raised.value.possible == "0–9"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *((0, None), ("0", None), (-5, None), (-0.4, None), ("-1e99", None), ("-inf", None)),
        *((1, 1), ("1.0", 1), (45.9, 45), (" 50 ", 50), (100, 100)),
        *((100.5, 100), (101, 100), ("400", 100), (1e99, 100), ("inf", 100)),
    ],
)
def test_lenient_number(value: object, expected: int | None) -> None:
    """A number below the range isn't given, and one above it is the maximum."""
    assert build_lenient_number_validator(1, 100, None)(value) == expected


@pytest.mark.parametrize("value", [0.4, "0.999", "loud", "nan", True, None, [5], "5 %", ""])
def test_no_lenient_number(value: object) -> None:
    """Words are refused, and shares such as a volume from 0 to 1."""
    with pytest.raises(UnexpectedValue):
        build_lenient_number_validator(1, 100, None)(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("off", False), ("No", False), ("0", False), (0, False), ("true", True), (" ON ", True)],
)
def test_boolean(value: object, expected: bool) -> None:
    """A boolean is understood as text."""
    assert validate_boolean(value) is expected


@pytest.mark.parametrize("value", ["maybe", "2", [], {}, "truee"])
def test_no_boolean(value: object) -> None:
    """Anything else is neither."""
    with pytest.raises(UnexpectedValue):
        validate_boolean(value)


# Errors


@pytest.mark.parametrize(
    ("action", "data", "key", "placeholders"),
    [
        ("search", {}, "field_missing", {"field": "name"}),
        ("get_library", {"media_type": ""}, "field_not_possible", {"field": "media_type"}),
        ("search", {"name": ["x"]}, "field_invalid", {"field": "name"}),
        (
            "get_library",
            {"media_type": "radio", "limit": "x"},
            "field_not_possible",
            {"value": "x"},
        ),
        ("search", {"name": "x", "kind": "y"}, "field_unknown", {"field": "kind"}),
        ("play_announcement", {}, "fields_missing", {"choices": "url, message"}),
        ("play_announcement", {"url": " "}, "fields_missing", {"choices": "url, message"}),
        ("set_queue_settings", {"shuffle": ""}, "fields_missing", {}),
    ],
)
async def test_errors(
    harness: Harness, action: str, data: dict[str, Any], key: str, placeholders: dict[str, str]
) -> None:
    """Each error names the field and what there is."""
    player = None if action in ("search", "get_library") else "kueche"
    await expect_error(key, call_action(harness, action, player, **data), **placeholders)


async def test_unknown_field_of_a_card(
    harness: Harness, hass_ws_client: WebSocketGenerator, caplog: pytest.LogCaptureFixture
) -> None:
    """A card that tries unknown fields again and again fills no log, as with the built-in."""
    ws = await hass_ws_client(harness.hass)
    await ws.send_json_auto_id(
        {
            "type": "call_service",
            "domain": DOMAIN,
            "service": "get_queue",
            "service_data": {
                ATTR_ENTITY_ID: harness.get_entity_id("kueche"),
                "limit": 250,
                "queue_id": "kueche",
            },
            "return_response": True,
        }
    )
    error = (await ws.receive_json())["error"]
    assert error["code"] == "invalid_format"
    assert error["message"] == "The action has no field limit. It has: entity_id"
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_no_target(harness: Harness) -> None:
    """A player has to be named, and an empty text names none."""
    for action in ("play_media", "skip"):
        data = {"media_id": ALBUM} if action == "play_media" else {}
        await expect_error("no_targets", call_action(harness, action, None, **data))
    with pytest.raises(ServiceValidationError):
        await call_action(harness, "skip", None, entity_id="")


@pytest.mark.parametrize("media_id", EMPTY)
async def test_what_is_meant_is_never_skipped(harness: Harness, media_id: object) -> None:
    """Without a value, these fields would make an action do something else."""
    start_playback(harness.server)
    await harness.wait_for_events()
    with pytest.raises(ServiceValidationError):
        await call_action(harness, "set_favorite", media_id=media_id)
    with pytest.raises(ServiceValidationError):
        await call_action(harness, "play_media", media_id=media_id)
    with pytest.raises(ServiceValidationError):
        await call_action(harness, "transfer_queue", "cinema", source_player=media_id)
    assert not get_sent_arguments(harness.server, "player_queues/transfer")


# The built-in integration's actions


class Form:
    """Describe a field: its value as text, the argument that is sent, and values that are refused.

    A value that the built-in integration sends on, although it means nothing, is refused here.
    """

    def __init__(
        self,
        text: object,
        sent: Mapping[str, Any],
        *wrong: object,
        empty: bool = True,
        unset: tuple[object, ...] = (),
        clamped: Mapping[object, object] | None = None,
    ) -> None:
        """Initialize the form.

        `empty` says whether an empty value is the same as none; `unset` are other values that are,
        and `clamped` those that are sent as another one.
        """
        self.text, self.sent, self.wrong, self.empty = text, sent, wrong, empty
        self.unset, self.clamped = (*(EMPTY if empty else ()), *unset), clamped or {}


MEDIA: Final = {"media_id": ALBUM}
URL: Final = {"url": "http://x/bell.mp3"}
LIBRARY: Final = {"media_type": "album"}
MAYBE: Final = ("maybe", "2", {"a": 1})
WORDS: Final = ("song", "albums", True, 5)
TEXTS: Final = (["a", "b"], {"a": 1})
# Action, what it needs, the command that it sends, and its optional fields.
BUILT_IN: Final[list[tuple[str, dict[str, Any], str, dict[str, Form]]]] = [
    (
        "play_media",
        MEDIA,
        PLAY_MEDIA,
        {
            "media_type": Form("Album", {}, *WORDS),
            "artist": Form(5, {}, *TEXTS),
            "album": Form("5", {}, *TEXTS),
            "enqueue": Form("REPLACE_NEXT", {"option": "replace_next"}, "replce", True, "unknown"),
            "radio_mode": Form("no", {"radio_mode": False, "media": [ALBUM]}, *MAYBE),
            "username": Form("demo", {"user": "demo"}, *TEXTS),
        },
    ),
    (
        "play_announcement",
        URL,
        ANNOUNCE,
        {
            "use_pre_announce": Form("off", {"pre_announce": False}, *MAYBE),
            "pre_announce_url": Form("http://x/y", {"pre_announce_url": "http://x/y"}, *TEXTS),
            "announce_volume": Form(
                "40",
                {"volume_level": 40},
                *("loud", "0.5", True),
                unset=(0, "0", -5),
                clamped={101: 100, "400": 100, 33.3: 33},
            ),
            "message": Form("", {}, "Hello"),  # beside a URL
            "tts_entity_id": Form("", {}, "tts.voice", "media_player.kuche"),
        },
    ),
    (
        "transfer_queue",
        {},
        "player_queues/transfer",
        {
            "source_player": Form(
                "media_player.kuche", {"source_queue_id": "kueche"}, "kitchen", 5, empty=False
            ),
            "auto_play": Form("false", {"auto_play": False}, *MAYBE),
        },
    ),
    (
        "search",
        {"name": "lantern"},
        "music/search",
        {
            "media_type": Form(["Album"], {"media_types": ["album"]}, *WORDS, ["album", "song"]),
            "artist": Form(5, {}, *TEXTS),
            "album": Form("5", {}, *TEXTS),
            "limit": Form("7", {"limit": 25}, "many", 0.5, True, unset=(-1, "-7")),
            "library_only": Form("yes", {"library_only": True}, *MAYBE),
            "username": Form("demo", {"user": "demo"}, *TEXTS),
        },
    ),
    (
        "get_library",
        LIBRARY,
        "music/albums/library_items",
        {
            "favorite": Form("no", {"favorite": False}, *MAYBE),
            "search": Form(5, {"search": "5"}, *TEXTS),
            "limit": Form(
                "7", {"limit": 7}, "many", True, unset=(-1,), clamped={1.5: 1, 2**40: 2**31 - 1}
            ),
            "offset": Form("3", {"offset": 3}, "later", True, unset=(-1, "-1"), clamped={1.5: 1}),
            "order_by": Form("Year_Desc", {"order_by": "year_desc"}, "colour", *TEXTS),
            "album_type": Form(["Single"], {"album_types": ["single"]}, "lp", ["album", "x"], 5),
            "album_artists_only": Form("no", {}, *MAYBE),
            "username": Form("demo", {"user": "demo"}, *TEXTS),
        },
    ),
]


def test_all_fields_are_tried() -> None:
    """The table has each optional field of the built-in integration's actions."""
    file = built_in.__file__.replace("__init__.py", "services.yaml")
    described = {
        action: {
            name
            for key, field in (service.get("fields") or {}).items()
            for name, shown in field.get("fields", {key: field}).items()
            if not shown.get("required") and name != "config_entry_id"
        }
        for action, service in load_yaml_dict(file).items()
    }
    tried = {action: {*fields, *base} for action, base, _, fields in BUILT_IN} | {
        "get_queue": set()
    }
    assert {action: fields - tried[action] for action, fields in described.items()} == {
        action: set() for action in tried
    }


async def send(
    harness: Harness, action: str, command: str, data: dict[str, Any]
) -> list[dict[str, Any]]:
    """Call an action and return the arguments of the commands that it sends."""
    harness.server.commands.clear()
    if action == "transfer_queue":
        start_playback(harness.server)
        await harness.wait_for_events()
    player = {"search": None, "get_library": None, "transfer_queue": "cinema"}
    await call_action(harness, action, player.get(action, "kueche"), **data)
    return get_sent_arguments(harness.server, command)


@pytest.mark.parametrize(("action", "base", "command", "fields"), BUILT_IN, ids=lambda value: value)
async def test_forms_of_fields(
    harness: Harness, action: str, base: dict[str, Any], command: str, fields: dict[str, Form]
) -> None:
    """Text is understood, empty is not given, and what means nothing is refused, translated."""
    harness.hass.states.async_set("tts.voice", "idle")
    without = await send(harness, action, command, base)
    for name, form in fields.items():
        (arguments, *_) = await send(harness, action, command, {**base, name: form.text})
        assert {key: arguments.get(key) for key in form.sent} == form.sent, name
        for value in form.unset:
            assert await send(harness, action, command, {**base, name: value}) == without, name
        for value, sent in form.clamped.items():
            (arguments, *_) = await send(harness, action, command, {**base, name: value})
            assert arguments[next(iter(form.sent))] == sent, name
        for value in form.wrong if form.empty else (*form.wrong, *EMPTY):
            with pytest.raises(HomeAssistantError) as raised:
                await send(harness, action, command, {**base, name: value})
            assert (raised.value.translation_key or "").startswith("field"), (name, value)
            assert not get_sent_arguments(harness.server, command)


# Action, a field that it needs or that says what is meant, and values that it hasn't got.
NEEDED: Final[list[tuple[str, str, tuple[object, ...]]]] = [
    ("play_media", "media_id", ({"a": 1}, [["x"]], [{"a": 1}], *EMPTY)),
    ("play_announcement", "url", ({"a": 1}, ["x", "y"], *EMPTY)),
    ("search", "name", ({"a": 1}, ["x"], None)),
    ("search", "config_entry_id", ("nobody", 5, ["x"])),
    ("get_library", "media_type", (*WORDS, "folder", "all", None, "", ["album"])),
    ("get_library", "config_entry_id", ("nobody", 5, ["x"])),
]


@pytest.mark.parametrize(("action", "name", "wrong"), NEEDED, ids=lambda value: str(value)[:20])
async def test_needed_fields(
    harness: Harness, action: str, name: str, wrong: tuple[object, ...]
) -> None:
    """What an action needs is refused in a wrong form, with a translated error."""
    base = {"search": {"name": "lantern"}, "get_library": LIBRARY}.get(action, {})
    harness.server.commands.clear()
    for value in wrong:
        with pytest.raises(ServiceValidationError) as raised:
            await send(harness, action, PLAY_MEDIA, {**base, name: value})
        assert raised.value.translation_key, value
        assert str(raised.value)
    assert harness.server.commands == []


# Words of enumerations in the other actions


@pytest.mark.parametrize(
    ("action", "data", "choices"),
    [
        ("get_recently_played", {"media_type": "song"}, "artist"),
        ("get_library", {"media_type": "genre", "contains": "song"}, "artist"),
        ("get_library", {"media_type": "genre", "content_type": "film"}, "music, podcast"),
        ("get_library", {"media_type": "album", "sort_field": "colour"}, "name"),
        ("get_library", {"media_type": "album", "sort_direction": "down"}, "asc, desc"),
        ("set_favorite", {"media_id": ALBUM, "media_type": "song"}, "artist"),
        ("set_favorite", {"media_id": ALBUM, "favorite": "perhaps"}, "on, off, toggle"),
        ("add_to_library", {"media_id": ALBUM, "media_type": "albums"}, "artist"),
        ("get_providers", {"provider_type": "speaker"}, "music, player"),
        ("sync_library", {"media_type": "genre"}, "artist"),
        ("get_item", {"uri": ALBUM, "children": "songs"}, "albums"),
    ],
)
async def test_unknown_words(
    harness: Harness, action: str, data: dict[str, Any], choices: str
) -> None:
    """A word that means nothing is refused with those that mean something."""
    harness.server.commands.clear()
    with pytest.raises(ServiceValidationError) as raised:
        await call_action(harness, action, None, **data)
    assert raised.value.translation_key == "field_not_possible"
    assert (raised.value.translation_placeholders or {})["choices"].startswith(choices)
    assert harness.server.commands == []


async def test_words_in_capitals(harness: Harness) -> None:
    """Words are understood in capitals, and empty ones are not given."""
    found = await call_server_action(harness, "search", name="lantern", media_type="Album")
    assert found["albums"] and not found.get("tracks")
    everything = await call_server_action(harness, "search", name="lantern", media_type="")
    assert everything["tracks"]
    page = await call_server_action(
        harness, "get_library", media_type="Album", album_type=["ALBUM", ""], sort_field=""
    )
    assert page["media_type"] == "album"
    (favorite,) = (
        await call_server_action(
            harness, "set_favorite", media_id="1", media_type="ALBUM", favorite="On"
        )
    )["items"]
    assert favorite["uri"] == ALBUM
    await call_action(harness, "set_queue_settings", repeat=False, queue="OWN")
    assert get_sent_arguments(harness.server, "player_queues/repeat")[0]["repeat_mode"] == "off"


def test_choices_are_words_of_the_server() -> None:
    """No enumeration offers the word for what isn't known."""
    assert MediaType.UNKNOWN not in MEDIA_TYPES
    assert {*AlbumType} >= {AlbumType.UNKNOWN}  # albums may have this type
    assert build_choice_validator(QueueOption)("Play") is QueueOption.PLAY


# `extra` of media_player.play_media


@pytest.mark.parametrize("off", ["false", "off", "no", "0", False, "", None])
async def test_extra_no_radio(harness: Harness, off: object) -> None:
    """A text that means no is no radio mode."""
    await play(harness, radio_mode=off)
    (args,) = get_sent_arguments(harness.server, PLAY_MEDIA)
    assert args["media"] == [ALBUM]


async def play(harness: Harness, **extra: Any) -> None:
    """Play an album by Home Assistant's action."""
    await harness.call_action(
        "play_media", "kueche", media_content_id=ALBUM, media_content_type="album", extra=extra
    )


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ({"shuffle": "true"}, {"shuffle": True}),
        ({"start_item": "Hollow Thunder"}, {"start_item": "library://track/3"}),
        ({"start_item": 2}, {"start_item": "library://track/{second}"}),
        ({"start_item": 2.0}, {"start_item": "library://track/{second}"}),
        ({"enqueue": "replace_next"}, {"option": "replace_next"}),
        ({"radio_mode": "yes"}, {"media": [f"radio_playlist://playlist/{ALBUM}"]}),
        ({"username": "demo"}, {"user": "demo"}),
        ({"metadata": {"title": "x"}, "thumb": "y"}, {"media": [ALBUM]}),
    ],
)
async def test_extra_options(
    harness: Harness, extra: dict[str, Any], expected: dict[str, Any]
) -> None:
    """`extra` takes the options of our own action, and ignores those of others."""
    second = harness.server.library.get_playable_items(ALBUM)[1].item_id
    await play(harness, **extra)
    args = get_sent_arguments(harness.server, PLAY_MEDIA)[-1]
    for key, value in expected.items():
        assert args[key] == (value.format(second=second) if isinstance(value, str) else value)


@pytest.mark.parametrize(
    "extra",
    [
        {"radio_mode": "perhaps"},
        {"shuffle": "2"},
        {"enqueue": "replce"},
        {"artist": ["x"]},
        {"queue": "theirs"},
        {"start_item": [1]},
    ],
)
async def test_extra_that_means_nothing(harness: Harness, extra: dict[str, Any]) -> None:
    """What our own action refuses is refused in `extra`."""
    with pytest.raises(ServiceValidationError):
        await play(harness, **extra)
    assert not get_sent_arguments(harness.server, PLAY_MEDIA)


@pytest.mark.parametrize("media_id", ["", "  "])
async def test_empty_content_id(harness: Harness, media_id: str) -> None:
    """Home Assistant's own action lets an empty id through, which is no name."""
    asked = harness.call_action(
        "play_media", "kueche", media_content_id=media_id, media_content_type="music"
    )
    await expect_error("field_missing", asked, field="media_content_id")


@pytest.mark.parametrize("volume", [0.4, 400, -5, "0.5", "loud", True])
async def test_extra_volume_that_is_none(harness: Harness, volume: object) -> None:
    """An announcement has a volume from 1 to 100."""
    asked = announce(harness, announce_volume=volume)
    await expect_error("field_not_possible", asked, field="announce_volume")
    assert not get_sent_arguments(harness.server, ANNOUNCE)


async def announce(harness: Harness, **extra: Any) -> None:
    """Announce by Home Assistant's action."""
    await harness.call_action(
        "play_media",
        "kueche",
        media_content_id="http://192.0.2.1/x.mp3",
        media_content_type="music",
        announce=True,
        extra=extra,
    )


async def test_extra_of_announcements(harness: Harness) -> None:
    """Text forms are understood, and empty options are not given."""
    await announce(
        harness, announce_volume="40", use_pre_announce="no", pre_announce_url="", title="Bell"
    )
    (args,) = get_sent_arguments(harness.server, ANNOUNCE)
    assert (args["volume_level"], args["pre_announce"]) == (40, False)
    assert args.get("pre_announce_url") is None


@pytest.mark.parametrize("content_type", ["music", "Album", "", "audio/mpeg", "song"])
async def test_home_assistants_content_types(harness: Harness, content_type: str) -> None:
    """The content type of Home Assistant's action is of its own, and may say nothing."""
    await harness.call_action(
        "play_media",
        "kueche",
        media_content_id="Lanterns at Low Tide",
        media_content_type=content_type,
    )
    (args,) = get_sent_arguments(harness.server, PLAY_MEDIA)
    assert args["media"] == [ALBUM]


# Queues without an end


@pytest.fixture
async def endless(harness: Harness, server: MassServer) -> Harness:
    """Return Home Assistant with a kitchen that plays a mix without an end."""
    await call_action(harness, "play_media", media_id="library://track/1", radio_mode=True)
    await harness.wait_for_events()
    assert server.queues["kueche"].is_dynamic
    return harness


@pytest.mark.parametrize("shuffle", [True, False])
async def test_endless_shuffle(endless: Harness, shuffle: bool) -> None:
    """A mix has its own order, whatever is asked for."""
    await endless.call_action("shuffle_set", "kueche", shuffle=shuffle)
    await call_action(endless, "set_queue_settings", shuffle=shuffle)


async def test_endless_repeat(endless: Harness) -> None:
    """What is so already is no error; a mix can't be made to repeat."""
    shown = str(endless.get_state("kueche").attributes["repeat"])
    await endless.call_action("repeat_set", "kueche", repeat=shown)
    await call_action(endless, "set_queue_settings", repeat=shown)
    asked = endless.call_action("repeat_set", "kueche", repeat="one")
    await expect_error("not_possible_now", asked)
    await expect_error("not_possible_now", call_action(endless, "set_queue_settings", repeat="one"))


async def test_refused_settings_of_other_queues(harness: Harness, server: MassServer) -> None:
    """What the server refuses for another reason is an error."""
    start_playback(server)
    await harness.wait_for_events()
    for command in ("shuffle", "repeat"):
        server.faults.fail_command(f"player_queues/{command}", 12, "no")
    asked = harness.call_action("shuffle_set", "kueche", shuffle=True)
    await expect_error("not_possible_now", asked)
    asked = harness.call_action("repeat_set", "kueche", repeat="all")
    await expect_error("not_possible_now", asked)


async def test_radio_mode_then_shuffle(harness: Harness) -> None:
    """Voice blueprints call shuffle_set right after play_media."""
    await call_action(harness, "play_media", media_id="Harbour FM", radio_mode=True)
    await harness.call_action("shuffle_set", "kueche", shuffle=False)
    assert get_sent_arguments(harness.server, PLAY_MEDIA)


# Names as voice scripts give them


@pytest.mark.parametrize("schema_version", [29, 46, 98])
@pytest.mark.parametrize("media_type", ["artist", "playlist", "radio", "podcast", "genre"])
async def test_artist_of_what_has_none(harness: Harness, media_type: str) -> None:
    """An artist or album that a media type hasn't got doesn't keep it from being found."""
    library = harness.server.library
    name = library.get_item(f"library://{media_type}/1").name
    artist = library.get_item("library://artist/1").name
    for hints in (
        {"artist": artist},
        {"artist": name},
        {"artist": "Nobody", "album": "Nothing"},
        {"artist": "", "album": ""},
    ):
        response = await call_for_response(
            harness, "play_media", media_type=media_type, media_id=name, **hints
        )
        assert [(item["uri"], item["match"]) for item in response["items"]] == [
            (f"library://{media_type}/1", "exact")
        ]


@pytest.mark.parametrize("schema_version", [29, 98])
async def test_artist_without_a_media_type(harness: Harness) -> None:
    """Who says nothing of the type may name an artist twice, or a playlist's."""
    library = harness.server.library
    artist, playlist, album = (
        library.get_item(f"library://{name}/1") for name in ("artist", "playlist", "album")
    )
    album_artist = album.artists[0].name  # type: ignore[attr-defined]
    for name, hint, uri in (
        (artist.name, artist.name, artist.uri),
        (playlist.name, artist.name, playlist.uri),
        (album.name, album_artist, album.uri),
    ):
        response = await call_for_response(harness, "play_media", media_id=name, artist=hint)
        assert [item["uri"] for item in response["items"]] == [uri]


async def test_missing_name_stays_missing(harness: Harness) -> None:
    """What isn't there isn't replaced by something else."""
    with pytest.raises(HomeAssistantError):
        await call_for_response(harness, "play_media", media_id="latest_news_bulletin")


def test_schema_of_extra_keeps_defaults() -> None:
    """A schema is only about its own fields."""
    assert ActionSchema({}, {}, 2)({"a": 1}) == {}
