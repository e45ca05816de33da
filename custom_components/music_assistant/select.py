"""Selects of player options, DSP presets, the sleep timer, the DJ host and the chapter."""

from datetime import datetime
from typing import Final, override

from music_assistant_models.queue_item import QueueItem

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_call_later

from .const import SCHEMA_SLEEP_TIMER
from .coordinator import MusicAssistantConfigEntry
from .entities.dsp import DspEntity
from .entities.player_settings import can_change_player_settings
from .entities.plugins import async_add_plugin_player_entities, has_plugin
from .entity import (
    PlayerContextEntity,
    PlayerDetailEntity,
    PlayerOptionEntity,
    async_add_option_entities,
    async_add_player_entities,
    command,
    describe_entity,
    queue_command,
)
from .players.chapters import Chapter, find_chapter_index, get_chapters, get_time_to_next_chapter
from .players.commands import get_group_id
from .players.snapshot import Option
from .server.ai_radio import AI_RADIO_PLUGIN
from .updates.listeners import TOPIC_QUEUE_DJ_READ

PARALLEL_UPDATES = 0  # the server puts commands in order

# Known options by translation key, and whether their entities are enabled by default.
OPTION_SELECTS: Final = {
    "dimmer": False,
    "equalizer_mode": False,
    "link_audio_delay": True,
    "link_audio_quality": False,
    "link_control": False,
    "sleep": False,
    "surround_decoder_type": False,
    "tone_control_mode": True,
}

# Minutes by option of the sleep timer.
SLEEP_TIMER_MINUTES: Final = {option: int(option) for option in ("15", "30", "45", "60", "90")}
SLEEP_TIMER_OFF: Final = "off"
# Seconds by which the end of a timer may differ from what the server returned.
SLEEP_TIMER_TOLERANCE: Final = 1.0
# Not named like the option "sleep" of some players, whose entity ids would change.
SLEEP_TIMER: Final = SelectEntityDescription(
    key="sleep_timer",
    translation_key="sleep_timer",
    entity_category=EntityCategory.CONFIG,
    options=[SLEEP_TIMER_OFF, *SLEEP_TIMER_MINUTES],
)
DSP_PRESET: Final = SelectEntityDescription(
    key="dsp_preset",
    translation_key="dsp_preset",
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
)

QUEUE_DJ: Final = SelectEntityDescription(
    key="queue_dj",
    translation_key="queue_dj",
    entity_category=EntityCategory.CONFIG,
)
QUEUE_DJ_OFF: Final = "off"

