"""Displays: screens in the house that show a dashboard of the server's."""

from typing import Any, Final, override
from zlib import crc32

from music_assistant_models.enums import DashboardType

from homeassistant.components.media_player import (
    BrowseError,
    BrowseMedia,
    MediaClass,
    MediaPlayerDeviceClass,
    MediaPlayerEntityFeature as Feature,
    MediaPlayerState,
    MediaType,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..const import DOMAIN, LOGGER
from ..coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator
from ..entity import async_add_each, command
from ..entry import devices
from ..helpers.texts import text
from ..players.display import CONTENT_TYPE, OF_PLAYER, DisplaySnapshot, asked_for, content_id, split
from ..server.errors import translated_errors
from .artwork import PictureEntity

# What marks the address of a dashboard's icon, which only the server itself gives.
ICON: Final = "music-assistant-icon://"


async def async_add_displays(
    entry: MusicAssistantConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add a media player for each display."""
    coordinator = entry.runtime_data
    await async_add_each(
        entry,
        async_add_entities,
        coordinator.displays,
        lambda display: (MusicAssistantDisplay(coordinator, display),),
    )


class MusicAssistantDisplay(PictureEntity):
    """A display, as a television: what it shows is what it plays."""

    _attr_name = None
    _attr_device_class = MediaPlayerDeviceClass.TV
    _attr_supported_features = Feature.PLAY_MEDIA | Feature.BROWSE_MEDIA | Feature.TURN_OFF

    def __init__(self, coordinator: MusicAssistantCoordinator, display: DisplaySnapshot) -> None:
        """Make the entity of a display."""
        super().__init__(coordinator, context=display.key)
        self._attr_unique_id = display.key
        self._attr_device_info = devices.info(display.key, display.device)
        self._apply(display)

    @override
    def _follow(self) -> bool:
        self._apply(self.coordinator.displays[self.display.key])
        return True

    def _apply(self, display: DisplaySnapshot) -> None:
        self.display = display
        content = display.content_id
        self._attr_state = MediaPlayerState.PLAYING if content else MediaPlayerState.IDLE
        self._attr_media_content_type = CONTENT_TYPE if content else None
        self._attr_media_content_id = content
        self._attr_media_title = self._title(display.shown, display.player_name)
        self._attr_media_image_url = self._image(display.shown, display.image)

    @property
    @override
    def available(self) -> bool:
        return super().available and self.display.available

    def _title(self, dashboard: DashboardType | None, player: str | None = None) -> str | None:
        """Return a dashboard's title in Home Assistant's language; its id if it has none."""
        if dashboard is None:
            return None
        hass = self.coordinator.hass
        key = f"dashboard_{dashboard.value}"
        if player is None:
            return text(hass, key, dashboard.value)
        return text(hass, f"{key}_player", "{player}").format(player=player)

    # ------------------------------------------------------------------------------- commands

    @override
    async def async_play_media(
        self, media_type: MediaType | str, media_id: str, **kwargs: Any
    ) -> None:
        players = self.coordinator.data
        await self._show(*asked_for(self.display, str(media_type), media_id, players))

    @command
    async def _show(self, dashboard: DashboardType, player_id: str | None) -> None:
        await self.mass.dashboard.show(self.display.dashboard_id, dashboard, player_id)

    @command
    @override
    async def async_turn_off(self) -> None:
        await self.mass.dashboard.hide(self.display.dashboard_id)

    # ------------------------------------------------------------------------------- pictures

    def _image(self, dashboard: DashboardType | None, artwork: str | None) -> str | None:
        """Return where a dashboard's picture is: the player's artwork, or the provider's icon."""
        if dashboard is OF_PLAYER:
            return self._picture(artwork)
        if dashboard in (None, DashboardType.UNKNOWN):
            return None
        return f"{ICON}{self.coordinator.config_entry.entry_id}/{dashboard.value}"

    def _image_of(self, content: str) -> str | None:
        dashboard, player_id = split(content)
        player = self.coordinator.player(player_id)
        return self._image(dashboard, player.media.image if player else None)

    @override
    async def async_get_browse_image(
        self,
        media_content_type: MediaType | str,
        media_content_id: str,
        media_image_id: str | None = None,
    ) -> tuple[bytes | None, str | None]:
        url = self._image_of(media_content_id)
        return await self._async_fetch_image_from_cache(url) if url else (None, None)

    @override
    async def _async_fetch_image(self, url: str) -> tuple[bytes | None, str | None]:
        """Fetch what Home Assistant doesn't have in its cache of pictures yet."""
        if not url.startswith(ICON):
            return await super()._async_fetch_image(url)
        provider = url.rpartition("/")[2]
        try:
            with translated_errors(self.coordinator.name):
                return await self.mass.get_provider_icon(provider) or (None, None)
        except HomeAssistantError as err:
            LOGGER.debug("No icon of %s: %s", provider, err)
            return None, None

    # ------------------------------------------------------------------------------- browsing

    @override
    async def async_browse_media(
        self,
        media_content_type: MediaType | str | None = None,
        media_content_id: str | None = None,
    ) -> BrowseMedia:
        if not self.available:
            raise _not_found("dashboard_display_not_available", display=self.display.device.name)
        if not media_content_id:
            children = [self._node(one) for one in self.display.types]
            return _folder(self.display.device.name, "", children)
        if media_content_id != OF_PLAYER or OF_PLAYER not in self.display.types:
            raise _not_found("dashboard_media_not_found", media_content_id=media_content_id)
        return self._node(OF_PLAYER, self._players())

    def _node(
        self, dashboard: DashboardType, players: list[BrowseMedia] | None = None
    ) -> BrowseMedia:
        title = self._title(dashboard) or ""
        if dashboard is not OF_PLAYER:
            return self._leaf(title, content_id(dashboard))
        return _folder(title, dashboard.value, players, MediaClass.APP)

    def _players(self) -> list[BrowseMedia]:
        """Return the dashboards of all players, by name."""
        named = sorted((one.device.name, one.player_id) for one in self.coordinator.data.values())
        return [self._leaf(name, content_id(OF_PLAYER, player_id)) for name, player_id in named]

    def _leaf(self, title: str, content: str) -> BrowseMedia:
        thumbnail = None
        if url := self._image_of(content):
            version = f"{crc32(url.encode()):x}"  # browsers keep a picture for an hour
            thumbnail = self.get_browse_image_url(CONTENT_TYPE, content, version)
        return BrowseMedia(
            media_class=MediaClass.APP,
            media_content_id=content,
            media_content_type=CONTENT_TYPE,
            title=title,
            can_play=True,
            can_expand=False,
            thumbnail=thumbnail,
        )


def _folder(
    title: str,
    content: str,
    children: list[BrowseMedia] | None,
    children_class: MediaClass | None = None,
) -> BrowseMedia:
    return BrowseMedia(
        media_class=MediaClass.DIRECTORY,
        media_content_id=content,
        media_content_type=CONTENT_TYPE,
        title=title,
        can_play=False,
        can_expand=True,
        children=children,
        children_media_class=children_class,
    )


def _not_found(key: str, **placeholders: str) -> BrowseError:
    return BrowseError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
    )
