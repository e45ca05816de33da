"""Payloads of players and queues that are decoded when they are read.

A server sends a player or queue whole each time that one field changes. Decoding takes most of the
time of such an event, and of a burst only the last state is shown. So the text of an event stays
as it is until its player or queue is read, and then only the fields are decoded that differ from
the text before.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set as AbstractSet
from itertools import chain, zip_longest
import re
from types import MappingProxyType
from typing import Any, Final, Self

import orjson

from ..const import LOGGER
from .errors import DECODE_ERRORS
from .limits import MAX_PLAYERS, MAX_TEXT_LENGTH, shorten_texts

# The beginning of an event whose data is a player or queue, up to that.
_EVENT_START: Final = re.compile(
    r'\{"event":"((?:player|queue)_(?:added|updated)|queue_items_updated)"'
    r',"object_id":"([^"\\]+)","data":(?=\{)'
)
# Payloads of an object that are kept until it is read; a later one may be invalid.
MAX_PENDING: Final = 32
# Characters of a value whose text is kept once.
SHARED_LENGTH: Final = 256
_NO_NAMES: Final[Mapping[str, str]] = MappingProxyType({})


class Payload:
    """Represent the payload of a player or queue: the text that arrived, or what it contains."""

    __slots__ = ("_data", "_message", "_start")

    def __init__(self, message: str = "", start: int = 0, data: Any = None) -> None:
        """Initialize with the message of an event and where its data starts, or with data."""
        self._message = message
        self._start = start
        self._data = data

    @property
    def text(self) -> str:
        """Return the JSON text; the end of the message belongs to the event."""
        return self._message[self._start : -1]

    def decode(self) -> Any:
        """Return the JSON data. Raises ValueError for what isn't JSON."""
        if not self._message:
            return self._data
        data = orjson.loads(self._message)["data"]
        if len(self._message) > MAX_TEXT_LENGTH:
            shorten_texts(data)
        return data


def decode_message(message: str) -> Any:
    """Decode a message of the server; the data of a player or queue is a `Payload`.

    Raises ValueError if it isn't JSON. A `Payload` isn't checked.
    """
    if match := _EVENT_START.match(message):
        return {
            "event": match[1],
            "object_id": match[2],
            "data": Payload(message, match.end()),
        }
    return orjson.loads(message)


class Template:
    """Represent the text of a payload as the values of some fields and the text around them.

    Another text with the same around other values is a payload of which only these differ: a
    value in the place of a value leaves the rest of a JSON text as it is. A field of an object
    in the payload has a name with a dot.
    """

    __slots__ = ("_around", "values")

    def __init__(self, around: Sequence[str], values: dict[str, str]) -> None:
        """Initialize with the texts around the values, one more than there are values."""
        self._around = [(text, text.partition(":")[0]) for text in around]
        self.values = values

    @classmethod
    def build(cls, text: str, data: Mapping[str, Any], names: AbstractSet[str]) -> Self | None:
        """Return the template of a text, None for one that isn't written as servers do."""
        around, values = [""], dict[str, str]()
        _write_template(data, names, "", around, values)
        pairs = zip_longest(around, values.values(), fillvalue="")
        if not values or "".join(chain.from_iterable(pairs)) != text:
            return None
        return cls(around, values)

    def match(self, text: str) -> dict[str, str] | None:
        """Return the texts of the values in another text, None if more than these differs."""
        around = self._around
        start = len(around[0][0])
        if len(text) > MAX_TEXT_LENGTH or not text.startswith(around[0][0]):
            return None
        values = {}
        for (name, known), (following, key) in zip(self.values.items(), around[1:], strict=True):
            end = start + len(known)
            if not text.startswith(following, end):
                end = text.find(key, start)
                if end < 0 or not text.startswith(following, end):
                    return None
            values[name] = text[start:end]
            start = end + len(following)
        return values if start == len(text) else None


def _write_template(
    data: Mapping[str, Any],
    names: AbstractSet[str],
    prefix: str,
    around: list[str],
    values: dict[str, str],
) -> None:
    """Add an object's JSON text to a template's texts and values."""
    separator = "{"
    for key, value in data.items():
        around[-1] += f"{separator}{orjson.dumps(key).decode()}:"
        separator = ","
        name = f"{prefix}{key}"
        if name in names:
            values[name] = orjson.dumps(value).decode()
            around.append("")
        elif isinstance(value, dict) and any(field.startswith(f"{name}.") for field in names):
            _write_template(value, names, f"{name}.", around, values)
        else:
            around[-1] += orjson.dumps(value).decode()
    around[-1] += "}" if data else "{}"


