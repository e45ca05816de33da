"""Triggers and conditions in real automations."""

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from custom_components.music_assistant.condition import CONDITION_DESCRIPTIONS
from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.players.changes import ITEM_FILTERS
from custom_components.music_assistant.trigger import TRIGGER_DESCRIPTIONS
from homeassistant.components.automation import DOMAIN as AUTOMATION_DOMAIN
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.condition import (
    async_from_config,
    async_get_all_descriptions as condition_descriptions,
    async_validate_condition_config,
)
from homeassistant.helpers.trigger import async_get_all_descriptions as trigger_descriptions
from homeassistant.setup import async_setup_component

from .common import Harness, wait_until
from .translation_texts import TEXTS

KITCHEN: Final = "kueche"
ALBUM: Final = "library://album/1"


class RecordedRuns:
    """Record what triggered the automations."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Initialize and listen to the automations' events."""
        self.triggers: list[dict[str, Any]] = []
        self._hass = hass
        hass.bus.async_listen("ran", self._handle_event)

    @callback
    def _handle_event(self, event: Event) -> None:
        self.triggers.append(event.data["told"])

    async def async_setup(self, *triggers: dict[str, Any]) -> None:
        """Set up an automation with these triggers."""
        automation = {
            "triggers": list(triggers),
            "actions": {"event": "ran", "event_data_template": {"told": "{{ trigger }}"}},
            "mode": "parallel",
        }
        assert await async_setup_component(
            self._hass, AUTOMATION_DOMAIN, {AUTOMATION_DOMAIN: [automation]}
        )
        await self._hass.async_block_till_done()
        assert self._hass.states.async_entity_ids(AUTOMATION_DOMAIN)
        state = self._hass.states.get(self._hass.states.async_entity_ids(AUTOMATION_DOMAIN)[0])
        assert state and state.state == "on", state


@pytest.fixture
async def ran(hass: HomeAssistant) -> AsyncIterator[RecordedRuns]:
    """Return a recorder; its automations are removed at the end."""
    yield RecordedRuns(hass)
    for entity_id in hass.states.async_entity_ids(AUTOMATION_DOMAIN):
        await hass.services.async_call(
            AUTOMATION_DOMAIN, "turn_off", {"entity_id": entity_id}, blocking=True
        )


def build_trigger(what: str, target: str, **options: Any) -> dict[str, Any]:
    """Return a trigger."""
    config: dict[str, Any] = {"trigger": f"{DOMAIN}.{what}", "target": {"entity_id": target}}
    return config | ({"options": options} if options else {})


async def play_media(harness: Harness, player_id: str = KITCHEN, what: str = ALBUM) -> None:
    """Play media."""
    kind = what.split("/")[2]
    await harness.call_action(
        "play_media", player_id, media_content_id=what, media_content_type=kind
    )
    await harness.wait_for_events()


async def test_track_started_trigger(harness: Harness, ran: RecordedRuns) -> None:
    """Each track triggers with its details."""
    await ran.async_setup(build_trigger("track_started", harness.get_entity_id(KITCHEN)))
    await play_media(harness)
    await play_media(harness, "buero")
    media = harness.server.queue_items[KITCHEN][0].media_item
    (told,) = ran.triggers
    assert media and told["title"] == media.name
    assert told["entity_id"] == harness.get_entity_id(KITCHEN)
    assert told["description"] == f"track started on {harness.get_entity_id(KITCHEN)}"
    await harness.call_action("media_next_track", KITCHEN)
    await harness.wait_for_events()
    assert len(ran.triggers) == 2


@pytest.mark.parametrize(
    ("options", "fits"),
    [
        ({"artist": "élodie marchvent"}, True),
        ({"artist": ["Somebody", "Élodie Marchvent"], "media_type": ["track"]}, True),
        ({"artist": "Somebody"}, False),
        ({"album": "Lanterns at Low Tide"}, True),
        ({"album": "Lanterns at Low Tide", "title": "Another"}, False),
        ({"media_type": "radio"}, False),
        ({"provider": "nobody"}, False),
    ],
)
async def test_trigger_options_filter_events(
    harness: Harness, ran: RecordedRuns, options: dict[str, Any], fits: bool
) -> None:
    """Only events that match all options trigger; one of several values is enough."""
    await ran.async_setup(build_trigger("track_started", harness.get_entity_id(KITCHEN), **options))
    await play_media(harness)
    assert bool(ran.triggers) is fits
    assert await is_condition_true(harness, "is_playing_item", **options) is fits


