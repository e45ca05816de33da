"""Settings of players and providers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from music_assistant_models.auth import Scope
from music_assistant_models.config_entries import (
    ConfigEntry,
    CoreConfig,
    PlayerConfig,
    ProviderConfig,
    ProviderError,
)
from music_assistant_models.dsp import DSPConfig, DSPConfigPreset
from music_assistant_models.enums import ConfigEntryType, EventType, PlayerType, ProviderStatus
from music_assistant_models.errors import (
    ActionUnavailable,
    InvalidDataError,
    LoginFailed,
    SetupFailedError,
)
from music_assistant_models.player import Player

from . import party
from .commands import Caller, Command

if TYPE_CHECKING:
    from .server import MassServer

EXPOSE = "expose_player_to_ha"
STATUS_SINCE = 46

# Settings that every player has, and the field of the player that shows them, if any.
_ENTRIES = (
    (ConfigEntry(key=EXPOSE, type=ConfigEntryType.BOOLEAN, default_value=True), "expose_to_ha"),
    (ConfigEntry(key="icon", type=ConfigEntryType.ICON, default_value="mdi-speaker"), "icon"),
    (
        ConfigEntry(key="hide_in_ui", type=ConfigEntryType.BOOLEAN, default_value=False),
        "hide_in_ui",
    ),
    (
        ConfigEntry(key="volume_normalization", type=ConfigEntryType.BOOLEAN, default_value=True),
        None,
    ),
    (ConfigEntry(key="crossfade_duration", type=ConfigEntryType.INTEGER, default_value=8), None),
)
# That of a player whose outputs have none of their own.
_FLOW_MODE = (ConfigEntry(key="flow_mode", type=ConfigEntryType.BOOLEAN, default_value=False),)
_FIELDS = {entry.key: name for entry, name in _ENTRIES if name}


@dataclass
class PlayerConfigs:
    """Represent the settings by player."""

    server: MassServer
    flow_modes: dict[str, tuple[ConfigEntry, ...]] = field(default_factory=dict)  # by player
    _values: dict[str, dict[str, Any]] = field(default_factory=dict)
    _disabled: dict[str, Player] = field(default_factory=dict)

    def get_player(self, player_id: str) -> Player:
        """Return a player, including a disabled one."""
        known = {**self._disabled, **self.server.players}
        if player := known.get(player_id):
            return player
        raise KeyError(f"No config found for player id {player_id}")

    def get_all(self) -> list[PlayerConfig]:
        """Return the settings of all players, including disabled ones."""
        return [self.get(player_id) for player_id in {**self.server.players, **self._disabled}]

    def get(self, player_id: str) -> PlayerConfig:
        """Return the settings of a player."""
        player = self.get_player(player_id)
        shown = {key: getattr(player, name) for key, name in _FIELDS.items()}
        config = PlayerConfig.parse(
            [
                *(entry for entry, _ in _ENTRIES),
                *self.flow_modes.get(player_id, _FLOW_MODE),
            ],
            {
                "provider": player.provider,
                "player_id": player_id,
                "enabled": player.enabled,
                "name": self._values.get(player_id, {}).get("name"),
                "default_name": player.name,
                "player_type": player.type,
                "values": {**self._values.get(player_id, {}), **shown},
            },
        )
        return cast("PlayerConfig", config)  # what `parse` of a subclass returns

    def save(self, player_id: str, values: Mapping[str, Any]) -> PlayerConfig:
        """Change settings, apply them to the player and send the events."""
        player = self.get_player(player_id)
        self._values.setdefault(player_id, {}).update(values)
        for key, value in values.items():
            if name := _FIELDS.get(key):
                setattr(player, name, value)
        if name := values.get("name"):
            player.name = name
        config = self.get(player_id)
        self.server.send_event(EventType.PLAYER_CONFIG_UPDATED, player_id, config)
        self._set_enabled(player, values.get("enabled", player.enabled))
        return config

    def _set_enabled(self, player: Player, enabled: bool) -> None:
        """Remove a player, add it again, or only send it."""
        was_enabled, player.enabled = player.enabled, enabled
        if was_enabled and not enabled:
            self._disabled[player.player_id] = player
            self.server.remove_player(player.player_id)
        elif enabled and not was_enabled:
            self.server.add_player(self._disabled.pop(player.player_id))
        elif enabled:
            self.server.update_player(player.player_id)

    def remove(self, player_id: str) -> None:
        """Remove the settings of a player that isn't active."""
        player = self.get_player(player_id)
        if player_id in self.server.players:
            if player.available and player.type is not PlayerType.GROUP:
                raise ActionUnavailable("Can not remove config for an active player!")
            self.server.remove_player(player_id)
        self._disabled.pop(player_id, None)
        self._values.pop(player_id, None)


