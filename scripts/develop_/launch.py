"""Home Assistant without those of its default components that can't run on this machine.

Run as a script by the Python of the environment that Home Assistant is in. Home Assistant sets
up every kind of entity by default, cameras, voice assistants and infrared among them, whose
packages the locked list doesn't have (some of them need a compiler). Each would log a failure
and put up a notification; left out, they are missed by nobody here.
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
STAND_INS = {
    "turbojpeg": "TurboJPEG",
    "pymicro_vad": "MicroVad",
    "pyspeex_noise": "AudioProcessor",
}
COMPONENTS = Path(bootstrap.__file__).parent / "components"


@functools.cache
def manifest(domain: str) -> dict[str, Any]:
    """Return what a component says of itself."""
    content: dict[str, Any] = json.loads((COMPONENTS / domain / "manifest.json").read_bytes())
    return content


def needs(domain: str) -> set[str]:
    """Return the components without which this one can't be set up, or often even imported."""
    own = manifest(domain)
    usual = bootstrap.DEFAULT_INTEGRATIONS.intersection(own.get("after_dependencies", ()))
    return usual.union(own.get("dependencies", ()))


@functools.cache
def missing(domain: str) -> frozenset[str]:
    """Return the packages that a component, or one that it needs, doesn't find."""
    own = {each for each in manifest(domain).get("requirements", ()) if not is_installed(each)}
    return frozenset(own).union(*map(missing, needs(domain)))


def nothing(*_: object) -> bool:
    """Stand in for a class; the camera component takes this as "there is none"."""
    return False


def stand_in() -> None:
    """Put an empty module where one is imported but not installed."""
    for name, member in STAND_INS.items():
        if not importlib.util.find_spec(name):
            sys.modules[name] = types.ModuleType(name)
            setattr(sys.modules[name], member, nothing)


def leave_out() -> None:
    """Take the components that lack a package out of the defaults, and say which."""
    lacking = {domain for domain in bootstrap.DEFAULT_INTEGRATIONS if missing(domain)}
    bootstrap.DEFAULT_INTEGRATIONS -= lacking
    for domain in sorted(lacking):
        print(f"Left out: {domain}, for want of {', '.join(sorted(missing(domain)))}")


if __name__ == "__main__":
    stand_in()
    leave_out()
    sys.exit(main())