async def test_other_player_triggers(harness: Harness, ran: RecordedRuns) -> None:
    """Favorites, groups and sleep timers trigger."""
    player = harness.get_entity_id("buero")
    names = ("favorite_added", "joined_group", "left_group", "sleep_timer_ended", "queue_ended")
    await ran.async_setup(*(build_trigger(name, player) for name in names))
    players = harness.coordinator.mass.players
    await play_media(harness, "buero")
    await players.add_currently_playing_to_favorites("buero")
    await players.group("buero", KITCHEN)
    await harness.wait_for_events()
    await players.ungroup("buero")
    await players.set_sleep_timer("buero", 1)
    await harness.wait_for_events()
    harness.server.clock = harness.coordinator.event_tracker.clock = lambda: 9e9
    harness.server.playback.update()
    await harness.wait_for_events()
    assert [one["description"].rpartition(" on ")[0] for one in ran.triggers] == [
        "favorite changed",
        "joined",
        "left",
        "sleep timer ended",
    ]
    assert ran.triggers[1]["group_leader"] == harness.get_entity_id(KITCHEN)


async def test_sleep_timer_trigger_for_group_members(harness: Harness, ran: RecordedRuns) -> None:
    """The sleep timer of a group triggers for its members too."""
    players = harness.coordinator.mass.players
    await players.group("buero", KITCHEN)
    await harness.wait_for_events()
    await ran.async_setup(build_trigger("sleep_timer_ended", harness.get_entity_id("buero")))
    await players.set_sleep_timer("buero", 1)
    await harness.wait_for_events()
    harness.server.clock = harness.coordinator.event_tracker.clock = lambda: 9e9
    harness.server.playback.update()
    await harness.wait_for_events()
    assert [one["entity_id"] for one in ran.triggers] == [harness.get_entity_id("buero")]


async def test_queue_ended_trigger(harness: Harness, ran: RecordedRuns) -> None:
    """The end of a queue triggers."""
    await ran.async_setup(build_trigger("queue_ended", harness.get_entity_id(KITCHEN)))
    await play_media(harness, what="library://track/1")
    clock = harness.server.clock
    ahead = harness.server.queue_items[KITCHEN][0].duration or 0
    harness.server.clock = harness.coordinator.event_tracker.clock = lambda: clock() + ahead
    harness.server.playback.update()
    await harness.wait_for_events()
    assert len(ran.triggers) == 1


async def test_trigger_follows_target_changes(harness: Harness, ran: RecordedRuns) -> None:
    """Entities that are added to or removed from the target are respected."""
    registry = er.async_get(harness.hass)
    registry.async_update_entity(harness.get_entity_id(KITCHEN), labels={"music"})
    trigger_ = build_trigger("track_started", "x") | {"target": {"label_id": "music"}}
    await ran.async_setup(trigger_)
    await play_media(harness)
    registry.async_update_entity(harness.get_entity_id(KITCHEN), labels=set())
    registry.async_update_entity(harness.get_entity_id("buero"), labels={"music"})
    await harness.hass.async_block_till_done()
    await play_media(harness)
    assert len(ran.triggers) == 1
    await play_media(harness, "buero")
    assert [one["entity_id"] for one in ran.triggers[1:]] == [harness.get_entity_id("buero")]


async def test_trigger_after_reload(harness: Harness, ran: RecordedRuns) -> None:
    """After a reload of the entry triggers work, and only once."""
    await ran.async_setup(build_trigger("track_started", harness.get_entity_id(KITCHEN)))
    await play_media(harness)
    assert await harness.hass.config_entries.async_unload(harness.entry.entry_id)
    harness.server.playback.skip_to_next(harness.server.queues[KITCHEN])
    assert await harness.hass.config_entries.async_setup(harness.entry.entry_id)
    await harness.hass.async_block_till_done()
    assert len(ran.triggers) == 2  # the net change
    await harness.call_action("media_next_track", KITCHEN)
    await harness.wait_for_events()
    assert len(ran.triggers) == 3


async def test_trigger_before_entry_is_set_up(
    hass: HomeAssistant, ran: RecordedRuns, harness: Harness
) -> None:
    """Triggers can be attached before the entry is set up."""
    player = harness.get_entity_id(KITCHEN)
    assert await hass.config_entries.async_unload(harness.entry.entry_id)
    await ran.async_setup(
        build_trigger("track_started", player),
        build_trigger("track_started", "media_player.nobody"),
    )
    assert await hass.config_entries.async_setup(harness.entry.entry_id)
    await hass.async_block_till_done()
    await play_media(harness)
    assert len(ran.triggers) == 1


async def test_disabled_automation_removes_listeners(harness: Harness, ran: RecordedRuns) -> None:
    """An automation that is turned off has no listeners."""
    await ran.async_setup(build_trigger("track_started", harness.get_entity_id(KITCHEN)))
    assert KITCHEN in harness.coordinator.event_tracker._statuses
    await harness.hass.services.async_call(
        AUTOMATION_DOMAIN, "turn_off", {"entity_id": "all"}, blocking=True
    )
    assert harness.coordinator.event_tracker._statuses == {}


