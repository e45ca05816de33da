"""Compatibility of the test harness with a newer Home Assistant than it was made for.

``scripts/test --next`` loads it before the harness. A workaround can be removed once the harness
pins a Home Assistant that has it.
"""

# Before anything else: 2026.11 puts httpx2 in the place of httpx, and insists on being first.
from homeassistant.components import logger
from homeassistant.components.logger import helpers

# 2026.11 no longer passes it on; the harness still takes it from there.
vars(logger).setdefault("_clear_logger_overwrites", vars(helpers)["_clear_logger_overwrites"])
