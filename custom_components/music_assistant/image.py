"""Image of the QR code for guests of a party."""

from datetime import datetime
from typing import Final, override

from homeassistant.components.image import ImageEntity, ImageEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator
from .entities.plugins import PartyEntity, async_add_plugin_entities
from .server.party import PARTY_PLUGIN, build_qr_code

PARALLEL_UPDATES = 0  # nothing is polled

PARTY_QR_CODE: Final = ImageEntityDescription(key="party_qr_code", translation_key="party_qr_code")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the QR code."""
    async_add_plugin_entities(
        entry, async_add_entities, PARTY_PLUGIN, lambda: (PartyQrCode(hass, entry.runtime_data),)
    )


class PartyQrCode(PartyEntity, ImageEntity):
    """Represent the QR code of the page for guests; unavailable while none are let in."""

    _attr_content_type = "image/png"

    def __init__(self, hass: HomeAssistant, coordinator: MusicAssistantCoordinator) -> None:
        """Initialize the entity."""
        ImageEntity.__init__(self, hass)
        super().__init__(coordinator, PARTY_QR_CODE)

    @property
    @override
    def available(self) -> bool:
        return super().available and self.coordinator.plugins.party.address is not None

    @property
    @override
    def image_last_updated(self) -> datetime | None:
        return self.coordinator.plugins.party.changed_at

    @override
    def image(self) -> bytes | None:
        address = self.coordinator.plugins.party.address
        return build_qr_code(address) if address else None
