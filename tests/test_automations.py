"""Triggers and conditions: in automations of a real Home Assistant, without any entity for them."""

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from custom_components.music_assistant.condition import QUESTIONS
from custom_components.music_assistant.const import DOMAIN
from custom_components.music_assistant.players.changes import NAMES
from custom_components.music_assistant.trigger import OCCASIONS
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

from .common import House, until
from .texts import TEXTS

KITCHEN: Final = "kueche"
ALBUM: Final = "library://album/1"


class Ran:
    """Automations that note what set them off."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Note from now on."""
        self.triggers: list[dict[str, Any]] = []
        self._hass = hass
        hass.bus.async_listen("ran", self._note)

    @callback
    def _note(self, event: Event) -> None:
        self.triggers.append(event.data["told"])

    async def set_up(self, *triggers: dict[str, Any]) -> None:
        """Set up an automation that is set off by one of these."""
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
async def ran(hass: HomeAssistant) -> AsyncIterator[Ran]:
    """Return what notes; automations are gone at the end."""
    yield Ran(hass)
    for entity_id in hass.states.async_entity_ids(AUTOMATION_DOMAIN):
        await hass.services.async_call(
            AUTOMATION_DOMAIN, "turn_off", {"entity_id": entity_id}, blocking=True
        )


def on(what: str, target: str, **options: Any) -> dict[str, Any]:
    """Return a trigger."""
    config: dict[str, Any] = {"trigger": f"{DOMAIN}.{what}", "target": {"entity_id": target}}
    return config | ({"options": options} if options else {})


async def play(house: House, player_id: str = KITCHEN, what: str = ALBUM) -> None:
    """Play something."""
    kind = what.split("/")[2]
    await house.call("play_media", player_id, media_content_id=what, media_content_type=kind)
    await house.caught_up()


async def test_track_started(house: House, ran: Ran) -> None:
    """Each track sets it off, with what is told of it."""
    await ran.set_up(on("track_started", house.entity_id(KITCHEN)))
    await play(house)
    await play(house, "buero")
    media = house.server.queue_items[KITCHEN][0].media_item
    (told,) = ran.triggers
    assert media and told["title"] == media.name
    assert told["entity_id"] == house.entity_id(KITCHEN)
    assert told["description"] == f"track started on {house.entity_id(KITCHEN)}"
    await house.call("media_next_track", KITCHEN)
    await house.caught_up()
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
async def test_of(house: House, ran: Ran, options: dict[str, Any], fits: bool) -> None:
    """Only what fits all that is asked for sets it off; one name of several is enough."""
    await ran.set_up(on("track_started", house.entity_id(KITCHEN), **options))
    await play(house)
    assert bool(ran.triggers) is fits
    assert await holds(house, "is_playing_item", **options) is fits


async def test_others(house: House, ran: Ran) -> None:
    """A favourite, a group joined and left, a sleep timer that ends."""
    player = house.entity_id("buero")
    names = ("favorite_added", "joined_group", "left_group", "sleep_timer_ended", "queue_ended")
    await ran.set_up(*(on(name, player) for name in names))
    players = house.coordinator.mass.players
    await play(house, "buero")
    await players.add_currently_playing_to_favorites("buero")
    await players.group("buero", KITCHEN)
    await house.caught_up()
    await players.ungroup("buero")
    await players.set_sleep_timer("buero", 1)
    await house.caught_up()
    house.server.clock = house.coordinator.watch.clock = lambda: 9e9
    house.server.playback.tick()
    await house.caught_up()
    assert [one["description"].rpartition(" on ")[0] for one in ran.triggers] == [
        "favorite changed",
        "joined",
        "left",
        "sleep timer ended",
    ]
    assert ran.triggers[1]["group_leader"] == house.entity_id(KITCHEN)


async def test_sleep_timer_of_a_group(house: House, ran: Ran) -> None:
    """The sleep timer of a group ends for who plays along, too."""
    players = house.coordinator.mass.players
    await players.group("buero", KITCHEN)
    await house.caught_up()
    await ran.set_up(on("sleep_timer_ended", house.entity_id("buero")))
    await players.set_sleep_timer("buero", 1)
    await house.caught_up()
    house.server.clock = house.coordinator.watch.clock = lambda: 9e9
    house.server.playback.tick()
    await house.caught_up()
    assert [one["entity_id"] for one in ran.triggers] == [house.entity_id("buero")]


async def test_queue_ended(house: House, ran: Ran) -> None:
    """The end of a queue."""
    await ran.set_up(on("queue_ended", house.entity_id(KITCHEN)))
    await play(house, what="library://track/1")
    clock = house.server.clock
    ahead = house.server.queue_items[KITCHEN][0].duration or 0
    house.server.clock = house.coordinator.watch.clock = lambda: clock() + ahead
    house.server.playback.tick()
    await house.caught_up()
    assert len(ran.triggers) == 1


async def test_target_that_changes(house: House, ran: Ran) -> None:
    """Who comes to the target is listened to, who goes isn't any more."""
    registry = er.async_get(house.hass)
    registry.async_update_entity(house.entity_id(KITCHEN), labels={"music"})
    trigger_ = on("track_started", "x") | {"target": {"label_id": "music"}}
    await ran.set_up(trigger_)
    await play(house)
    registry.async_update_entity(house.entity_id(KITCHEN), labels=set())
    registry.async_update_entity(house.entity_id("buero"), labels={"music"})
    await house.hass.async_block_till_done()
    await play(house)
    assert len(ran.triggers) == 1
    await play(house, "buero")
    assert [one["entity_id"] for one in ran.triggers[1:]] == [house.entity_id("buero")]