CHAPTER: Final = SelectEntityDescription(
    key="chapter",
    translation_key="chapter",
    entity_registry_enabled_default=False,
)
# Seconds after which the chapter is looked up again at the earliest.
MIN_CHAPTER_INTERVAL: Final = 0.5


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MusicAssistantConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the selects of all players."""
    coordinator = entry.runtime_data
    if can_change_player_settings(coordinator):
        await async_add_player_entities(
            entry,
            async_add_entities,
            lambda player: (describe_entity(DspPresetSelect, coordinator, player, DSP_PRESET),),
        )
    await async_add_player_entities(
        entry,
        async_add_entities,
        lambda player: (describe_entity(ChapterSelect, coordinator, player, CHAPTER),),
    )
    if coordinator.schema_version >= SCHEMA_SLEEP_TIMER:
        await async_add_player_entities(
            entry,
            async_add_entities,
            lambda player: (describe_entity(SleepTimerSelect, coordinator, player, SLEEP_TIMER),),
        )
    await async_add_plugin_player_entities(
        entry,
        async_add_entities,
        AI_RADIO_PLUGIN,
        lambda player: (describe_entity(QueueDjSelect, coordinator, player, QUEUE_DJ),),
    )
    await async_add_option_entities(
        entry, async_add_entities, Platform.SELECT, OptionSelect, OPTION_SELECTS
    )


class OptionSelect(PlayerOptionEntity, SelectEntity):
    """Represent an option of a player that has choices."""

    @override
    def _update_from_option(self, option: Option) -> None:
        self._attr_options = [translation_key for translation_key, _ in option.choices]
        self._attr_current_option = next(
            (translation_key for translation_key, value in option.choices if value == option.value),
            None,
        )

    @override
    async def async_select_option(self, option: str) -> None:
        await self._async_set_value(dict(self.option.choices)[option])


class SleepTimerSelect(PlayerDetailEntity, SelectEntity):
    """Represent the sleep timer of a player; unknown if it was set to another time elsewhere."""

    _snapshot_fields = frozenset({"available", "sleep_timer"})
    _selected: tuple[str, float] = (SLEEP_TIMER_OFF, 0.0)  # the option, and when playback stops

    @property
    @override
    def current_option(self) -> str | None:
        option, selected_end = self._selected
        if (ends_at := self.player.sleep_timer) is None:
            return SLEEP_TIMER_OFF
        return option if abs(ends_at - selected_end) <= SLEEP_TIMER_TOLERANCE else None

    @queue_command
    @override
    async def async_select_option(self, option: str) -> None:
        if option == SLEEP_TIMER_OFF:
            await self.mass.players.clear_sleep_timer(self.player_id)
            return
        ends_at = await self.mass.players.set_sleep_timer(
            self.player_id, SLEEP_TIMER_MINUTES[option] * 60
        )
        self._selected = option, ends_at.timestamp()
        self._handle_coordinator_update()  # the event may have arrived before the response


class DspPresetSelect(DspEntity, SelectEntity):
    """Represent the DSP preset of a player; unknown if its settings match none."""

    @override
    def _get_compared_state(self) -> tuple[list[str], str | None]:
        return self.options, self.current_option

    @property
    @override
    def options(self) -> list[str]:
        return self.coordinator.dsp.preset_names

    @property
    @override
    def current_option(self) -> str | None:
        return self.coordinator.dsp.get_preset_name(self.player_id)

    @command
    @override
    async def async_select_option(self, option: str) -> None:
        await self.coordinator.dsp.async_select_preset(self.mass, self.player_id, option)


class QueueDjSelect(PlayerDetailEntity, SelectEntity):
    """Represent the host of AI Radio who talks between the tracks of a player's active queue."""

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(
            self.coordinator.listeners.topics.add(
                TOPIC_QUEUE_DJ_READ, self._handle_coordinator_update
            )
        )
        self.async_on_remove(self.coordinator.plugins.queue_djs.subscribe())

    @property
    @override
    def available(self) -> bool:
        return (
            super().available
            and has_plugin(self.coordinator, AI_RADIO_PLUGIN)
            and self.coordinator.plugins.queue_djs.is_known
        )

    @override
    def _get_compared_state(self) -> tuple[list[str], str | None]:
        return self.options, self.current_option

    @property
    @override
    def options(self) -> list[str]:
        return [QUEUE_DJ_OFF, *self.coordinator.plugins.queue_djs.hosts]

    @property
    @override
    def current_option(self) -> str | None:
        return (
            self.coordinator.plugins.queue_djs.get_host_name(get_group_id(self.player))
            or QUEUE_DJ_OFF
        )

    @queue_command
    @override
    async def async_select_option(self, option: str) -> None:
        await self.coordinator.plugins.queue_djs.async_set_host(
            get_group_id(self.player), None if option == QUEUE_DJ_OFF else option
        )


class ChapterSelect(PlayerContextEntity, SelectEntity):
    """Represent the chapters of what plays on a player; unavailable if it has none."""

    _item: QueueItem | None = None  # the one that the chapters were read from
    _chapters: tuple[Chapter, ...] = ()
    _cancel_timer: CALLBACK_TYPE | None = None

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self._schedule_update()

    @override
    async def async_will_remove_from_hass(self) -> None:
        await super().async_will_remove_from_hass()
        self._clear_timer()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        super()._handle_coordinator_update()
        self._schedule_update()

    def _schedule_update(self) -> None:
        """Update the state when the next chapter begins, which no event tells."""
        self._clear_timer()
        if (chapters := self.chapters) and (context := self.player_context):
            delay = get_time_to_next_chapter(chapters, context, self._get_time())
            if delay is not None:
                self._cancel_timer = async_call_later(
                    self.hass, max(delay, MIN_CHAPTER_INTERVAL), self._handle_next_chapter
                )

    @callback
    def _handle_next_chapter(self, _now: datetime) -> None:
        self._cancel_timer = None
        self._handle_coordinator_update()

    def _clear_timer(self) -> None:
        if self._cancel_timer:
            self._cancel_timer()
            self._cancel_timer = None

    def _get_time(self) -> float:
        return self.coordinator.event_tracker.get_time()

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """Return the chapters of what plays."""
        context = self.player_context
        item = context.item_with_chapters if context else None
        if item is not self._item:
            self._item, self._chapters = item, get_chapters(item)
        return self._chapters

    @override
    def _get_compared_state(self) -> tuple[list[str], str | None]:
        return self.options, self.current_option

    @property
    @override
    def available(self) -> bool:
        return super().available and bool(self.chapters)

    @property
    @override
    def options(self) -> list[str]:
        return [chapter.name for chapter in self.chapters]

    @property
    @override
    def current_option(self) -> str | None:
        chapters, context = self.chapters, self.player_context
        position = context.get_position(self._get_time()) if context else None
        index = None if position is None else find_chapter_index(chapters, position)
        return None if index is None else chapters[index].name

    @queue_command
    @override
    async def async_select_option(self, option: str) -> None:
        starts = {chapter.name: chapter.start for chapter in self.chapters}
        await self.mass.players.seek(self.player_id, round(starts[option]))
