"""How things look on the wire: JSON, server info, messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from music_assistant_models.api import ServerInfoMessage
from music_assistant_models.enums import EventType
from music_assistant_models.errors import MusicAssistantError
from music_assistant_models.helpers import get_serializable_value
from music_assistant_models.media_items.metadata import IMAGE_PROXY_ID_RESOLVER
import orjson

IMAGE_IDS_SINCE = 31
PARTS_SINCE = 46
PART_SIZE = 500
UNKNOWN_ERROR = 999

# The schema version that a field of the server info came with.
_INFO_SINCE = {
    "name": 29,
    "status": 29,
    "internal_url": 32,
    "external_url": 32,
    "has_remote_access": 32,
    "unsupported_install": 87,
}

type ImageIds = Callable[[str, str], str] | None


def dumps(value: Any, image_ids: ImageIds = None) -> str:
    """Write JSON; images get an id when the schema version knows ids."""
    with _resolving(image_ids):
        return orjson.dumps(
            value, default=_default, option=orjson.OPT_PASSTHROUGH_DATACLASS
        ).decode()


def _default(value: Any) -> Any:
    return get_serializable_value(value, raise_unhandled=True)


@contextmanager
def _resolving(image_ids: ImageIds) -> Iterator[None]:
    """Let the models fill in the ids of images while they are written."""
    token = IMAGE_PROXY_ID_RESOLVER.set(image_ids)
    try:
        yield
    finally:
        IMAGE_PROXY_ID_RESOLVER.reset(token)


def server_info(info: ServerInfoMessage) -> dict[str, Any]:
    """Return the server info with only the fields that its schema version has."""
    schema = info.schema_version
    fields = info.to_dict()
    return {key: value for key, value in fields.items() if _INFO_SINCE.get(key, 0) <= schema}


def result(message_id: str, value: Any, *, partial: bool = False) -> dict[str, Any]:
    """Return the answer to a command."""
    return {"message_id": message_id, "result": value, "partial": partial}


def results(message_id: str, value: Any, schema: int) -> Iterator[dict[str, Any]]:
    """Return the answer, a long list in parts."""
    if isinstance(value, list) and schema >= PARTS_SINCE:
        while len(value) > PART_SIZE:
            yield result(message_id, value[:PART_SIZE], partial=True)
            value = value[PART_SIZE:]
    yield result(message_id, value)


def error(message_id: str, code: int, details: str) -> dict[str, Any]:
    """Return an error."""
    return {"message_id": message_id, "error_code": code, "details": details}


def error_of(message_id: str, err: Exception) -> dict[str, Any]:
    """Return what an exception becomes: MA's own keep their code, all others share one."""
    code = err.error_code if isinstance(err, MusicAssistantError) else UNKNOWN_ERROR
    return error(message_id, code, str(err) or type(err).__name__)


def event(event_type: EventType, object_id: str | None, data: Any) -> dict[str, Any]:
    """Return an event."""
    return {"event": event_type, "object_id": object_id, "data": data}
