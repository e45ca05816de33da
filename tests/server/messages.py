"""Messages of the websocket protocol: JSON, server info, results, errors, events."""

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
PARTIAL_RESULTS_SINCE = 46
PARTIAL_RESULT_SIZE = 500
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


def serialize(value: Any, image_ids: ImageIds = None) -> str:
    """Return JSON; images get an id when the schema version has ids."""
    with _resolve_images(image_ids):
        return orjson.dumps(
            value, default=_convert_value, option=orjson.OPT_PASSTHROUGH_DATACLASS
        ).decode()


def _convert_value(value: Any) -> Any:
    return get_serializable_value(value, raise_unhandled=True)


@contextmanager
def _resolve_images(image_ids: ImageIds) -> Iterator[None]:
    """Let the models fill in the ids of images while they are serialized."""
    token = IMAGE_PROXY_ID_RESOLVER.set(image_ids)
    try:
        yield
    finally:
        IMAGE_PROXY_ID_RESOLVER.reset(token)


def build_server_info(info: ServerInfoMessage) -> dict[str, Any]:
    """Return the server info with only the fields of its schema version."""
    schema = info.schema_version
    fields = info.to_dict()
    return {key: value for key, value in fields.items() if _INFO_SINCE.get(key, 0) <= schema}


def build_result(message_id: str, value: Any, *, partial: bool = False) -> dict[str, Any]:
    """Return the response to a command."""
    return {"message_id": message_id, "result": value, "partial": partial}


def build_results(message_id: str, value: Any, schema: int) -> Iterator[dict[str, Any]]:
    """Return the response, a long list in parts."""
    if isinstance(value, list) and schema >= PARTIAL_RESULTS_SINCE:
        while len(value) > PARTIAL_RESULT_SIZE:
            yield build_result(message_id, value[:PARTIAL_RESULT_SIZE], partial=True)
            value = value[PARTIAL_RESULT_SIZE:]
    yield build_result(message_id, value)


def build_error(message_id: str, code: int, details: str) -> dict[str, Any]:
    """Return an error response."""
    return {"message_id": message_id, "error_code": code, "details": details}


def convert_exception(message_id: str, err: Exception) -> dict[str, Any]:
    """Return the error response of an exception: MA's errors keep their code, others share one."""
    code = err.error_code if isinstance(err, MusicAssistantError) else UNKNOWN_ERROR
    return build_error(message_id, code, str(err) or type(err).__name__)


def build_event(event_type: EventType, object_id: str | None, data: Any) -> dict[str, Any]:
    """Return an event."""
    return {"event": event_type, "object_id": object_id, "data": data}
