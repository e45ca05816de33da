"""Intents: sentences to Home Assistant's conversation agent, what they do, and what is answered."""

from pathlib import Path
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.music_assistant.assist.intents import INTENT_PREFIX, Answers
from custom_components.music_assistant.const import SENTENCE_LANGUAGES
from custom_components.music_assistant.entry.sentences import SAME_SENTENCES, async_set_languages
from homeassistant.components.conversation import async_converse
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import area_registry as ar, entity_registry as er, intent

from .action_helpers import get_sent_arguments, start_playback
from .assist_helpers import add_floor, set_up_assist
from .common import Harness, LoopMonitor, wait_until
from .server import MassServer


class Assist:
    """Represent Assist, spoken to in the kitchen, where the fourth track of an album plays."""

    def __init__(self, harness: Harness, device_id: str) -> None:
        """Start with a satellite's device, without a user."""
        self.harness = harness
        self.hass = harness.hass
        self.device_id: str | None = device_id
        self.context = Context()

    async def say(self, text: str, language: str = "en") -> str:
        """Say a sentence; return the answer."""
        result = await async_converse(
            self.hass, text, None, self.context, language, device_id=self.device_id
        )
        await self.harness.wait_for_events()
        return self.get_speech(result.response)

    async def handle(
        self, name: str, language: str = "en", /, **slots: Any
    ) -> intent.IntentResponse:
        """Handle an intent, as an API does it."""
        response = await intent.async_handle(
            self.hass,
            "test",
            f"{INTENT_PREFIX}{name}",
            {slot: {"value": value} for slot, value in slots.items()},
            context=self.context,
            language=language,
            assistant="conversation",
        )
        is_loaded = self.harness.entry.state is ConfigEntryState.LOADED
        if is_loaded and self.harness.is_connected:
            await self.harness.wait_for_events()
        return response

    async def get_answer(self, name: str, language: str = "en", /, **slots: Any) -> str:
        """Handle an intent that succeeds; return the answer."""
        response = await self.handle(name, language, **slots)
        assert response.response_type is not intent.IntentResponseType.ERROR
        return self.get_speech(response)

    async def get_error(self, name: str, language: str = "en", /, **slots: Any) -> str:
        """Handle an intent that fails; return the answer."""
        response = await self.handle(name, language, **slots)
        assert response.error_code is intent.IntentResponseErrorCode.FAILED_TO_HANDLE
        return self.get_speech(response)

    @staticmethod
    def get_speech(response: intent.IntentResponse) -> str:
        """Return what is said."""
        return str(response.speech["plain"]["speech"])


@pytest.fixture
async def assist(
    hass: HomeAssistant, harness: Harness, server: MassServer, tmp_path: Path
) -> Assist:
    """Return Assist, with a configuration folder of its own."""
    (tmp_path / "configuration.yaml").touch()  # is read when sentences are reloaded
    hass.config.config_dir = str(tmp_path)
    return Assist(harness, await set_up_assist(hass, harness, server))


