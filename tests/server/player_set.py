"""Sets of players for a server."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Self

from music_assistant_models.constants import PLAYER_CONTROL_NATIVE, PLAYER_CONTROL_NONE
from music_assistant_models.enums import IdentifierType, PlayerFeature, PlayerType
from music_assistant_models.helpers import create_safe_string
from music_assistant_models.player import (
    DeviceInfo,
    Player,
    PlayerOption,
    PlayerOptionEntry,
    PlayerOptionType,
    PlayerSoundMode,
    PlayerSource,
)
from music_assistant_models.player_queue import PlayerQueue
from music_assistant_models.unique_list import UniqueList

SPEAKERS = "demo_speakers"  # a provider whose players all sync with each other
STREAMERS = "demo_streamers"
GROUPS = "universal_group"

FEATURES = frozenset(
    {
        PlayerFeature.PLAY_MEDIA,
        PlayerFeature.VOLUME_SET,
        PlayerFeature.VOLUME_MUTE,
        PlayerFeature.PAUSE,
        PlayerFeature.SEEK,
        PlayerFeature.NEXT_PREVIOUS,
        PlayerFeature.POWER,
        PlayerFeature.SET_MEMBERS,
        PlayerFeature.ENQUEUE,
    }
)
_ROOM_NAMES = ("Living Room", "Kitchen", "Bedroom", "Office", "Bathroom", "Hall", "Garden", "Attic")


def create_speaker(name: str, player_id: str | None = None, **changes: Any) -> Player:
    """Return a player with the usual features."""
    player_id = player_id or create_safe_string(name, replace_space=True)
    fields: dict[str, Any] = {
        "player_id": player_id,
        "provider": SPEAKERS,
        "type": PlayerType.PLAYER,
        "name": name,
        "available": True,
        "device_info": create_device_info(player_id),
        "supported_features": set(FEATURES),
        "powered": True,
        "volume_level": 30,
        "volume_muted": False,
        "can_group_with": {SPEAKERS},
        "icon": "mdi-speaker",
        "power_control": PLAYER_CONTROL_NATIVE,
        "volume_control": PLAYER_CONTROL_NATIVE,
        "mute_control": PLAYER_CONTROL_NATIVE,
    }
    return Player(**fields | changes)


def create_device_info(
    player_id: str, model: str = "Demo One", maker: str = "Demo Audio"
) -> DeviceInfo:
    """Return the device of a player, the same one each time."""
    digest = sha256(player_id.encode()).digest()
    mac = ":".join(f"{byte:02X}" for byte in (0x02, *digest[:5]))
    return DeviceInfo(
        model=model,
        manufacturer=maker,
        software_version="1.2.3",
        identifiers={
            IdentifierType.MAC_ADDRESS: mac,
            IdentifierType.IP_ADDRESS: f"192.0.2.{digest[5]}",
        },
    )


def create_group(
    name: str, members: list[str], player_id: str | None = None, **changes: Any
) -> Player:
    """Return a permanent group, which plays through its members."""
    fields: dict[str, Any] = {
        "provider": GROUPS,
        "type": PlayerType.GROUP,
        "device_info": DeviceInfo(model="Universal Group", manufacturer="Music Assistant"),
        "supported_features": FEATURES - {PlayerFeature.VOLUME_MUTE},
        "powered": False,
        "volume_level": None,
        "volume_muted": None,
        "group_members": UniqueList(members),
        "static_group_members": UniqueList(members),
        "icon": "mdi-speaker-multiple",
    }
    return create_speaker(name, player_id, **fields | changes)


def create_queue(player: Player) -> PlayerQueue:
    """Return an empty queue for a player."""
    return PlayerQueue(
        queue_id=player.player_id,
        active=True,
        display_name=player.name,
        available=player.available,
        items=0,
    )


def _create_line_out(name: str) -> Player:
    """Return a player without power and volume."""
    return create_speaker(
        name,
        provider=STREAMERS,
        supported_features={PlayerFeature.PLAY_MEDIA, PlayerFeature.PAUSE},
        powered=None,
        volume_level=None,
        volume_muted=None,
        can_group_with=set(),
        device_info=create_device_info(name, "Line Out"),
        power_control=PLAYER_CONTROL_NONE,
        volume_control=PLAYER_CONTROL_NONE,
        mute_control=PLAYER_CONTROL_NONE,
        icon="mdi-audio-video",
    )


def _create_receiver(name: str) -> Player:
    """Return a player with its own inputs, sound modes and options."""
    return create_speaker(
        name,
        provider=STREAMERS,
        supported_features=FEATURES
        | {
            PlayerFeature.SELECT_SOURCE,
            PlayerFeature.SELECT_SOUND_MODE,
            PlayerFeature.OPTIONS,
        },
        can_group_with=set(),
        device_info=create_device_info(name, "Receiver 9"),
        source_list=UniqueList(
            [
                PlayerSource("hdmi1", "HDMI 1", can_play_pause=False),
                PlayerSource("optical", "Optical"),
                PlayerSource("bluetooth", "Bluetooth", can_play_pause=True, can_next_previous=True),
                PlayerSource("spotify", "Spotify Connect", passive=True, can_play_pause=True),
            ]
        ),
        sound_mode_list=UniqueList(
            [
                PlayerSoundMode("stereo", "Stereo"),
                PlayerSoundMode("movie", "Movie"),
                PlayerSoundMode("night", "Night"),
                PlayerSoundMode("calibration", "Calibration", passive=True),
            ]
        ),
        active_sound_mode="stereo",
        options=UniqueList(_create_options()),
        icon="mdi-audio-video",
    )


def _create_options() -> list[PlayerOption]:
    """Return an option of every type."""
    text, whole = PlayerOptionType.STRING, PlayerOptionType.INTEGER
    return [
        PlayerOption(key="loudness", name="Loudness", type=PlayerOptionType.BOOLEAN, value=False),
        PlayerOption(
            key="bass", name="Bass", type=whole, value=0, min_value=-10, max_value=10, step=1
        ),
        PlayerOption(
            key="delay",
            name="Delay",
            type=PlayerOptionType.FLOAT,
            value=0.0,
            min_value=0.0,
            max_value=2.0,
            step=0.1,
        ),
        PlayerOption(
            key="dimmer",
            name="Display",
            type=text,
            value="bright",
            options=[
                PlayerOptionEntry(key=value, name=value.title(), type=text, value=value)
                for value in ("bright", "dim", "off")
            ],
        ),
        PlayerOption(key="label", name="Label", type=text, value="Cinema"),
        PlayerOption(key="temperature", name="Temperature", type=whole, value=41, read_only=True),
        PlayerOption(
            key="eco", name="Eco mode", type=PlayerOptionType.BOOLEAN, value=True, read_only=True
        ),
        PlayerOption(key="firmware", name="Firmware", type=text, value="9.1", read_only=True),
    ]


@dataclass
class PlayerSet:
    """Represent the players of a server."""

    players: list[Player] = field(default_factory=list)

    @classmethod
    def create_demo(cls) -> Self:
        """Return one player of each kind."""
        return cls(
            [
                create_speaker("Living Room", "living_room"),
                create_speaker("Küche", "kueche", volume_level=20),
                create_speaker("Büro", "buero", volume_level=40),
                create_speaker(
                    "Patio", "patio", group_members=UniqueList(["patio", "garden"]), volume_level=50
                ),
                create_speaker("Garden", "garden", synced_to="patio", volume_level=60),
                create_speaker("Bedroom", "bedroom", powered=False),
                _create_line_out("Turntable Corner"),
                _create_receiver("Cinema"),
                create_speaker("Kid's Tablet", "tablet", expose_to_ha=False, icon="mdi-tablet"),
                create_speaker("Guest Room", "guest_room", available=False),
                create_group("Downstairs", ["living_room", "kueche"], "downstairs"),
            ]
        )

    @classmethod
    def create_speakers(cls, count: int) -> Self:
        """Return any number of speakers."""
        return cls(
            [
                create_speaker(
                    f"{_ROOM_NAMES[number % len(_ROOM_NAMES)]} {number + 1}",
                    f"player_{number + 1:03d}",
                )
                for number in range(count)
            ]
        )
