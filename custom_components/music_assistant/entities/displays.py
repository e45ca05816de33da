"""Media players of displays, which show dashboards of the server."""

from functools import partial
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
from ..entity import NewEntity, async_add_snapshot_entities, command
from ..entry import devices
from ..helpers.texts import get_text
from ..media.image_cache import is_raster_image
from ..players.display import (
    CONTENT_TYPE,
    PLAYER_DASHBOARD,
    DisplaySnapshot,
    build_content_id,
    parse_content_id,
    resolve_dashboard,
)
from ..server.errors import translate_errors
from .artwork import ArtworkEntity

# Prefix of internal URLs of dashboard icons, which are fetched by a command to the server.
ICON_URL_PREFIX: Final = "music-assistant-icon://"


async def async_add_display_entities(
    entry: MusicAssistantConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the media players of all displays."""
    coordinator = entry.runtime_data
    await async_add_snapshot_entities(
        entry,
        async_add_entities,
        coordinator.store.displays,
        lambda display: (
            NewEntity(display.key, True, partial(MusicAssistantDisplay, coordinator, display)),
        ),
    )


class MusicAssistantDisplay(ArtworkEntity):
    """Represent a display as a media player that plays dashboards."""

    _attr_name = None
    _attr_device_class = MediaPlayerDeviceClass.TV
    _attr_supported_features = Feature.PLAY_MEDIA | Feature.BROWSE_MEDIA | Feature.TURN_OFF

    def __init__(self, coordinator: MusicAssistantCoordinator, display: DisplaySnapshot) -> None:
        """Initialize the media player."""
        super().__init__(coordinator, context=display.key)
        self._attr_unique_id = display.key
        self._attr_device_info = devices.build_device_info(display.key, display.device)
        self._update_from_snapshot(display)

    @override
    def _update_from_coordinator(self) -> bool:
        self._update_from_snapshot(self.coordinator.store.displays[self.display.key])
        return True

    def _update_from_snapshot(self, display: DisplaySnapshot) -> None:
        self.display = display
        content = display.media_content_id
        self._attr_state = MediaPlayerState.PLAYING if content else MediaPlayerState.IDLE
        self._attr_media_content_type = CONTENT_TYPE if content else None
        self._attr_media_content_id = content
        self._attr_media_title = self._get_title(display.dashboard, display.player_name)
        self._attr_media_image_url = self._get_image_url(display.dashboard, display.image)

    @property
    @override
    def available(self) -> bool:
        return super().available and self.display.available

    def _get_title(self, dashboard: DashboardType | None, player: str | None = None) -> str | None:
        """Return a dashboard's translated title, or its id if it has none."""
        if dashboard is None:
            return None
        hass = self.coordinator.hass
        key = f"dashboard_{dashboard.value}"
        if player is None:
            return get_text(hass, key, dashboard.value)
        return get_text(hass, f"{key}_player", "{player}").format(player=player)

    # ------------------------------------------------------------------------------- commands

    @override
    async def async_play_media(
        self, media_type: MediaType | str, media_id: str, **kwargs: Any
    ) -> None:
        players = self.coordinator.data
        await self._async_show_dashboard(
            *resolve_dashboard(self.display, str(media_type), media_id, players)
        )

    @command
    async def _async_show_dashboard(self, dashboard: DashboardType, player_id: str | None) -> None:
        await self.mass.dashboard.show(self.display.dashboard_id, dashboard, player_id)

    @command
    @override
    async def async_turn_off(self) -> None:
        await self.mass.dashboard.hide(self.display.dashboard_id)

    # -------------------------------------------------------------------------------- artwork

    def _get_image_url(self, dashboard: DashboardType | None, artwork: str | None) -> str | None:
        """Return the URL of a dashboard's image: the player's artwork, or the provider's icon."""
        if dashboard is PLAYER_DASHBOARD:
            return self._get_artwork_url(artwork)
        if dashboard in (None, DashboardType.UNKNOWN):
            return None
        return f"{ICON_URL_PREFIX}{self.coordinator.config_entry.entry_id}/{dashboard.value}"

    def _get_content_image_url(self, content: str) -> str | None:
        dashboard, player_id = parse_content_id(content)
        player = self.coordinator.get_player(player_id)
        return self._get_image_url(dashboard, player.media.image if player else None)

    @override
    async def async_get_browse_image(
        self,
        media_content_type: MediaType | str,
        media_content_id: str,
        media_image_id: str | None = None,
    ) -> tuple[bytes | None, str | None]:
        url = self._get_content_image_url(media_content_id)
        return await self._async_fetch_image_from_cache(url) if url else (None, None)

    @override
    async def _async_fetch_image(self, url: str) -> tuple[bytes | None, str | None]:
        """Fetch an image that Home Assistant doesn't have in its cache."""
        if not url.startswith(ICON_URL_PREFIX):
            return await super()._async_fetch_image(url)
        provider = url.rpartition("/")[2]
        try:
            with translate_errors(self.coordinator.name):
                body, content_type = await self.mass.get_provider_icon(provider) or (None, None)
        except HomeAssistantError as err:
            LOGGER.debug("Could not fetch the icon of %s: %s", provider, err)
            return None, None
        return (body, content_type) if is_raster_image(content_type) else (None, None)

    # ------------------------------------------------------------------------------- browsing

    @override
    async def async_browse_media(
        self,
        media_content_type: MediaType | str | None = None,
        media_content_id: str | None = None,
    ) -> BrowseMedia:
        if not self.available:
            raise _create_browse_error(
                "dashboard_display_not_available", display=self.display.device.name
            )
        if not media_content_id:
            children = [self._build_node(dashboard) for dashboard in self.display.supported_types]
            return _build_folder(self.display.device.name, "", children)
        if (
            media_content_id != PLAYER_DASHBOARD
            or PLAYER_DASHBOARD not in self.display.supported_types
        ):
            raise _create_browse_error(
                "dashboard_media_not_found", media_content_id=media_content_id
            )
        return self._build_node(PLAYER_DASHBOARD, self._build_player_nodes())

    def _build_node(
        self, dashboard: DashboardType, players: list[BrowseMedia] | None = None
    ) -> BrowseMedia:
        title = self._get_title(dashboard) or ""
        if dashboard is not PLAYER_DASHBOARD:
            return self._build_leaf(title, build_content_id(dashboard))
        return _build_folder(title, dashboard.value, players, MediaClass.APP)

    def _build_player_nodes(self) -> list[BrowseMedia]:
        """Build the nodes of all players' dashboards, sorted by name."""
        named = sorted(
            (player.device.name, player.player_id) for player in self.coordinator.data.values()
        )
        return [
            self._build_leaf(name, build_content_id(PLAYER_DASHBOARD, player_id))
            for name, player_id in named
        ]

    def _build_leaf(self, title: str, content: str) -> BrowseMedia:
        thumbnail = None
        if url := self._get_content_image_url(content):
            version = f"{crc32(url.encode()):x}"  # browsers cache images for an hour
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


def _build_folder(
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


def _create_browse_error(key: str, **placeholders: str) -> BrowseError:
    return BrowseError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders
    )
