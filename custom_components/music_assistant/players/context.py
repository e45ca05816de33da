"""Context of a player: the player with its queue and leader, and values derived from them."""

from dataclasses import dataclass
from typing import Final

from music_assistant_models.audio_processing import (
    AudioFidelity,
    AudioNormalizationDetails,
    AudioOutputDetails,
    AudioQuality,
)
from music_assistant_models.enums import (
    ContentType,
    CrossfadeMode,
    RepeatMode,
    VolumeNormalizationMode,
)
from music_assistant_models.media_items import AudioFormat
from music_assistant_models.player import Player
from music_assistant_models.queue_item import QueueItem
from music_assistant_models.streamdetails import StreamDetails

from ..server.queues import LazyQueue
from .playback import Playback, extrapolate_position, is_playing

# Above this sample rate (Hz) or bit depth lossless audio counts as high resolution.
MAX_LOSSLESS_SAMPLE_RATE: Final = 48_000
MAX_LOSSLESS_BIT_DEPTH: Final = 16


@dataclass(frozen=True, slots=True)
class PlayerContext:
    """Represent a player with its active queue, as the caches of the client hold them.

    `leader` is the player or group that it plays along with, whose sleep timer applies to it, too;
    `playback` is what both the queue and the player say of playback.
    """

    player: Player
    queue: LazyQueue | None
    leader: Player | None
    playback: Playback

    @property
    def is_complete(self) -> bool:
        """Return if the active queue is loaded; servers send it after the player."""
        player = self.player
        queue_ids = (None, player.player_id, player.synced_to, player.active_group)
        return self.queue is not None or player.active_source not in queue_ids

    @property
    def current_item(self) -> QueueItem | None:
        """Return the current item of the queue, as it is shown."""
        return item.get_decoded() if (item := self.playback.item) else None

    @property
    def item_with_chapters(self) -> QueueItem | None:
        """Return the current item if it has chapters; without, it need not be decoded."""
        return self.current_item if self.playback.item and self.playback.item.has_chapters else None

    @property
    def is_playing(self) -> bool:
        """Return if the player plays."""
        return is_playing(self.player, self.queue)

    def get_position(self, now: float) -> float | None:
        """Return the position at a time in seconds, None if it is unknown."""
        playback = self.playback
        return extrapolate_position(playback, now) if playback.position else None


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """Represent the audio format of a player, and how the server processes it."""

    format: AudioFormat
    fidelity: AudioFidelity
    normalization: AudioNormalizationDetails | None = None
    crossfade: CrossfadeMode | None = None
    output: AudioOutputDetails | None = None

    @property
    def quality(self) -> AudioQuality:
        """Return the quality as rated by the server, or derive it for older servers."""
        if self.fidelity.quality is not AudioQuality.UNKNOWN:
            return self.fidelity.quality
        if not (self.format.content_type.is_lossless() or self.format.codec_type.is_lossless()):
            return AudioQuality.STANDARD
        is_hi_res = (
            self.format.sample_rate > MAX_LOSSLESS_SAMPLE_RATE
            or self.format.bit_depth > MAX_LOSSLESS_BIT_DEPTH
        )
        return AudioQuality.HI_RES if is_hi_res else AudioQuality.LOSSLESS


def get_audio_info(context: PlayerContext) -> AudioInfo | None:
    """Return the audio of a player, from its queue or from its own source."""
    if context.queue is None:
        return _get_source_audio_info(context.player)
    if context.current_item is None or (stream := context.current_item.streamdetails) is None:
        return None
    if (chain := stream.audio_processing) is None:
        return AudioInfo(stream.audio_format, AudioFidelity(), _get_normalization(stream))
    processing = chain.queue_processing
    return AudioInfo(
        stream.audio_format,
        chain.input_fidelity,
        processing.normalization if processing else None,
        processing.crossfade_mode if processing else None,
        _find_output(context.player, chain.outputs),
    )


