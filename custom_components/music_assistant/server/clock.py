"""The server's clock, which may be wrong, as may Home Assistant's.

The server's times are converted to Home Assistant's clock when they arrive, so that nothing else
has to know of two clocks. The server tells the time in the response that opens the websocket.
"""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final

# Seconds by which the clocks may differ and count as the same.
TOLERANCE: Final = 1.0
_TIME_FIELDS: Final = ("elapsed_time_last_updated", "sleep_timer_expires_at")


def get_clock_offset(date: str | None, requested_at: float, received_at: float) -> float:
    """Return the seconds by which the server's clock is ahead, 0 if it is right or unknown.

    `date` is the HTTP header of a response, in whole seconds; the other times are those of Home
    Assistant's clock. The server was asked between them, so that a slow response tells less.
    """
    try:
        server_time = parsedate_to_datetime(date or "").timestamp()
    except ValueError, OverflowError:
        return 0.0
    lowest, highest = server_time - received_at, server_time + 1 - requested_at
    if lowest - TOLERANCE <= 0 <= highest + TOLERANCE:
        return 0.0
    return (lowest + highest) / 2


def convert_times(payload: Any, offset: float) -> Any:
    """Return the payload of a player or queue with its times in Home Assistant's clock."""
    if not offset or not isinstance(payload, Mapping):
        return payload
    converted = {
        name: value - offset
        for name in _TIME_FIELDS
        if isinstance(value := payload.get(name), int | float) and value > 0
    }
    if "current_media" in payload:
        converted["current_media"] = convert_times(payload["current_media"], offset)
    return {**payload, **converted}