async def test_reload(house: House, ran: Ran) -> None:
    """An entry that is set up again goes on setting automations off, and nothing twice."""
    await ran.set_up(on("track_started", house.entity_id(KITCHEN)))
    await play(house)
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    house.server.playback.next(house.server.queues[KITCHEN])
    assert await house.hass.config_entries.async_setup(house.entry.entry_id)
    await house.hass.async_block_till_done()
    assert len(ran.triggers) == 2  # the net change
    await house.call("media_next_track", KITCHEN)
    await house.caught_up()
    assert len(ran.triggers) == 3


async def test_before_the_entry(hass: HomeAssistant, ran: Ran, house: House) -> None:
    """Automations are there before their server is."""
    player = house.entity_id(KITCHEN)
    assert await hass.config_entries.async_unload(house.entry.entry_id)
    await ran.set_up(on("track_started", player), on("track_started", "media_player.nobody"))
    assert await hass.config_entries.async_setup(house.entry.entry_id)
    await hass.async_block_till_done()
    await play(house)
    assert len(ran.triggers) == 1


async def test_nobody_listens_any_more(house: House, ran: Ran) -> None:
    """An automation that is turned off costs nothing."""
    await ran.set_up(on("track_started", house.entity_id(KITCHEN)))
    assert KITCHEN in house.coordinator.watch._moments
    await house.hass.services.async_call(
        AUTOMATION_DOMAIN, "turn_off", {"entity_id": "all"}, blocking=True
    )
    assert house.coordinator.watch._moments == {}


async def test_provider_problem(house: House, ran: Ran) -> None:
    """A provider that gets a problem, each time once."""
    trigger = {"trigger": f"{DOMAIN}.provider_problem"}
    provider = next(key for key, one in house.server.providers.items() if one.type == "music")
    name = house.server.providers[provider].name
    await ran.set_up(trigger, trigger | {"options": {"provider": "another"}})
    for _ in range(2):
        house.server.broken.fail(provider, sign_in=True)
        await until(lambda: house.coordinator.overview.problems)
        house.server.broken.mend(provider)
        await until(lambda: not house.coordinator.overview.problems)
    await house.hass.async_block_till_done()
    assert len(ran.triggers) == 2
    assert (
        ran.triggers[0]
        | {
            "server": house.entry.title,
            "instance_id": provider,
            "name": name,
            "sign_in": True,
        }
        == ran.triggers[0]
    )


# ---------------------------------------------------------------------------------- conditions


async def holds(house: House, what: str, player_id: str = KITCHEN, **options: Any) -> bool | None:
    """Return whether a condition holds."""
    config = {
        "condition": f"{DOMAIN}.{what}",
        "target": {"entity_id": house.entity_id(player_id)},
        "options": options,
    }
    validated = await async_validate_condition_config(house.hass, config)
    checker = await async_from_config(house.hass, validated)
    assert checker.needs_polling
    try:
        return checker.async_check()
    finally:
        checker.async_unload()


async def test_is_playing_item(house: House) -> None:
    """Only what plays at the moment counts."""
    assert await holds(house, "is_playing_item") is False
    await play(house)
    assert await holds(house, "is_playing_item") is True
    await house.call("media_pause", KITCHEN)
    await house.caught_up()
    assert await holds(house, "is_playing_item") is False


async def test_is_grouped_with(house: House) -> None:
    """Both the leader and who plays along are grouped with each other."""
    others = [house.entity_id("buero"), "media_player.elsewhere", house.entity_id(KITCHEN)]
    assert await holds(house, "is_grouped_with", other=others) is False
    await house.coordinator.mass.players.group("buero", KITCHEN)
    await house.caught_up()
    assert await holds(house, "is_grouped_with", other=others) is True
    kitchen = [house.entity_id(KITCHEN)]
    assert await holds(house, "is_grouped_with", "buero", other=kitchen) is True
    assert await holds(house, "is_grouped_with", "cinema", other=kitchen) is False


async def test_is_queue_empty(house: House) -> None:
    """A queue is empty before, and after it was cleared."""
    assert await holds(house, "is_queue_empty") is True
    await play(house)
    assert await holds(house, "is_queue_empty") is False
    await house.call("clear_playlist", KITCHEN)
    await house.caught_up()
    assert await holds(house, "is_queue_empty") is True


async def test_is_sleep_timer_running(house: House) -> None:
    """From when it is set until it is cleared."""
    assert await holds(house, "is_sleep_timer_running") is False
    await house.coordinator.mass.players.set_sleep_timer(KITCHEN, 60)
    await house.caught_up()
    assert await holds(house, "is_sleep_timer_running") is True


async def test_no_server(house: House) -> None:
    """While an entry isn't set up nothing holds."""
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)
    assert await holds(house, "is_queue_empty") is False


# -------------------------------------------------------------------------------- descriptions


def fields_of(schema: Any) -> set[str]:
    """Return the names in a schema."""
    return {str(marker) for marker in schema}


async def test_descriptions(hass: HomeAssistant, house: House) -> None:
    """The editor offers each trigger and condition with its fields, all of them with texts."""
    assert await async_setup_component(hass, AUTOMATION_DOMAIN, {})
    await hass.async_block_till_done()
    for kind, table, extra, described in (
        ("triggers", OCCASIONS, set(), await trigger_descriptions(hass)),
        ("conditions", QUESTIONS, {"behavior"}, await condition_descriptions(hass)),
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
            fields = fields_of(table[name].fields) | extra
            assert set(description["fields"]) == fields
            assert set(TEXTS[kind][name].get("fields", {})) == fields
    assert set(NAMES) == fields_of(OCCASIONS["track_started"].fields)