# What is said one after the other, what is answered, and what the server got.
DIALOG: list[tuple[str, str, str, dict[str, Any]]] = [
    (
        "What's playing?",
        "Polite Postcard Underwater by Élodie Marchvent is playing on Küche.",
        "",
        {},
    ),
    (
        "Turn on shuffle",
        "Random order is on for Küche.",
        "player_queues/shuffle",
        {"queue_id": "kueche", "shuffle_enabled": True},
    ),
    ("Turn shuffle off", "Random order is off for Küche.", "player_queues/shuffle", {}),
    ("I love this song", "Polite Postcard Underwater", "music/favorites/add_item", {}),
    (
        "Remove this song from my favorites",
        "Polite Postcard Underwater by Élodie Marchvent is no longer one of your favorites.",
        "music/favorites/remove_item",
        {},
    ),
    ("Add this song to my playlist Rain on Tin", "Added to Rain on Tin.", "", {}),
    (
        "Play songs by Papaya Static in random order in the office",
        "Playing Papaya Static on Büro.",
        "player_queues/play_media",
        {"queue_id": "buero"},
    ),
    (
        "Add Undertow Disco to the queue in the office",
        "Added Undertow Disco",
        "player_queues/play_media",
        {"queue_id": "buero", "option": "add"},
    ),
    (
        "Play a radio based on Undertow Disco",
        "Playing Undertow Disco",
        "player_queues/play_media",
        {"queue_id": "kueche", "media": ["radio_playlist://playlist/library://album/7"]},
    ),
    ("Play more like this", "Playing similar music on Küche.", "player_queues/play_media", {}),
    ("Stop the music in half an hour", "The music on Küche stops at ", "", {}),
    ("Cancel the sleep timer", "The sleep timer of Küche is off.", "", {}),
    (
        "Move the music to the living room",
        "The music is now playing on Living Room.",
        "player_queues/transfer",
        {"source_queue_id": "kueche", "target_queue_id": "living_room"},
    ),
    (
        "Play this in the kitchen too",
        "Küche now plays along with Living Room.",
        "",
        {},
    ),
    ("Set the group volume to 15 percent", "The group of Küche is at 15 percent.", "", {}),
    ("Take the kitchen out of the group", "Küche now plays by itself.", "", {}),
    ("Play the music everywhere", "now plays along with", "", {}),
]


async def test_dialog(assist: Assist, server: MassServer) -> None:
    """The conversation agent understands the sentences, and each is answered with its effect."""
    await async_set_languages(assist.hass, ["en"])
    for text, answer, command, fields in DIALOG:
        server.commands.clear()
        if text.startswith("Move"):  # two play by now
            await assist.say("Pause the music in the office")
        assert answer in await assist.say(text), text
        if command:
            sent = get_sent_arguments(server, command)
            assert [each for each in sent if each.items() >= fields.items()], (text, sent)


# What people say to Assist, with the sentences of Home Assistant and ours, and what is sent then;
# nothing for what is only answered. Each is said in the kitchen, where an album plays.
PLAY, FAVORITE = "player_queues/play_media", "music/favorites/add_item"
GROUP, TIMER = "players/cmd/group_many", "players/sleep_timer/set"
SPOKEN: dict[str, dict[str, str]] = {
    "en": {
        "Play Undertow Disco in the living room": PLAY,
        "Play the song Polite Postcard Underwater by Élodie Marchvent": PLAY,
        "Play some jazz": PLAY,
        "Play some music": PLAY,
        "Play something in the office": PLAY,
        "Play my Sunday Pancakes playlist": PLAY,
        "Play Undertow Dicso": PLAY,
        "Play music similar to Papaya Static": PLAY,
        "Play the podcast The Slow Map": PLAY,
        "Play the latest episode of The Slow Map": PLAY,
        "Put on something by Papaya Static": PLAY,
        "Listen to Harbour FM in the kitchen": PLAY,
        "I want to listen to Papaya Static": PLAY,
        "Listen to album Undertow Disco by artist DJ Kelpforest": PLAY,
        "Play album Undertow Disco in the office with radio mode": PLAY,
        "Queue Undertow Disco": PLAY,
        "Who sings this?": "",
        "Next song": "players/cmd/next",
        "Previous track": "players/cmd/previous",
        "Pause the music": "players/cmd/pause",
        "Turn the volume down in the kitchen": "players/cmd/volume_down",
        "Set the volume to 30 percent": "players/cmd/volume_set",
        "Mute the kitchen": "players/cmd/volume_mute",
        "Shuffle off": "player_queues/shuffle",
        "Set sleep timer to half an hour in the kitchen": TIMER,
        "I like this song": FAVORITE,
        "Add this to my playlist Rain on Tin": "music/playlists/add_playlist_tracks",
        "Move the music to the living room": "player_queues/transfer",
        "Play music everywhere": GROUP,
    },
    "de": {
        "Spiele Undertow Disco im Wohnzimmer": PLAY,
        "Spiel das Lied Polite Postcard Underwater von Élodie Marchvent": PLAY,
        "Spiele etwas Jazz": PLAY,
        "Spiel was von Papaya Static": PLAY,
        "Spiele Musik": PLAY,
        "Spiel meine Playlist Sunday Pancakes": PLAY,
        "Ich möchte Papaya Static hören": PLAY,
        "Höre das Album Undertow Disco vom Künstler DJ Kelpforest in der Küche": PLAY,
        "Spiele Undertow Disco im Radiomodus": PLAY,
        "Höre Harbour FM in der Küche": PLAY,
        "Spiele als nächstes Undertow Disco": PLAY,
        "Spiel die neueste Folge von The Slow Map": PLAY,
        "Welches Lied ist das?": "",
        "Nächstes Lied": "players/cmd/next",
        "Pausiere die Musik": "players/cmd/pause",
        "Mach leiser": "players/cmd/volume_down",
        "Stell die Lautstärke auf 30 Prozent": "players/cmd/volume_set",
        "Schlummertimer 20 Minuten": TIMER,
        "Mach die Musik in einer halben Stunde aus": TIMER,
        "Mir gefällt das Lied": FAVORITE,
        "Füge das zur Playlist Rain on Tin hinzu": "music/playlists/add_playlist_tracks",
        "Verschieb die Musik ins Wohnzimmer": "player_queues/transfer",
        "Spiel überall Musik": GROUP,
    },
}