def _get_normalization(stream: StreamDetails) -> AudioNormalizationDetails:
    """Return the normalization from older servers, which don't send the processing chain."""
    return AudioNormalizationDetails(
        mode=stream.volume_normalization_mode or VolumeNormalizationMode.UNKNOWN,
        applied_gain_db=stream.volume_normalization_gain_correct,
    )


def _get_source_audio_info(player: Player) -> AudioInfo | None:
    if (audio := player.active_source_audio) is None:
        return None
    return AudioInfo(
        audio.input_format,
        audio.input_fidelity,
        AudioNormalizationDetails(mode=audio.volume_normalization_mode),
        audio.crossfade_mode,
        _find_output(player, audio.outputs),
    )


def _find_output(player: Player, outputs: list[AudioOutputDetails]) -> AudioOutputDetails | None:
    ids = {player.player_id, player.active_output_protocol}
    return next((output for output in outputs if ids.intersection(output.player_ids)), None)


def get_audio_quality(context: PlayerContext) -> str | None:
    """Return the audio quality of a player."""
    audio = get_audio_info(context)
    quality = audio.quality if audio else AudioQuality.UNKNOWN
    return None if quality is AudioQuality.UNKNOWN else quality.value


def get_audio_attributes(context: PlayerContext) -> dict[str, object]:
    """Return the attributes of the audio quality: the format and how it is processed."""
    if (audio := get_audio_info(context)) is None:
        return {}
    attributes: dict[str, object] = _get_format_attributes(audio.format)
    if audio.crossfade:
        attributes["crossfade"] = audio.crossfade.value
    if audio.normalization:
        attributes["normalization"] = audio.normalization.mode.value
        attributes["normalization_gain"] = audio.normalization.applied_gain_db
    if output := audio.output:
        attributes["dsp"] = output.dsp.state.value
        attributes["dsp_preset"] = output.dsp.preset_id
        attributes["bit_perfect"] = output.fidelity.bit_perfect
        if output.output_format:
            output_format = _get_format_attributes(output.output_format)
            attributes |= {f"output_{name}": value for name, value in output_format.items()}
    return attributes


def _get_format_attributes(format_: AudioFormat) -> dict[str, object]:
    has_codec = format_.codec_type is not ContentType.UNKNOWN
    codec = format_.codec_type if has_codec else format_.content_type
    return {
        "codec": codec.value,
        "sample_rate": format_.sample_rate,
        "bit_depth": format_.bit_depth,
        "bit_rate": format_.bit_rate,
        "channels": format_.channels,
    }


def get_next_index(context: PlayerContext) -> int | None:
    """Return the index of the item that follows in the queue.

    The next item in the events of servers is that of an old list for seconds, or until something
    plays, so it has to be looked up in the items of the queue.
    """
    queue, index = context.queue, context.playback.queue_index
    if queue is None or index is None or queue.repeat_mode is RepeatMode.ONE:
        return index
    if index + 1 < queue.items:
        return index + 1
    return 0 if queue.repeat_mode is RepeatMode.ALL else None


def get_next_track(item: QueueItem | None) -> str | None:
    """Return the title of the next item of the queue."""
    if item is None:
        return None
    return item.media_item.name if item.media_item else item.name


def get_next_track_attributes(item: QueueItem | None) -> dict[str, object]:
    """Return the attributes of the next item of the queue."""
    if item is None:
        return {}
    media = item.media_item
    album = getattr(media, "album", None)
    return {
        "artist": "/".join(artist.name for artist in getattr(media, "artists", ())) or None,
        "album": album.name if album else None,
        "duration": item.duration,
        "uri": item.uri,
    }


def get_queue_position(context: PlayerContext) -> int | None:
    """Return the position of the current item in the queue, starting at 1."""
    index = context.playback.queue_index
    return None if index is None else index + 1


def get_queue_size(context: PlayerContext) -> int | None:
    """Return the number of items in the queue."""
    return context.queue.items if context.queue else None


def get_active_source(context: PlayerContext) -> str | None:
    """Return the name of the active source of a player, or of its active queue."""
    player = context.player
    names = (source.name for source in player.source_list if source.id == player.active_source)
    return next(names, None) or (context.queue.display_name if context.queue else None)