def list_player_configs(
    server: MassServer,
    _caller: Caller,
    provider: str | None = None,
    include_values: bool = False,
    include_unavailable: bool = True,
    include_disabled: bool = True,
) -> list[PlayerConfig]:
    """Return the settings of players."""
    configs = [
        each
        for each in server.configs.get_all()
        if provider in (None, each.provider)
        and (each.enabled or include_disabled)
        and (server.configs.get_player(each.player_id).available or include_unavailable)
    ]
    for each in configs if not include_values else ():
        each.values = {}
    return configs


def get_player_config(server: MassServer, _caller: Caller, player_id: str) -> PlayerConfig:
    """Return the settings of one player."""
    return server.configs.get(player_id)


def get_player_config_value(
    server: MassServer,
    _caller: Caller,
    player_id: str,
    key: str,
    default: Any = None,
    unpack_splitted_values: bool = False,
) -> Any:
    """Return one setting."""
    entry = server.configs.get(player_id).values.get(key)
    return default if entry is None or entry.value is None else entry.value


def get_player_config_entries(
    server: MassServer,
    _caller: Caller,
    player_id: str,
    action: str | None = None,
    values: dict[str, Any] | None = None,
) -> list[ConfigEntry]:
    """Return the settings of one player as a form."""
    return list(server.configs.get(player_id).values.values())


def save_player_config(
    server: MassServer, _caller: Caller, player_id: str, values: dict[str, Any]
) -> PlayerConfig:
    """Change settings of a player."""
    return server.configs.save(player_id, values)


def remove_player_config(server: MassServer, _caller: Caller, player_id: str) -> None:
    """Remove the settings of a player."""
    server.configs.remove(player_id)


def list_provider_configs(
    server: MassServer,
    _caller: Caller,
    provider_type: str | None = None,
    provider_domain: str | None = None,
    include_values: bool = False,
) -> list[ProviderConfig]:
    """Return the settings of providers; those of the test server have none."""
    return [
        ProviderConfig(
            values={},
            type=each.type,
            domain=each.domain,
            instance_id=each.instance_id,
            name=each.name,
            **_get_provider_status(server, each.instance_id),
        )
        for each in (*server.providers.values(), *(one for one, _ in server.broken.found.values()))
        if provider_type in (None, each.type) and provider_domain in (None, each.domain)
    ]


def _get_provider_status(server: MassServer, instance_id: str) -> dict[str, Any]:
    """Return whether a provider works, as far as the server's version tells.

    Which version introduced the status is an assumption.
    """
    _, sign_in = server.broken.found.get(instance_id, (None, False))
    if instance_id not in server.broken.found:
        return {"status": ProviderStatus.LOADED} if server.schema_version >= STATUS_SINCE else {}
    error = LoginFailed if sign_in else SetupFailedError
    state: dict[str, Any] = {"last_error": ProviderError(error.error_code, "It went wrong")}
    if server.schema_version >= STATUS_SINCE:
        state["status"] = ProviderStatus.AUTH_REQUIRED if sign_in else ProviderStatus.ERROR
    return state