@pytest.mark.parametrize(("language", "sentences"), SPOKEN.items())
async def test_spoken_sentences(
    assist: Assist, server: MassServer, language: str, sentences: dict[str, str]
) -> None:
    """Sentences as people say them do what is meant, and nothing else is answered than that."""
    areas = ar.async_get(assist.hass)
    for name, alias in (("Kitchen", "Küche"), ("Living Room", "Wohnzimmer"), ("Office", "Büro")):
        area = areas.async_get_area_by_name(name)
        assert area
        areas.async_update(area.id, aliases={alias})
    await async_set_languages(assist.hass, [language])
    failed = []
    for text, command in sentences.items():
        start_playback(server)
        await assist.harness.wait_for_events()
        server.commands.clear()
        response = await assist.say(text, language)
        if command and command not in [sent for sent, _ in server.commands]:
            failed.append((text, response))
    assert failed == []


async def test_removed_sentences(assist: Assist) -> None:
    """Sentences are understood as soon as they are installed, until they are removed."""
    unknown = await assist.say("Was läuft gerade?", "de")
    await async_set_languages(assist.hass, ["de"])
    said = await assist.say("Was läuft gerade?", "de")
    assert said == "Auf Küche läuft Polite Postcard Underwater von Élodie Marchvent."
    assert "heißt attic" in await assist.get_error("Ungroup", "de-CH", name="attic")
    await async_set_languages(assist.hass, ["de-CH", "zh-CN"])
    assert await assist.say("Was läuft gerade?", "de-CH") == said
    assert "正在" in await assist.say("现在在放什么歌？", "zh-CN")
    await async_set_languages(assist.hass, [])
    assert await assist.say("Was läuft gerade?", "de") == unknown


async def test_answers_in_each_language(assist: Assist) -> None:
    """Answers and errors are in the language that was asked in, by default English."""
    answers = {
        language: await assist.get_answer("NowPlaying", language) for language in SENTENCE_LANGUAGES
    }
    errors = {
        language: await assist.get_error("Play", language, query="Xyzzy", area="Kitchen")
        for language in SENTENCE_LANGUAGES
    }
    assert all("Polite Postcard Underwater" in answer for answer in answers.values())
    assert all("Xyzzy" in error for error in errors.values())
    # two of Assist's languages have the texts of another one
    assert len({*errors.values()}) == len(SENTENCE_LANGUAGES) - len(SAME_SENTENCES)
    assert all(errors[language] == errors[same] for language, same in SAME_SENTENCES.items())
    assert "未找到" in errors["zh-CN"]
    assert "找不到" in errors["zh-HK"]
    assert await assist.get_answer("NowPlaying", "eo") == answers["en"]


