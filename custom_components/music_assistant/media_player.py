"""Media players: players and displays of the server."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, override

from homeassistant.components.media_player import (
    ATTR_MEDIA_ANNOUNCE,
    ATTR_MEDIA_ENQUEUE,
    ATTR_MEDIA_EXTRA,
    DOMAIN as MEDIA_PLAYER_DOMAIN,
    MediaPlayerDeviceClass,
    MediaPlayerEnqueue,
    MediaPlayerEntityFeature,
    MediaType,
    RepeatMode,
)
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .actions.playback import (
    async_resolve_and_play,
    build_requested_media,
    validate_announcement_extra,
    validate_play_extra,
)
from .actions.targets import async_check_control
from .const import DOMAIN, LOGGER
from .coordinator import MusicAssistantConfigEntry, MusicAssistantCoordinator
from .entities.browsing import BrowsablePlayerEntity
from .entities.displays import async_add_display_entities
from .entities.group_candidates import GroupCandidates
from .entity import (
    NewEntity,
    PlayerEntity,
    async_add_player_entities,
    command,
    group_command,
    queue_command,
)
from .entry.permissions import async_can_see_other_users
from .media.resolve import (
    async_resolve_announcement_options,
    async_resolve_announcement_url,
    is_uri,
)
from .players.chapters import Chapter, get_next_chapter, get_previous_chapter
from .players.commands import (
    ENQUEUE_TO_SERVER,
    async_set_repeat,
    async_set_shuffle,
    async_stop,
    check_volume_limit,
    get_choice_id,
    get_led_members,
    get_queue_id,
    to_percent,
)
from .players.context import PlayerContext
from .players.groups import async_join
from .players.playback import Position
from .players.snapshot import Media, PlayerSnapshot
from .server.acting_user import async_call_as_user
from .server.errors import build_validation_error

PARALLEL_UPDATES = 0  # the server puts commands in order

ATTR_MASS_PLAYER_TYPE: Final = "mass_player_type"
ATTR_ACTIVE_QUEUE: Final = "active_queue"
ATTR_MASS_PLAYER_ID: Final = "mass_player_id"
ATTR_IS_FAVORITE: Final = "is_favorite"
ATTR_GROUP_VOLUME: Final = "group_volume"
ATTR_CAN_GROUP_WITH: Final = "can_group_with"

# Content ids of sources that are remembered for each player.
MAX_SOURCE_MEDIA: Final = 20

# Fields of the snapshot that are shown unchanged, and the entity's attributes for them.
SNAPSHOT_ATTRIBUTES: Final = {
    "features": "_attr_supported_features",
    "state": "_attr_state",
    "volume": "_attr_volume_level",
    "muted": "_attr_is_volume_muted",
    "source": "_attr_source",
    "sound_mode": "_attr_sound_mode",
    "app_id": "_attr_app_id",
    "shuffle": "_attr_shuffle",
    "repeat": "_attr_repeat",
    "channel": "_attr_media_channel",
    "playlist": "_attr_media_playlist",
}
# Fields of the snapshot that are shown as extra state attributes.
EXTRA_ATTRIBUTE_FIELDS: Final = frozenset({"type", "queue_id", "group_volume", "favorite"})

# Music Assistant's own icon names; other names are Material Design icons.
PLAYER_ICONS: Final = {
    "bluetooth": "mdi:bluetooth",
    "car": "mdi:car",
    "cast": "mdi:cast",
    "headphones": "mdi:headphones",
    "laptop": "mdi:laptop",
    "monitor": "mdi:monitor",
    "radio": "mdi:radio",
    "smartphone": "mdi:cellphone",
    "soundbar": "mdi:soundbar",
    "speaker": "mdi:speaker",
    "speakers": "mdi:speaker-multiple",
    "sun": "mdi:white-balance-sunny",
    "tablet": "mdi:tablet",
    "tv": "mdi:television",
    "vinyl": "mdi:record-player",
}


def convert_icon(icon: str) -> str:
    """Convert a player's icon to Home Assistant's name of it."""
    if icon.startswith(("mdi:", "mdi-")):
        return f"mdi:{icon[4:]}"
    return PLAYER_ICONS.get(icon, PLAYER_ICONS["speaker"])


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the media players of all players and displays."""
    group_candidates = GroupCandidates(entry)
    await group_candidates.async_update()  # players from earlier runs have entity ids already
    await async_add_player_entities(
        entry,
        async_add_entities,
        lambda player: (
            NewEntity(
                player.player_id,
                True,
                partial(MusicAssistantPlayer, entry.runtime_data, player, group_candidates),
            ),
        ),
    )
    await group_candidates.async_start()
    await async_add_display_entities(entry, async_add_entities)


