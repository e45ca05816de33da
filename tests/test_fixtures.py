"""The fixtures of all tests."""

import asyncio
from functools import partial

import pytest

from homeassistant.core import HomeAssistant


async def test_thread_of_callbacks(hass: HomeAssistant) -> None:
    """A callback that is scheduled from another thread is an error, as in asyncio's debug mode."""
    loop = asyncio.get_running_loop()
    assert not loop.get_debug()
    for schedule in (partial(loop.call_soon, print), partial(loop.call_later, 1, print)):
        with pytest.raises(RuntimeError, match="Non-thread-safe"):
            await hass.async_add_executor_job(schedule)