async def test_music_of_a_genre(assist: Assist, server: MassServer) -> None:
    """Many languages say "music of" of an artist as of a genre; what is neither is an error."""
    for query, uri in (("Papaya Static", "artist/5"), ("night jazz", "genre/3")):
        slots = {"query": query, "media_type": "artist", "area": "Kitchen"}
        await assist.get_answer("Play", **slots)
        assert get_sent_arguments(server, PLAY)[-1]["media"] == [f"library://{uri}"]
    slots["query"] = "Papaia Static"
    assert "The nearest: Papaya Static" in await assist.get_error("Play", **slots)


async def test_play_everywhere(assist: Assist, server: MassServer) -> None:
    """Music is played on the player that plays, and all that can be grouped with it join it."""
    server.commands.clear()
    error = await assist.get_error("Play", query="Xyzzy", everywhere=True)
    assert "nothing called Xyzzy" in error
    assert not get_sent_arguments(server, GROUP)
    answer = await assist.get_answer("Play", query="Undertow Disco", everywhere=True)
    assert answer.startswith("Playing Undertow Disco by DJ Kelpforest on Küche, ")
    (played,) = get_sent_arguments(server, PLAY)
    (grouped,) = get_sent_arguments(server, GROUP)
    assert played["queue_id"] == grouped["target_player"] == "kueche"
    assert {"buero", "living_room"} <= set(grouped["child_player_ids"])


async def test_group_everywhere_in_silence(assist: Assist, server: MassServer) -> None:
    """While nothing plays, a player that follows none leads: with a follower nobody can play."""
    for queue in server.queues.values():
        server.playback.stop_queue(queue.queue_id)
    server.update_player(
        "bedroom", synced_to="kueche", active_source="kueche", can_group_with=set()
    )
    get_state = assist.harness.get_state
    await wait_until(lambda: not get_state("bedroom").attributes["can_group_with"])
    server.commands.clear()
    await assist.get_answer("Group", everywhere=True)
    (grouped,) = get_sent_arguments(server, GROUP)
    assert grouped["target_player"] == "buero"  # the next by name


async def test_errors(assist: Assist, server: MassServer) -> None:
    """What is wrong is said in a sentence, and nothing is done by a guess."""
    add_floor(assist.hass)
    server.commands.clear()
    error = await assist.get_error("Play", query="Lanternes at Low Tied", area="Kitchen")
    assert "nothing called Lanternes at Low Tied" in error
    assert "Lanterns at Low Tide" in error
    assert "is called attic" in await assist.get_error("Transfer", name="attic")
    assert "is called attic" in await assist.get_error("Group", area="kitchen", other_area="attic")
    assert "Several players" in await assist.get_error("Play", query="Undertow Disco")
    assert "Several players" in await assist.get_error("Ungroup", floor="Upstairs")
    assert "no other player" in await assist.get_error("Group", name="Küche")
    assert "no playlist called Xyzzy" in await assist.get_error("AddToPlaylist", playlist="Xyzzy")
    for slots in ({"hours": 24, "minutes": 1}, {}):
        assert "24 hours" in await assist.get_error("SetSleepTimer", area="Kitchen", **slots)
    with pytest.raises(intent.InvalidSlotInfo):
        await assist.handle("SetGroupVolume", volume_percent=101)
    assert not get_sent_arguments(server, "player_queues/play_media")
    assert assist.hass.states.get(assist.harness.get_entity_id("kueche"))


async def test_target_slots(assist: Assist) -> None:
    """A name may be that of an area; an area is never a player's name."""
    assert "Küche" in await assist.get_answer("NowPlaying", name="kitchen")
    assert "Küche" in await assist.get_answer("NowPlaying", name="Küche", area="kitchen")
    error = await assist.get_error("NowPlaying", name="Küche", area="office")
    assert "is called Küche" in error
    assert "is called Küche" in await assist.get_error("NowPlaying", area="Küche")


