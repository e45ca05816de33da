"""What else is known of a player: worked out only for those who show it. Pure."""

from dataclasses import dataclass
from typing import Final

from music_assistant_models.audio_processing import (
    AudioFidelity,
    AudioNormalizationDetails,
    AudioOutputDetails,
    AudioQuality,
)
from music_assistant_models.enums import ContentType, CrossfadeMode, VolumeNormalizationMode
from music_assistant_models.media_items import AudioFormat
from music_assistant_models.player import Player
from music_assistant_models.queue_item import QueueItem
from music_assistant_models.streamdetails import StreamDetails

from ..server.queues import Queue

# Above this rate (Hz) or depth (bits) it is more than a CD or a DAT holds.
ORDINARY_RATE: Final = 48_000
ORDINARY_DEPTH: Final = 16


@dataclass(frozen=True, slots=True)
class Facts:
    """What the client's caches hold: a player, and the queue that plays on it, if one does.

    `leader` is the player or group that it plays along with, whose sleep timer is its own, too.
    """

    player: Player
    queue: Queue | None
    leader: Player | None = None

    @property
    def whole(self) -> bool:
        """Tell whether the queue is there that should be: servers tell of players first."""
        player = self.player
        queues = (None, player.player_id, player.synced_to, player.active_group)
        return self.queue is not None or player.active_source not in queues

    @property
    def item(self) -> QueueItem | None:
        """Return what is played from the queue."""
        return self.queue.current_item if self.queue else None


@dataclass(frozen=True, slots=True)
class Sound:
    """What is heard, and what the server does to it on its way to a player."""

    format: AudioFormat
    fidelity: AudioFidelity
    normalization: AudioNormalizationDetails | None = None
    crossfade: CrossfadeMode | None = None
    output: AudioOutputDetails | None = None

    @property
    def quality(self) -> AudioQuality:
        """Return the quality, as the server rates it; older ones don't."""
        if self.fidelity.quality is not AudioQuality.UNKNOWN:
            return self.fidelity.quality
        if not (self.format.content_type.is_lossless() or self.format.codec_type.is_lossless()):
            return AudioQuality.STANDARD
        finer = self.format.sample_rate > ORDINARY_RATE or self.format.bit_depth > ORDINARY_DEPTH
        return AudioQuality.HI_RES if finer else AudioQuality.LOSSLESS


def sound(facts: Facts) -> Sound | None:
    """Return what is heard from a player, whether a queue or a source of its own plays."""
    if facts.queue is None:
        return _sound_of_source(facts.player)
    if facts.item is None or (stream := facts.item.streamdetails) is None:
        return None
    if (chain := stream.audio_processing) is None:
        return Sound(stream.audio_format, AudioFidelity(), _normalization(stream))
    done = chain.queue_processing
    return Sound(
        stream.audio_format,
        chain.input_fidelity,
        done.normalization if done else None,
        done.crossfade_mode if done else None,
        _output(facts.player, chain.outputs),
    )


def _normalization(stream: StreamDetails) -> AudioNormalizationDetails:
    """Return what servers say that don't tell the whole chain."""
    return AudioNormalizationDetails(
        mode=stream.volume_normalization_mode or VolumeNormalizationMode.UNKNOWN,
        applied_gain_db=stream.volume_normalization_gain_correct,
    )


def _sound_of_source(player: Player) -> Sound | None:
    if (audio := player.active_source_audio) is None:
        return None
    return Sound(
        audio.input_format,
        audio.input_fidelity,
        AudioNormalizationDetails(mode=audio.volume_normalization_mode),
        audio.crossfade_mode,
        _output(player, audio.outputs),
    )


def _output(player: Player, outputs: list[AudioOutputDetails]) -> AudioOutputDetails | None:
    ids = {player.player_id, player.active_output_protocol}
    return next((one for one in outputs if ids.intersection(one.player_ids)), None)


def audio_quality(facts: Facts) -> str | None:
    """Return how good what is heard is."""
    heard = sound(facts)
    quality = heard.quality if heard else AudioQuality.UNKNOWN
    return None if quality is AudioQuality.UNKNOWN else quality.value


def audio_details(facts: Facts) -> dict[str, object]:
    """Return how it is coded, and what the server makes of it."""
    if (heard := sound(facts)) is None:
        return {}
    details: dict[str, object] = _coding(heard.format)
    if heard.crossfade:
        details["crossfade"] = heard.crossfade.value
    if heard.normalization:
        details["normalization"] = heard.normalization.mode.value
        details["normalization_gain"] = heard.normalization.applied_gain_db
    if output := heard.output:
        details["dsp"] = output.dsp.state.value
        details["dsp_preset"] = output.dsp.preset_id
        details["bit_perfect"] = output.fidelity.bit_perfect
        if output.output_format:
            made = _coding(output.output_format).items()
            details |= {f"output_{name}": value for name, value in made}
    return details


def _coding(format_: AudioFormat) -> dict[str, object]:
    known = format_.codec_type is not ContentType.UNKNOWN
    codec = format_.codec_type if known else format_.content_type
    return {
        "codec": codec.value,
        "sample_rate": format_.sample_rate,
        "bit_depth": format_.bit_depth,
        "bit_rate": format_.bit_rate,
        "channels": format_.channels,
    }


def next_track(facts: Facts) -> str | None:
    """Return the title of what is played next."""
    following = facts.queue.next_item if facts.queue else None
    if following is None:
        return None
    return following.media_item.name if following.media_item else following.name


def next_details(facts: Facts) -> dict[str, object]:
    """Return what else is told of it."""
    following = facts.queue.next_item if facts.queue else None
    if following is None:
        return {}
    media = following.media_item
    album = getattr(media, "album", None)
    return {
        "artist": "/".join(each.name for each in getattr(media, "artists", ())) or None,
        "album": album.name if album else None,
        "duration": following.duration,
        "uri": following.uri,
    }


def queue_position(facts: Facts) -> int | None:
    """Return which one of the queue's items is played, counted from 1."""
    index = facts.queue.current_index if facts.queue else None
    return None if index is None else index + 1


def queue_size(facts: Facts) -> int | None:
    """Return how many items the queue has."""
    return facts.queue.items if facts.queue else None


def active_source(facts: Facts) -> str | None:
    """Return the name of what plays on a player: one of its own sources, or somebody's queue."""
    sources = facts.player.source_list
    own = next((one.name for one in sources if one.id == facts.player.active_source), None)
    return own or (facts.queue.display_name if facts.queue else None)
