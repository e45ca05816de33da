"""Details derived from a player and its queue."""

from dataclasses import replace
from typing import Any, Final

from music_assistant_models.audio_processing import (
    ActiveSourceAudioDetails,
    AudioDSPDetails,
    AudioFidelity,
    AudioNormalizationDetails,
    AudioOutputDetails,
    AudioProcessingChain,
    AudioQuality,
    AudioQueueProcessing,
)
from music_assistant_models.dsp import DSPState
from music_assistant_models.enums import (
    ContentType,
    CrossfadeMode,
    RepeatMode,
    VolumeNormalizationMode,
)
from music_assistant_models.media_items import AudioFormat, ItemMapping, Track
from music_assistant_models.player import PlayerSource
from music_assistant_models.queue_item import QueueItem
from music_assistant_models.streamdetails import StreamDetails
from music_assistant_models.unique_list import UniqueList
import pytest

from custom_components.music_assistant.players import context
from custom_components.music_assistant.players.context import PlayerContext
from custom_components.music_assistant.server.queues import LazyQueue

from .player_contexts import build_context
from .server.player_set import create_queue, create_speaker

PLAYER: Final = create_speaker("Kitchen", "kitchen")
FLAC: Final = AudioFormat(
    content_type=ContentType.FLAC, sample_rate=96000, bit_depth=24, bit_rate=2304
)
MP3: Final = AudioFormat(content_type=ContentType.MP3, bit_rate=320)
CD: Final = AudioFormat(content_type=ContentType.MP4, codec_type=ContentType.ALAC)
TRACK: Final = Track(
    item_id="1",
    provider="library",
    name="Slow Morning",
    provider_mappings=set(),
    artists=UniqueList([ItemMapping(item_id="1", provider="library", name="Ada Finch")]),
    album=ItemMapping(item_id="2", provider="library", name="Glass Harbour"),
)


def create_item(stream: StreamDetails | None = None, media: Track | None = None) -> QueueItem:
    """Return an item of a queue."""
    return QueueItem("kitchen", "a", "Ada Finch - Slow Morning", 200, 0, stream, media)


def create_context(**changes: Any) -> PlayerContext:
    """Return a player with a queue of ten items."""
    queue = replace(create_queue(PLAYER), items=10, **changes)
    return build_context(PLAYER, LazyQueue.from_payload(queue.to_dict()))


def create_playing_context(
    format_: AudioFormat, chain: AudioProcessingChain | None = None
) -> PlayerContext:
    """Return a player that plays."""
    stream = StreamDetails(
        provider="x",
        item_id="1",
        audio_format=format_,
        audio_processing=chain,
        volume_normalization_mode=VolumeNormalizationMode.DYNAMIC,
        volume_normalization_gain_correct=-3.5,
    )
    return create_context(current_item=create_item(stream))


@pytest.mark.parametrize(
    ("format_", "rated", "shown"),
    [
        (FLAC, AudioQuality.UNKNOWN, "hi_res"),
        (CD, AudioQuality.UNKNOWN, "lossless"),
        (replace(CD, sample_rate=88200), AudioQuality.UNKNOWN, "hi_res"),
        (replace(CD, bit_depth=24), AudioQuality.UNKNOWN, "hi_res"),
        (MP3, AudioQuality.UNKNOWN, "standard"),
        (MP3, AudioQuality.LOW, "low"),
        (FLAC, AudioQuality.LOSSLESS, "lossless"),
    ],
)
def test_audio_quality(format_: AudioFormat, rated: AudioQuality, shown: str) -> None:
    """The server's rating is used; without it the format decides."""
    chain = AudioProcessingChain(input_fidelity=AudioFidelity(quality=rated))
    assert context.get_audio_quality(create_playing_context(format_, chain)) == shown


def test_audio_details_of_older_server() -> None:
    """An older server without the chain has the volume normalization."""
    assert context.get_audio_attributes(create_playing_context(FLAC)) == {
        "codec": "flac",
        "sample_rate": 96000,
        "bit_depth": 24,
        "bit_rate": 2304,
        "channels": 2,
        "normalization": "dynamic",
        "normalization_gain": -3.5,
    }