async def test_same_name(assist: Assist) -> None:
    """Of several players with a name it is the one in the area of the satellite."""
    registry = er.async_get(assist.hass)
    for player_id in ("buero", "living_room"):
        registry.async_update_entity(assist.harness.get_entity_id(player_id), aliases=["speaker"])
    assert "Several players" in await assist.get_error("CancelSleepTimer", name="speaker")
    office = await assist.get_answer("CancelSleepTimer", name="speaker", preferred_area_id="office")
    assert "Büro" in office


async def test_what_is_playing(assist: Assist, server: MassServer) -> None:
    """It is what plays here, or else anywhere; paused players count if nothing plays."""
    kitchen = {"preferred_area_id": "kitchen"}
    start_playback(server, "buero")
    await assist.harness.wait_for_events()
    here = await assist.get_answer("NowPlaying", **kitchen)
    assert here.count("playing on") == 1
    assert (await assist.get_answer("NowPlaying")).count("playing on") == 2
    assert "playing on Büro" in await assist.get_answer("NowPlaying", preferred_area_id="office")
    await assist.say("Pause the music in the kitchen")
    assert "paused on Küche" in await assist.get_answer("NowPlaying", **kitchen)
    assert "paused" not in await assist.get_answer("NowPlaying")
    assert "Nothing is playing on" in await assist.get_answer("NowPlaying", area="Living Room")
    await assist.say("Pause the music in the office")
    for state in assist.hass.states.async_all("media_player"):
        if state.entity_id != assist.harness.get_entity_id("living_room"):
            async_expose_entity(assist.hass, "conversation", state.entity_id, False)
    assert await assist.get_answer("NowPlaying") == "Nothing is playing."


async def test_no_exposed_player(assist: Assist) -> None:
    """Without an exposed player it is said what to do."""
    for state in assist.hass.states.async_all("media_player"):
        async_expose_entity(assist.hass, "conversation", state.entity_id, False)
    assert "Expose one" in await assist.get_error("Play", query="Undertow Disco")
    assert "Expose one" in await assist.get_error("Group", everywhere=True)


async def test_permissions(assist: Assist, server: MassServer) -> None:
    """The user who speaks needs the permissions, and is told so."""
    assist.context = Context(user_id=MockUser(groups=[]).add_to_hass(assist.hass).id)
    server.commands.clear()
    for name, slots in (
        ("Play", {"query": "Undertow Disco"}),
        ("PlaySimilar", {}),
        ("SetShuffle", {"shuffle": True}),
        ("Transfer", {}),
        ("Ungroup", {}),
        ("SetGroupVolume", {"volume_percent": 5}),
        ("SetSleepTimer", {"minutes": 5}),
        ("CancelSleepTimer", {}),
        ("AddFavorite", {}),
        ("RemoveFavorite", {}),
        ("AddToPlaylist", {"playlist": "Rain on Tin"}),
    ):
        target = (
            {"area": "Office", "from_area": "Kitchen"}
            if name == "Transfer"
            else {"area": "Kitchen"}
        )
        assert "Ask an administrator" in await assist.get_error(name, **slots, **target), name
    assert "Ask an administrator" in await assist.get_error(
        "Group", area="Kitchen", other_area="Office"
    )
    assert {command for command, _ in server.commands} <= {"info"}
    assert await assist.get_answer("NowPlaying") == "Nothing is playing."


async def test_server_is_away(assist: Assist, server: MassServer) -> None:
    """While the server is away, that is what is said."""
    await server.close_port()
    await server.faults.disconnect_clients("cut")
    with LoopMonitor.of_loop().skip_idle_time():
        await wait_until(lambda: not assist.harness.coordinator.available, 30)
        await assist.hass.async_block_till_done()
    assert "be reached" in await assist.get_error("Play", query="Undertow Disco", area="Kitchen")
    assert "be reached" in await assist.get_error("NowPlaying")
    await assist.hass.config_entries.async_unload(assist.harness.entry.entry_id)
    assert "be reached" in await assist.get_error("NowPlaying")


def test_stream_is_answered_by_its_address(hass: HomeAssistant) -> None:
    """What the server has no item for is told by its address."""
    item = {"uri": "http://example.com/stream.mp3"}
    assert Answers(hass, "en").describe_item(item) == item["uri"]
