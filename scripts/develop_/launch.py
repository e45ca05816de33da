"""Start Home Assistant without the default components that can't run on this machine.

Run as a script by the Python of the environment that Home Assistant is in. Home Assistant sets up
all entity components by default, including cameras, voice assistants and infrared, whose packages
aren't locked (some of them need a compiler). Each would log a failure and create a notification,
so they are removed.
"""

from __future__ import annotations

import functools
import importlib.util
import json
from pathlib import Path
import sys
import types
from typing import Any

from homeassistant import bootstrap
from homeassistant.__main__ import main
from homeassistant.util.package import is_installed

# What Home Assistant imports all the same as soon as a browser asks for the actions there are
# (helpers/service.py, _base_components); without it the frontend never gets past loading.
STUB_MODULES = {
    "turbojpeg": "TurboJPEG",
    "pymicro_vad": "MicroVad",
    "pyspeex_noise": "AudioProcessor",
}
COMPONENTS_FOLDER = Path(bootstrap.__file__).parent / "components"


@functools.cache
def load_manifest(domain: str) -> dict[str, Any]:
    """Return the manifest of a component."""
    content: dict[str, Any] = json.loads(
        (COMPONENTS_FOLDER / domain / "manifest.json").read_bytes()
    )
    return content


def get_dependencies(domain: str) -> set[str]:
    """Return the components without which this one can't be set up or imported."""
    own = load_manifest(domain)
    usual = bootstrap.DEFAULT_INTEGRATIONS.intersection(own.get("after_dependencies", ()))
    return usual.union(own.get("dependencies", ()))


@functools.cache
def find_missing_requirements(domain: str) -> frozenset[str]:
    """Return the missing packages of a component and its dependencies."""
    own = {each for each in load_manifest(domain).get("requirements", ()) if not is_installed(each)}
    return frozenset(own).union(*map(find_missing_requirements, get_dependencies(domain)))


def return_false(*_: object) -> bool:
    """Replace a class; for the camera component this means that the library is missing."""
    return False


def create_stub_modules() -> None:
    """Create an empty module for each module that is imported but not installed."""
    for name, member in STUB_MODULES.items():
        if not importlib.util.find_spec(name):
            sys.modules[name] = types.ModuleType(name)
            setattr(sys.modules[name], member, return_false)


def remove_unsupported_components() -> None:
    """Remove the components with missing packages from the defaults, and print them."""
    lacking = {
        domain for domain in bootstrap.DEFAULT_INTEGRATIONS if find_missing_requirements(domain)
    }
    bootstrap.DEFAULT_INTEGRATIONS -= lacking
    for domain in sorted(lacking):
        print(
            f"Left out: {domain}, for want of {', '.join(sorted(find_missing_requirements(domain)))}"
        )


if __name__ == "__main__":
    create_stub_modules()
    remove_unsupported_components()
    sys.exit(main())