def save_provider_config(
    server: MassServer,
    _caller: Caller,
    provider_domain: str,
    values: dict[str, Any],
    instance_id: str | None = None,
) -> ProviderConfig:
    """Change settings of a provider, of which the test server has those of parties only.

    The provider is reloaded: for a moment it isn't there.
    """
    provider = server.providers.get(instance_id or provider_domain)
    if provider is None or provider.domain != party.PLUGIN:
        raise InvalidDataError(f"{provider_domain} has no settings")
    server.party.enable_guest_access = bool(values[party.GUEST_ACCESS])
    server.broken.fail_provider(provider.instance_id)
    server.broken.restore_provider(provider.instance_id)
    return ProviderConfig(
        values={},
        type=provider.type,
        domain=provider.domain,
        instance_id=provider.instance_id,
        name=provider.name,
    )


def list_core_configs(
    _server: MassServer, _caller: Caller, include_values: bool = False
) -> list[CoreConfig]:
    """Return the settings of the core; the test server has none."""
    return []


# Sound


@dataclass
class SoundSettings:
    """Represent the sound settings of players, and the presets by id."""

    presets: dict[str, DSPConfigPreset] = field(default_factory=dict)
    configs: dict[str, DSPConfig] = field(default_factory=dict)


def list_dsp_presets(server: MassServer, _caller: Caller) -> list[DSPConfigPreset]:
    """Return all presets."""
    return list(server.sounds.presets.values())


def save_dsp_preset(
    server: MassServer, _caller: Caller, preset: DSPConfigPreset
) -> DSPConfigPreset:
    """Create or change a preset."""
    preset = replace(preset, preset_id=preset.preset_id or f"preset{len(server.sounds.presets)}")
    server.sounds.presets[preset.preset_id or ""] = preset
    server.send_event(EventType.DSP_PRESETS_UPDATED, None, list(server.sounds.presets.values()))
    return preset


def get_dsp_config(server: MassServer, _caller: Caller, player_id: str) -> DSPConfig:
    """Return a player's sound settings, which are disabled unless they were changed."""
    return server.sounds.configs.get(player_id, DSPConfig())


def save_dsp_config(
    server: MassServer, _caller: Caller, player_id: str, config: DSPConfig
) -> DSPConfig:
    """Set a player's sound settings."""
    return _set_dsp(server, player_id, replace(config, preset_id=None))


def set_dsp_preset(
    server: MassServer, _caller: Caller, player_id: str, preset_id: str
) -> DSPConfig:
    """Set a player's sound settings to a preset."""
    if (preset := server.sounds.presets.get(preset_id)) is None:
        raise KeyError(f"DSP preset {preset_id} not found")
    return _set_dsp(server, player_id, replace(preset.config, preset_id=preset_id))


def _set_dsp(server: MassServer, player_id: str, config: DSPConfig) -> DSPConfig:
    server.sounds.configs[player_id] = config
    server.send_event(EventType.PLAYER_DSP_CONFIG_UPDATED, player_id, config)
    return config


_WRITE = Scope.CONFIG_PLAYERS_WRITE

COMMANDS = {
    "config/core": Command(list_core_configs, scope=Scope.CONFIG_CORE_READ),
    "config/players": Command(list_player_configs),
    "config/players/get": Command(get_player_config),
    "config/players/get_value": Command(get_player_config_value),
    "config/players/get_entries": Command(get_player_config_entries),
    "config/players/save": Command(save_player_config, scope=_WRITE),
    "config/players/remove": Command(remove_player_config, scope=_WRITE),
    "config/players/dsp/get": Command(get_dsp_config),
    "config/players/dsp/save": Command(save_dsp_config, scope=_WRITE),
    # which version brought it isn't known; an assumption
    "config/players/dsp/apply_preset": Command(set_dsp_preset, since=46, scope=_WRITE),
    "config/dsp_presets/get": Command(list_dsp_presets, scope=Scope.CONFIG_PLAYERS_READ),
    "config/dsp_presets/save": Command(save_dsp_preset, scope=_WRITE),
    "config/providers/save": Command(save_provider_config, scope=Scope.CONFIG_PROVIDERS_WRITE),
    "config/providers": Command(list_provider_configs, scope=Scope.CONFIG_PROVIDERS_READ),
}
