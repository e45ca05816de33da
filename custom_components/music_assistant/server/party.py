"""The page on which guests of a party choose music, and requests that they make."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from datetime import UTC, datetime
import io
from typing import Any, Final, override

from music_assistant_client import MusicAssistantClient
from music_assistant_models.auth import User, UserRole
from music_assistant_models.errors import InvalidCommand
from music_assistant_models.queue_item import QueueItem

from homeassistant.core import HomeAssistant

from ..const import LOGGER
from .errors import COMMAND_OR_DECODE_ERRORS
from .subscribed_data import SubscribedData

# Domain of the server's plugin, which has the commands.
PARTY_PLUGIN: Final = "party"
# Its setting that lets guests in.
GUEST_ACCESS: Final = "enable_guest_access"
# Seconds after which the address is read again: it expires, and the server doesn't tell when.
RENEWAL_INTERVAL: Final = 300
# Pixels of a module of the QR code.
QR_CODE_SCALE: Final = 8
# What the plugin notes in the items of a queue.
_GUEST, _BOOSTED = "party_guest", "party_boosted"
# Roles of which is known that they may not change settings of providers.
_ROLES_WITHOUT_SETTINGS: Final = frozenset({UserRole.USER, UserRole.GUEST, UserRole.SERVICE})


def can_change_guest_access(user: User | None) -> bool:
    """Return whether the signed-in user may change settings of providers."""
    return user is None or user.role not in _ROLES_WITHOUT_SETTINGS


def get_request_types(items: Iterable[QueueItem]) -> dict[str, str]:
    """Return the type of request, "requested" or "boosted", of the items that guests chose."""
    return {
        item.queue_item_id: "boosted" if item.extra_attributes.get(_BOOSTED) else "requested"
        for item in items
        if item.extra_attributes.get(_GUEST)
    }


def build_qr_code(address: str) -> bytes:
    """Return a QR code of an address as PNG."""
    import segno  # noqa: PLC0415 - slow, and few have parties

    buffer = io.BytesIO()
    segno.make(address, micro=False).save(buffer, kind="png", scale=QR_CODE_SCALE)
    return buffer.getvalue()


class Party(SubscribedData):
    """Represent the page for guests; `address` is None while they aren't let in."""

    name = "party"

    def __init__(
        self,
        hass: HomeAssistant,
        client: Callable[[], MusicAssistantClient],
        on_update: Callable[[], None],
        create_task: Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]],
    ) -> None:
        """Initialize without an address."""
        super().__init__(client, on_update, create_task)
        self.address: str | None = None
        self.changed_at: datetime | None = None
        self._hass = hass
        self._timer: asyncio.TimerHandle | None = None

    @override
    def _unsubscribe(self) -> None:
        super()._unsubscribe()
        if not self._subscribers and self._timer:
            self._timer.cancel()

    @override
    def refresh(self) -> None:
        """Read the address again if something shows it, and before it expires."""
        super().refresh()
        if not self._subscribers:
            return
        if self._timer:
            self._timer.cancel()
        self._timer = self._hass.loop.call_later(RENEWAL_INTERVAL, self.refresh)

    @override
    async def _async_read(self) -> bool:
        try:
            address = await self._client().send_command("party/url")
        except COMMAND_OR_DECODE_ERRORS as err:
            LOGGER.debug("Could not read the address for guests: %s", type(err).__name__)
            # without the plugin, which is reloaded when its settings change, nobody gets in
            address = None if isinstance(err, InvalidCommand) else self.address
        if address != self.address:
            self.address, self.changed_at = address, datetime.now(UTC)
        return True

    async def async_set_guest_access(self, enabled: bool) -> None:
        """Let guests in or not."""
        mass = self._client()
        provider = mass.get_provider(PARTY_PLUGIN, return_unavailable=True)
        await mass.config.save_provider_config(
            PARTY_PLUGIN,
            {GUEST_ACCESS: enabled},
            provider.instance_id if provider else PARTY_PLUGIN,
        )
        self.refresh()