class PayloadCache[T]:
    """Cache of objects by id that decodes their last payload when an object is read."""

    def __init__(
        self,
        name: str,
        fields: frozenset[str],
        decode: Callable[[str, Any, T | None], T],
        update: Callable[[T, Mapping[str, str]], T],
        former_names: Mapping[str, str] = _NO_NAMES,
    ) -> None:
        """Initialize an empty cache; `name` is what the objects are called in the log.

        `fields` are those that `update` can decode: it gets the object as it was and the JSON
        texts of the changed ones. `decode` gets the id, the whole data and the object as it was.
        Both return a new object, and raise one of DECODE_ERRORS for invalid data. A former name of
        a field is ignored beside the field.
        """
        self._name = name
        self._fields = fields
        self._decode = decode
        self._update = update
        self._former_names = former_names
        self._objects: dict[str, T] = {}
        self._templates: dict[str, Template] = {}
        self._pending: dict[str, list[Payload]] = {}  # since the object was last read

    def get(self, key: str) -> T | None:
        """Return an object, without decoding the others."""
        if key in self._pending:
            self._decode_pending(key)
        return self._objects.get(key)

    def get_all(self) -> dict[str, T]:
        """Return all objects."""
        for key in tuple(self._pending):
            self._decode_pending(key)
        return self._objects

    def add(self, key: str, payload: Payload | Any) -> None:
        """Keep the payload of an event until the object is read."""
        if not self._has_room(key):
            return
        pending = self._pending.setdefault(key, [])
        pending.append(payload if isinstance(payload, Payload) else Payload(data=payload))
        if len(pending) > MAX_PENDING:
            self._decode_pending(key)

    def remove(self, key: str) -> None:
        """Remove an object."""
        for cache in (self._pending, self._templates, self._objects):
            cache.pop(key, None)

    def expire(self, key: str, fields: Iterable[str]) -> None:
        """Let fields be decoded anew, because those of the object were set otherwise."""
        if template := self._templates.get(key):
            template.values.update(dict.fromkeys(template.values.keys() & fields, ""))

    def _decode_pending(self, key: str) -> None:
        """Update an object from the last pending payload that can be decoded."""
        for payload in reversed(self._pending.pop(key)):
            try:
                self._objects[key] = self._decode_payload(key, payload)
            except DECODE_ERRORS as err:
                LOGGER.debug(
                    "Skipped an invalid payload of %s %s: %s", self._name, key, type(err).__name__
                )
            else:
                return

    def _decode_payload(self, key: str, payload: Payload) -> T:
        """Return the object of a payload, decoding only the fields that have changed."""
        before = self._objects.get(key)
        text = payload.text
        if before is not None and (template := self._templates.get(key)):
            try:
                if (values := template.match(text)) is not None:
                    return self._update_object(before, template, values)
            except DECODE_ERRORS:
                pass  # the whole payload may be valid nonetheless
        data = payload.decode()
        decoded = self._decode(key, data, before)
        self._templates.pop(key, None)
        if text and (template := Template.build(text, data, self._get_fields(data))):
            self._templates[key] = template
            return self._share_texts(decoded, template)
        return decoded

    def _share_texts(self, decoded: T, template: Template) -> T:
        """Return an object that keeps the long texts of its template, not copies of them."""
        texts = {name: text for name, text in template.values.items() if len(text) > SHARED_LENGTH}
        return self._update(decoded, texts) if texts else decoded

    def _get_fields(self, data: Mapping[str, Any]) -> frozenset[str]:
        """Return the fields and former names of data that may have other values."""
        ignored = (former for former, name in self._former_names.items() if name in data)
        return self._fields.union(ignored)

    def _update_object(self, before: T, template: Template, values: dict[str, str]) -> T:
        known = template.values
        different = {name: value for name, value in values.items() if value != known[name]}
        changed = {
            name: value for name, value in different.items() if name not in self._former_names
        }
        updated = self._update(before, changed) if changed else before
        known.update(different)  # what is equal stays the object that is shared
        return updated

    def _has_room(self, key: str) -> bool:
        """Return whether an object is cached, or may be added."""
        objects, pending = self._objects, self._pending
        if (
            key in objects
            or key in pending
            or len(objects) + len(pending) < MAX_PLAYERS
            or len(objects.keys() | pending.keys()) < MAX_PLAYERS
        ):
            return True
        LOGGER.debug("Skipped %s %s: there are too many", self._name, key)
        return False


def build_optional_decoder[T](decode: Callable[[Any], T]) -> Callable[[Any], T | None]:
    """Return what decodes a value that may be missing."""
    return lambda value: None if value is None else decode(value)


def decode_fields(
    decoders: Mapping[str, Callable[[Any], Any]], texts: Mapping[str, str]
) -> dict[str, Any]:
    """Return the values of fields from their JSON texts.

    Raises one of DECODE_ERRORS for an invalid value. A model would decode all of its fields.
    """
    return {name: decoders[name](orjson.loads(text)) for name, text in texts.items()}


def copy_with[T](original: T, changes: Mapping[str, Any]) -> T:
    """Return a copy of an object with other attributes, in a third of the time of `copy.copy`."""
    copied = object.__new__(type(original))
    vars(copied).update(vars(original), **changes)
    return copied
