"""Payloads are decoded to what they contain, whatever was decoded before."""

from collections.abc import Mapping
from typing import Any, Final

from hypothesis import given, strategies as st
import orjson
import pytest

from custom_components.music_assistant.server.limits import MAX_TEXT_LENGTH
from custom_components.music_assistant.server.payloads import (
    MAX_PENDING,
    Payload,
    PayloadCache,
    Template,
    decode_message,
)

FIELDS: Final = frozenset({"volume", "title", "media.position", "media.list"})
JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9) | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=6,
)
# An object has these in any order; values that look like the text around them are likely.
VALUES: Final = JSON | st.sampled_from([1, 11, '"', ',"title":', {"volume": 1}, [], {}])
OBJECTS: Final = st.fixed_dictionaries(
    {"id": st.just("a"), "volume": VALUES},
    optional={
        "title": VALUES,
        "name": st.sampled_from(["x", "y"]),
        "media": st.none()
        | st.fixed_dictionaries(
            {"uri": st.sampled_from(["u", "v"])},
            optional={"position": VALUES, "list": VALUES, "volume": VALUES},
        ),
    },
)

type Data = dict[str, Any]


def write(data: object) -> str:
    """Return the JSON text of data."""
    return orjson.dumps(data).decode()


def create_payload(data: object) -> Payload:
    """Return data as it arrives in an event."""
    event = {"event": "player_updated", "object_id": "a", "data": data}
    payload = decode_message(write(event))["data"]
    assert isinstance(payload, Payload)
    return payload


def create_cache() -> PayloadCache[Data]:
    """Return a cache of objects as they are sent, whose id must be theirs."""

    def decode(key: str, data: Any, _before: Data | None) -> Data:
        if data["id"] != key:
            raise ValueError("another id")
        return dict(data)

    def update(before: Data, texts: Mapping[str, str]) -> Data:
        after = {**before}
        for name, text in texts.items():
            parent, _, field = name.rpartition(".")
            if parent:
                after[parent] = {**after[parent], field: orjson.loads(text)}
            else:
                after[field] = orjson.loads(text)
        return after

    return PayloadCache("object", FIELDS, decode, update)


@given(st.lists(st.tuples(OBJECTS, st.booleans()), min_size=1, max_size=8))
def test_object_has_last_payload(steps: list[tuple[Data, bool]]) -> None:
    """An object is that of its last payload, whether or not it was read before."""
    cache = create_cache()
    for data, is_read in steps:
        cache.add("a", create_payload(data))
        if is_read:
            assert write(cache.get("a")) == write(data)
    assert write(cache.get_all()) == write({"a": steps[-1][0]})


@given(OBJECTS, OBJECTS, st.integers(0, 200), st.integers(0, 200), st.text(max_size=5))
def test_template_matches_nothing_else(
    data: Data, other: Data, start: int, end: int, inserted: str
) -> None:
    """What a template reads out of a text is there, also of texts that no server writes."""
    template = Template.build(write(data), data, FIELDS)
    if template is None:
        return
    text = write(other)
    for written in (text, text[:start] + inserted + text[max(start, end) :]):
        values = template.match(written)
        if values is None:
            continue
        try:
            decoded = {name: orjson.loads(value) for name, value in values.items()}
        except ValueError:  # the whole text is decoded then
            continue
        read = orjson.loads(written)
        for name, value in decoded.items():
            parent, _, field = name.rpartition(".")
            assert write((read[parent] if parent else read)[field]) == write(value)


def test_only_changed_fields_are_decoded() -> None:
    """Fields that have changed are decoded, and an unchanged object stays the same."""
    cache, data = create_cache(), {"id": "a", "volume": 1, "title": "b", "name": "x"}
    updates: list[dict[str, str]] = []
    update = cache._update

    def record(before: Data, texts: Mapping[str, str]) -> Data:
        updates.append(dict(texts))
        return update(before, texts)

    cache._update = record
    cache.add("a", create_payload(data))
    first = cache.get("a")
    cache.add("a", create_payload(data))
    assert cache.get("a") is first
    for changes in ({"volume": 222}, {"title": None}, {"name": "y"}, {"volume": 3}):
        data |= changes
        cache.add("a", create_payload(data))
        assert cache.get("a") == data
    assert updates == [{"volume": "222"}, {"title": "null"}, {"volume": "3"}]


def test_expired_fields_are_decoded_again() -> None:
    """A field that was set otherwise gets the value of the next payload, though it's unchanged."""
    cache, data = create_cache(), {"id": "a", "volume": 1}
    cache.add("a", create_payload(data))
    read = cache.get("a")
    assert read
    read["volume"] = 2
    cache.expire("a", ("volume", "position"))
    cache.expire("b", ("volume",))
    cache.add("a", create_payload(data))
    assert cache.get("a") == data


@pytest.mark.parametrize(
    "text",
    [
        '{"id":"b","volume":5}',
        '{"id":"a","volume":}',
        '{"id":"a","volume":5',
        '{"id":"a","volume":[}',
        "5",
        "[]",
    ],
)
def test_invalid_payload_is_skipped(text: str) -> None:
    """The last valid payload counts."""
    cache = create_cache()
    cache.add("a", create_payload({"id": "a", "volume": 1}))
    cache.get("a")
    cache.add("a", create_payload({"id": "a", "volume": 2}))
    message = f'{{"event":"player_updated","object_id":"a","data":{text}}}'
    start = message.index(text)
    for _ in range(MAX_PENDING - 1):
        cache.add("a", Payload(message, start))
    assert cache.get("a") == {"id": "a", "volume": 2}
    cache.add("a", Payload(message, start))
    assert cache.get("a") == {"id": "a", "volume": 2}


def test_spaces_and_further_fields_of_an_event() -> None:
    """A payload is read also where a server writes it in another way."""
    cache = create_cache()
    for number in range(3):
        text = f'{{"id": "a", "volume": {number}}}'
        event = f'{{"event":"player_updated","object_id":"a","data":{text},"more":{{"id":"b"}}}}'
        cache.add("a", decode_message(event)["data"])
        assert cache.get("a") == {"id": "a", "volume": number}


def test_long_texts_are_cut() -> None:
    """Long texts of a payload are cut off, whether it is the first one or not."""
    cache = create_cache()
    for title in ("b", "b" * MAX_TEXT_LENGTH * 2, "b", "c" * MAX_TEXT_LENGTH * 2):
        cache.add("a", create_payload({"id": "a", "volume": 1, "title": title}))
        assert cache.get("a") == {"id": "a", "volume": 1, "title": title[:MAX_TEXT_LENGTH]}


def test_former_names_are_ignored_beside_the_field() -> None:
    """A former name that changes with its field needs no whole decoding; alone it does."""
    decoded: list[Data] = []

    def decode(_key: str, data: Any, _before: Data | None) -> Data:
        decoded.append(data)
        return {"volume": data.get("volume", data.get("level"))}

    def update(_before: Data, texts: Mapping[str, str]) -> Data:
        return {name: orjson.loads(text) for name, text in texts.items()}

    cache = PayloadCache("object", frozenset({"volume"}), decode, update, {"level": "volume"})
    for data in ({"volume": 1, "level": 1}, {"volume": 2, "level": 2}, {"level": 3}, {"level": 4}):
        cache.add("a", create_payload(data))
        assert cache.get("a") == {"volume": data["level"]}
    assert len(decoded) == 3