async def test_provider_problem_trigger(harness: Harness, ran: RecordedRuns) -> None:
    """A provider problem triggers once each time."""
    trigger = {"trigger": f"{DOMAIN}.provider_problem"}
    provider = next(key for key, one in harness.server.providers.items() if one.type == "music")
    name = harness.server.providers[provider].name
    await ran.async_setup(trigger, trigger | {"options": {"provider": "another"}})
    for _ in range(2):
        harness.server.broken.fail_provider(provider, sign_in=True)
        await wait_until(lambda: harness.coordinator.status.problems)
        harness.server.broken.restore_provider(provider)
        await wait_until(lambda: not harness.coordinator.status.problems)
    await harness.hass.async_block_till_done()
    assert len(ran.triggers) == 2
    assert (
        ran.triggers[0]
        | {
            "server": harness.entry.title,
            "instance_id": provider,
            "name": name,
            "sign_in": True,
        }
        == ran.triggers[0]
    )


# ---------------------------------------------------------------------------------- conditions


async def is_condition_true(
    harness: Harness, what: str, player_id: str = KITCHEN, **options: Any
) -> bool | None:
    """Return whether a condition is true."""
    config = {
        "condition": f"{DOMAIN}.{what}",
        "target": {"entity_id": harness.get_entity_id(player_id)},
        "options": options,
    }
    validated = await async_validate_condition_config(harness.hass, config)
    checker = await async_from_config(harness.hass, validated)
    assert checker.needs_polling
    try:
        return checker.async_check()
    finally:
        checker.async_unload()


async def test_is_playing_item_condition(harness: Harness) -> None:
    """Only the current item counts."""
    assert await is_condition_true(harness, "is_playing_item") is False
    await play_media(harness)
    assert await is_condition_true(harness, "is_playing_item") is True
    await harness.call_action("media_pause", KITCHEN)
    await harness.wait_for_events()
    assert await is_condition_true(harness, "is_playing_item") is False


async def test_is_grouped_with_condition(harness: Harness) -> None:
    """The leader and the members are grouped with each other."""
    others = [
        harness.get_entity_id("buero"),
        "media_player.elsewhere",
        harness.get_entity_id(KITCHEN),
    ]
    assert await is_condition_true(harness, "is_grouped_with", other=others) is False
    await harness.coordinator.mass.players.group("buero", KITCHEN)
    await harness.wait_for_events()
    assert await is_condition_true(harness, "is_grouped_with", other=others) is True
    kitchen = [harness.get_entity_id(KITCHEN)]
    assert await is_condition_true(harness, "is_grouped_with", "buero", other=kitchen) is True
    assert await is_condition_true(harness, "is_grouped_with", "cinema", other=kitchen) is False


async def test_is_queue_empty_condition(harness: Harness) -> None:
    """A queue is empty at first, and after it was cleared."""
    assert await is_condition_true(harness, "is_queue_empty") is True
    await play_media(harness)
    assert await is_condition_true(harness, "is_queue_empty") is False
    await harness.call_action("clear_playlist", KITCHEN)
    await harness.wait_for_events()
    assert await is_condition_true(harness, "is_queue_empty") is True


async def test_is_sleep_timer_running_condition(harness: Harness) -> None:
    """A sleep timer runs from when it is set until it is cleared."""
    assert await is_condition_true(harness, "is_sleep_timer_running") is False
    await harness.coordinator.mass.players.set_sleep_timer(KITCHEN, 60)
    await harness.wait_for_events()
    assert await is_condition_true(harness, "is_sleep_timer_running") is True


async def test_conditions_without_loaded_entry(harness: Harness) -> None:
    """Without a loaded entry no condition is true."""
    assert await harness.hass.config_entries.async_unload(harness.entry.entry_id)
    assert await is_condition_true(harness, "is_queue_empty") is False


# -------------------------------------------------------------------------------- descriptions


def get_field_names(schema: Any) -> set[str]:
    """Return the names of a schema's fields."""
    return {str(marker) for marker in schema}


async def test_triggers_and_conditions_have_descriptions(
    hass: HomeAssistant, harness: Harness
) -> None:
    """Each trigger and condition is described with its fields and texts."""
    assert await async_setup_component(hass, AUTOMATION_DOMAIN, {})
    await hass.async_block_till_done()
    for kind, table, extra, described in (
        ("triggers", TRIGGER_DESCRIPTIONS, set(), await trigger_descriptions(hass)),
        ("conditions", CONDITION_DESCRIPTIONS, {"behavior"}, await condition_descriptions(hass)),
    ):
        ours = {
            key.removeprefix(f"{DOMAIN}."): value
            for key, value in described.items()
            if key.startswith(f"{DOMAIN}.")
        }
        assert ours.keys() - {"provider_problem"} == table.keys()
        for name, description in ours.items():
            if name == "provider_problem":  # of a server, not of players
                continue
            assert description and "target" in description
            fields = get_field_names(table[name].fields) | extra
            assert set(description["fields"]) == fields
            assert set(TEXTS[kind][name].get("fields", {})) == fields
    assert set(ITEM_FILTERS) == get_field_names(TRIGGER_DESCRIPTIONS["track_started"].fields)
