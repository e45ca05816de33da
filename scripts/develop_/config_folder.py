"""The configuration folder of a development Home Assistant before its first start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
import json
from pathlib import Path
import shutil

from .base import DOMAIN, HOST, ROOT

# Without default_config, which asks for packages that the locked list doesn't have and for
# the internet. The frontend brings http, auth, config, websocket_api and the dashboards; every
# kind of entity is there by default, tts and conversation among them (see launch.py).
CONFIGURATION = """\
homeassistant:
  name: Music Assistant development
  language: en
  country: NL
  currency: EUR
  unit_system: metric
  time_zone: UTC

frontend:
history:
logbook:
media_source:

# Home Assistant's own switches in the user interface write to these.
automation: !include automations.yaml
script: !include scripts.yaml
scene: !include scenes.yaml

logger:
  default: warning
  logs:
    custom_components.music_assistant: info
    music_assistant_client: info
  filters:
    # Converting speech is all that a machine without ffmpeg misses.
    haffmpeg.core: ["FFmpeg fails"]
    haffmpeg.tools: ["Error starting FFmpeg"]
"""
EMPTY_LISTS = {"automations.yaml": "[]\n", "scripts.yaml": "{}\n", "scenes.yaml": "[]\n"}
# The onboarding that Home Assistant then still asks for is the owner's account. Its step
# "core_config" would add weather, radio and speech services out of the internet.
ONBOARDING = {"done": ["core_config", "analytics", "integration"]}
# The adapter's name on Linux and on macOS; Home Assistant takes those that are there.
LOOPBACK = ["lo", "lo0"]


@dataclass(frozen=True)
class ConfigFolder:
    """Represent a configuration folder, and what an earlier run stored in it."""

    path: Path

    def create(self, port: int, *, local: bool) -> None:
        """Create the folder, or update the one of an earlier run.

        local: all connections of this Home Assistant are on this machine.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        for name, text in {"configuration.yaml": CONFIGURATION, **EMPTY_LISTS}.items():
            if not (self.path / name).exists():
                (self.path / name).write_text(text)
        self._link_integration()
        self._write_storage("http", 1, {"server_host": [HOST], "server_port": port})
        # Names in .local are asked for in all networks, and a machine that is in none can't even
        # make an HTTP client then. The demo needs no names.
        self._write_storage("core.network", 1, {"configured_adapters": LOOPBACK if local else []})
        if not (self.path / ".storage" / "onboarding").exists():
            self._write_storage("onboarding", 4, ONBOARDING)

    def remove(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.path, ignore_errors=True)

    @property
    def server_url(self) -> str | None:
        """Return the address of the Music Assistant server that the integration was added with."""
        note = self.path / "develop.json"
        return json.loads(note.read_text())["server"] if note.exists() else None

    def store_server_url(self, url: str) -> None:
        """Store the address that the integration is added with."""
        (self.path / "develop.json").write_text(json.dumps({"server": url}))

    def _link_integration(self) -> None:
        link = self.path / "custom_components" / DOMAIN
        link.parent.mkdir(exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(ROOT / "custom_components" / DOMAIN, target_is_directory=True)

    def _write_storage(self, key: str, version: int, data: Mapping[str, object]) -> None:
        """Write one of Home Assistant's own storage files.

        The address and port go into the storage of "http" because YAML for it is
        deprecated: it is taken as a trial that must be confirmed within five minutes, else
        Home Assistant restarts without it. The oldest format of that file is the shortest
        and the one that every version still reads (2026.10 writes 2.2, 2026.11 writes 3,
        which 2026.10 refuses); it is written again before each start.
        """
        folder = self.path / ".storage"
        folder.mkdir(exist_ok=True)
        content = {"version": version, "minor_version": 1, "key": key, "data": data}
        (folder / key).write_text(json.dumps(content))