class MusicAssistantPlayer(PlayerEntity, BrowsablePlayerEntity):
    """Represent a player of Music Assistant."""

    _attr_name = None
    _attr_translation_key = "media_player"
    _attr_device_class = MediaPlayerDeviceClass.SPEAKER
    # The frontend shows the artist only for this type.
    _attr_media_content_type = MediaType.MUSIC

    _unrecorded_attributes = frozenset({ATTR_CAN_GROUP_WITH, ATTR_IS_FAVORITE, ATTR_MASS_PLAYER_ID})

    _last_snapshot: PlayerSnapshot | None = None

    def __init__(
        self,
        coordinator: MusicAssistantCoordinator,
        player: PlayerSnapshot,
        group_candidates: GroupCandidates,
    ) -> None:
        """Initialize the media player."""
        self._group_candidates = group_candidates
        self._source_media: dict[str, str] = {}  # content id -> source id
        super().__init__(coordinator, player)

    @override
    def _update_from_snapshot(self, player: PlayerSnapshot) -> None:
        # Only set changed attributes: setting one costs as much as comparing all fields.
        changed, self._last_snapshot = player.get_changed_fields(self._last_snapshot), player
        for name in changed & SNAPSHOT_ATTRIBUTES.keys():
            setattr(self, SNAPSHOT_ATTRIBUTES[name], getattr(player, name))
        if "icon" in changed:
            self._attr_icon = convert_icon(player.icon)
        if "sources" in changed:
            self._attr_source_list = [name for name, _ in player.sources]
        if "sound_modes" in changed:
            self._attr_sound_mode_list = [name for name, _ in player.sound_modes]
        if "can_group_with" in changed:
            self._group_candidates.async_schedule_update()
        if changed & EXTRA_ATTRIBUTE_FIELDS:
            self._update_extra_attributes(player)
        if "media" in changed:
            self._update_media(player.media)
            self._remember_source_media(player)
        if "position" in changed:
            self._update_position(player.position)

    def _update_extra_attributes(self, player: PlayerSnapshot) -> None:
        self._attr_extra_state_attributes = {
            ATTR_MASS_PLAYER_TYPE: player.type,
            ATTR_ACTIVE_QUEUE: player.queue_id,
            ATTR_MASS_PLAYER_ID: player.player_id,
        }
        if player.favorite is not None:
            self._attr_extra_state_attributes[ATTR_IS_FAVORITE] = player.favorite.is_favorite
        if player.group_volume is not None:
            self._attr_extra_state_attributes[ATTR_GROUP_VOLUME] = player.group_volume

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return the extra attributes with the current group candidates."""
        group_candidates = self._group_candidates.get(self.player_id)
        return {**self._attr_extra_state_attributes, ATTR_CAN_GROUP_WITH: group_candidates}

    @callback
    @override
    def _async_write_ha_state(self) -> None:
        """Write the state, but not before all group candidates have entity ids."""
        if self._group_candidates.is_complete:
            super()._async_write_ha_state()

    def _update_position(self, position: Position | None) -> None:
        self._attr_media_position = int(position.seconds) if position else None
        self._attr_media_position_updated_at = (
            dt_util.utc_from_timestamp(position.at) if position else None
        )

    def _update_media(self, media: Media) -> None:
        self._attr_media_content_id = media.content_id
        self._attr_media_title = media.title
        self._attr_media_artist = media.artist
        self._attr_media_album_name = media.album
        self._attr_media_album_artist = media.album_artist
        self._attr_media_duration = media.duration
        self._attr_media_image_url = self._get_artwork_url(media.image)

    def _remember_source_media(self, player: PlayerSnapshot) -> None:
        """Remember content ids of sources, which aren't media that the server could play."""
        content_id, source_id = player.media.content_id, player.app_id
        if player.queue_id is not None or not content_id or not source_id or is_uri(content_id):
            return
        self._source_media[content_id] = source_id
        if len(self._source_media) > MAX_SOURCE_MEDIA:
            del self._source_media[next(iter(self._source_media))]

    @property
    @override
    def group_members(self) -> list[str]:
        """Return the current entity ids of the group's members."""
        registry = er.async_get(self.hass)
        entity_ids = (
            registry.async_get_entity_id(MEDIA_PLAYER_DOMAIN, DOMAIN, player_id)
            for player_id in self.player.group_members
        )
        return [entity_id for entity_id in entity_ids if entity_id]

    # ------------------------------------------------------------------------------ playback

    @queue_command
    @override
    async def async_media_play(self) -> None:
        await self.mass.players.play(self.player_id)

    @queue_command
    @override
    async def async_media_pause(self) -> None:
        await self.mass.players.pause(self.player_id)

    @queue_command
    @override
    async def async_media_play_pause(self) -> None:
        await self.mass.players.play_pause(self.player_id)

    @queue_command
    @override
    async def async_media_stop(self) -> None:
        await async_stop(self.mass, self.player_id)

    @queue_command
    @override
    async def async_media_next_track(self) -> None:
        if chapter := self._find_chapter(get_next_chapter):
            await self.async_media_seek(chapter.start)
        else:
            await self.mass.players.next_track(self.player_id)

    @queue_command
    @override
    async def async_media_previous_track(self) -> None:
        if chapter := self._find_chapter(get_previous_chapter):
            await self.async_media_seek(chapter.start)
        else:
            await self.mass.players.previous_track(self.player_id)

    def _find_chapter(
        self, find: Callable[[PlayerContext, float], Chapter | None]
    ) -> Chapter | None:
        """Return a chapter of the audiobook that plays: the server would leave the book."""
        context = self.coordinator.get_context(self.player_id)
        if context is None or MediaPlayerEntityFeature.SEEK not in self.player.features:
            return None
        return find(context, self.coordinator.event_tracker.get_time())

    @queue_command
    @override
    async def async_media_seek(self, position: float) -> None:
        await self.mass.players.seek(self.player_id, round(position))

    @queue_command
    @override
    async def async_set_shuffle(self, shuffle: bool) -> None:
        await async_set_shuffle(self.mass, self.player, shuffle)

    @queue_command
    @override
    async def async_set_repeat(self, repeat: RepeatMode) -> None:
        await async_set_repeat(self.mass, self.player, repeat)

    @queue_command
    @override
    async def async_clear_playlist(self) -> None:
        await self.mass.player_queues.clear(get_queue_id(self.player))

    # ------------------------------------------------------------------------ volume and power

    @group_command
    @override
    async def async_set_volume_level(self, volume: float) -> None:
        level = to_percent(volume)
        await self.mass.players.volume_set(self.player_id, level)
        check_volume_limit(self.player, level, self.coordinator.get_volume_limit(self.player_id))

    @group_command
    @override
    async def async_volume_up(self) -> None:
        level = to_percent(self.player.volume or 0) + 1
        await self.mass.players.volume_up(self.player_id)
        check_volume_limit(self.player, level, self.coordinator.get_volume_limit(self.player_id))

    @group_command
    @override
    async def async_volume_down(self) -> None:
        await self.mass.players.volume_down(self.player_id)

    @group_command
    @override
    async def async_mute_volume(self, mute: bool) -> None:
        await self.mass.players.volume_mute(self.player_id, mute)

    @command
    @override
    async def async_turn_on(self) -> None:
        await self.mass.players.power(self.player_id, True)

    @command
    @override
    async def async_turn_off(self) -> None:
        await self.mass.players.power(self.player_id, False)

    # -------------------------------------------------------------- sources, modes and groups

    @command
    @override
    async def async_select_source(self, source: str) -> None:
        if source in dict(self.player.passive_sources):
            # a scene sends back what was shown, and its other attributes must be restored
            LOGGER.debug("The source %s of %s can't be selected", source, self.player_id)
            return
        source_id = get_choice_id("unknown_source", source, self.player, self.player.sources)
        await self.mass.players.select_source(self.player_id, source_id)

    @command
    @override
    async def async_select_sound_mode(self, sound_mode: str) -> None:
        mode_id = get_choice_id(
            "unknown_sound_mode", sound_mode, self.player, self.player.sound_modes
        )
        await self.mass.players.select_sound_mode(self.player_id, mode_id)

    @command
    @override
    async def async_join_players(self, group_members: list[str]) -> None:
        # Home Assistant only checks the user's permission for this player, not for the others
        await async_check_control(self.hass, self._context or Context(), *group_members)
        members = [self.coordinator.find_player_id(entity_id) for entity_id in group_members]
        others = [member for member in members if member != self.player_id]
        for member in others:  # the group that it leads ends
            await self.async_check_control(*get_led_members(self.coordinator.data[member]))
        await async_join(self.mass, self.player_id, others)

    @command
    @override
    async def async_unjoin_player(self) -> None:
        await self.async_check_control(*get_led_members(self.player))  # their group ends
        await self.coordinator.unjoins.async_unjoin(self.mass, self.player_id)

    # ---------------------------------------------------------------------------------- media

    @override
    async def async_play_media(
        self, media_type: MediaType | str, media_id: str, **kwargs: Any
    ) -> None:
        extra = kwargs.get(ATTR_MEDIA_EXTRA) or {}
        if kwargs.get(ATTR_MEDIA_ANNOUNCE):
            await self._async_play_announcement(media_id, extra)
            return
        media_id = self._convert_content_id(media_id)
        if media_id in self._source_media or self._has_source_id(media_id):
            await self._async_play_source(media_id)
        else:
            await self._async_play_item(media_type, media_id, kwargs.get(ATTR_MEDIA_ENQUEUE), extra)

    def _has_source_id(self, media_id: str) -> bool:
        sources = (*self.player.sources, *self.player.passive_sources)
        return any(media_id == source_id for _, source_id in sources)

    @command
    async def _async_play_source(self, media_id: str) -> None:
        """Select the source whose content id a scene sends back, if it can be selected."""
        source_id = self._source_media.get(media_id, media_id)
        can_select = any(source_id == selectable for _, selectable in self.player.sources)
        if can_select and source_id != self.player.app_id:
            await self.mass.players.select_source(self.player_id, source_id)

    @command
    async def _async_play_announcement(self, media_id: str, extra: Mapping[str, Any]) -> None:
        url = await async_resolve_announcement_url(self.hass, media_id, self.entity_id)
        limit = self.coordinator.get_volume_limit(self.player_id)
        options = await async_resolve_announcement_options(
            self.hass, validate_announcement_extra(extra), self.entity_id
        )
        await self.coordinator.announcements.async_play(self.mass, self.player, url, options, limit)

    @command
    async def _async_play_item(
        self,
        media_type: str,
        media_id: str,
        enqueue: MediaPlayerEnqueue | None,
        extra: Mapping[str, Any],
    ) -> None:
        """Play media as the calling user, on the player's own queue unless `extra` says otherwise.

        The queue of a group that the player is in is only used if the group is called itself.
        """
        media = build_requested_media(self, media_id, media_type, enqueue)
        options = validate_play_extra(extra)
        if enqueue is not None:
            options["enqueue"] = ENQUEUE_TO_SERVER[enqueue]
        context = self._context or Context()
        if "username" in options and not await async_can_see_other_users(self.hass, context):
            raise build_validation_error("username_not_permitted")
        await async_call_as_user(
            self.mass,
            lambda user: async_resolve_and_play(self, user, [media], options),
            options.get("username"),
            context.user_id,
        )