def test_audio_output_of_player() -> None:
    """The output format of this player is used, with the processing for all players."""
    outputs = [
        AudioOutputDetails(player_ids=["attic"]),
        AudioOutputDetails(
            player_ids=["kitchen"],
            dsp=AudioDSPDetails(state=DSPState.ENABLED, preset_id="loud"),
            output_format=CD,
            fidelity=AudioFidelity(bit_perfect=False),
        ),
    ]
    done = AudioQueueProcessing(
        crossfade_mode=CrossfadeMode.SMART_CROSSFADE,
        normalization=AudioNormalizationDetails(
            mode=VolumeNormalizationMode.MEASUREMENT_ONLY, applied_gain_db=-6.0
        ),
    )
    told = context.get_audio_attributes(
        create_playing_context(FLAC, AudioProcessingChain(queue_processing=done, outputs=outputs))
    )
    assert told["codec"] == "flac"
    assert (
        told
        | {
            "crossfade": "smart_crossfade",
            "normalization": "measurement_only",
            "normalization_gain": -6.0,
            "dsp": "enabled",
            "dsp_preset": "loud",
            "bit_perfect": False,
            "output_codec": "alac",
            "output_sample_rate": 44100,
            "output_bit_depth": 16,
        }
        == told
    )


def test_audio_details_of_source() -> None:
    """A source of a player has its audio details on the player."""
    audio = ActiveSourceAudioDetails(
        input_format=MP3,
        crossfade_mode=CrossfadeMode.SOURCE,
        volume_normalization_mode=VolumeNormalizationMode.FIXED_GAIN,
    )
    source = PlayerSource("spotify", "Spotify Connect")
    player = replace(
        PLAYER, active_source="spotify", source_list=UniqueList([source]), active_source_audio=audio
    )
    known = build_context(player)
    assert context.get_audio_quality(known) == "standard"
    attributes = context.get_audio_attributes(known)
    assert (attributes["crossfade"], attributes["normalization"]) == ("source", "fixed_gain")
    assert context.get_active_source(known) == "Spotify Connect"
    assert (context.get_queue_position(known), context.get_queue_size(known)) == (None, None)


@pytest.mark.parametrize(
    "known",
    [build_context(PLAYER), create_context(), create_context(current_item=create_item())],
)
def test_no_details_without_playback(known: PlayerContext) -> None:
    """Without playback there are no details."""
    assert context.get_audio_quality(known) is None
    assert context.get_audio_attributes(known) == {}
    assert context.get_next_index(known) is None
    assert context.get_next_track(None) is None
    assert context.get_next_track_attributes(None) == {}


def test_queue_positions() -> None:
    """Positions start at 1."""
    known = create_context(current_index=0)
    assert (context.get_queue_position(known), context.get_queue_size(known)) == (1, 10)
    assert context.get_active_source(known) == "Kitchen"


@pytest.mark.parametrize(
    ("index", "repeat_mode", "expected"),
    [
        (None, RepeatMode.ALL, None),
        (0, RepeatMode.OFF, 1),
        (0, RepeatMode.ALL, 1),
        (9, RepeatMode.OFF, None),
        (9, RepeatMode.ALL, 0),
        (3, RepeatMode.ONE, 3),
    ],
)
def test_next_index(index: int | None, repeat_mode: RepeatMode, expected: int | None) -> None:
    """The item that follows depends on the repeat mode, and not on the one in the event."""
    known = create_context(
        current_index=index, repeat_mode=repeat_mode, next_item=create_item(media=TRACK)
    )
    assert context.get_next_index(known) == expected


def test_next_index_while_item_is_held() -> None:
    """What follows is what comes after the shown item, while the queue has gone back for a moment."""
    known = create_context(current_index=3)
    held = replace(known, playback=known.playback._replace(queue_index=4))
    assert context.get_next_index(held) == 5


def test_next_track() -> None:
    """The next item has its title and attributes."""
    item = create_item(media=TRACK)
    assert context.get_next_track(item) == "Slow Morning"
    assert context.get_next_track_attributes(item) == {
        "artist": "Ada Finch",
        "album": "Glass Harbour",
        "duration": 200,
        "uri": "library://track/1",
    }
    assert context.get_next_track(create_item()) == "Ada Finch - Slow Morning"
    assert context.get_next_track_attributes(create_item())["artist"] is None
