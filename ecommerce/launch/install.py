"""The virtual environment and the locked requirements, then the command. Needs nothing but Python itself.

    python3 -I ecommerce/launch/install.py run|dev [COMMAND…]

Run again it does nothing in 50 milliseconds, unless a lock file or the Python changed. An installation that was cut off
starts anew, and a second run of the same checkout waits for the first.
"""

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

CHECKOUT = Path(__file__).resolve().parents[2]
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
CUT_OFF = VENV / ".installing"
LOG = CHECKOUT / "var" / "log" / "install.log"
LOCKS = {"run": ["base.txt", "embedded.txt"], "dev": ["base.txt", "embedded.txt", "dev.txt"]}
VERSIONS = ((3, 11), (3, 12), (3, 13))


def main() -> int:
    """Install what is missing, then turn into the command."""
    if len(sys.argv) < 2 or sys.argv[1] not in LOCKS:
        return fail(__doc__)
    if sys.version_info[:2] not in VERSIONS:
        have, example = ".".join(map(str, sys.version_info[:3])), "make demo PYTHON=python3.12"
        return fail(f"The shop needs Python 3.11, 3.12 or 3.13; this is {have}. Name another: {example}")
    started = time.time()
    code = install_once(sys.argv[1])
    if code or not sys.argv[2:]:
        return code
    os.environ.setdefault("LAUNCH_STARTED", str(started))
    os.environ.setdefault("LAUNCH_INSTALL_SECONDS", f"{time.time() - started:.1f}")
    return become([str(PYTHON), *sys.argv[2:]])


def become(command: list[str]) -> NoReturn:
    """Turn into the command."""
    os.execv(command[0], command)  # noqa: S606  (the point of this file)


def install_once(kind: str) -> int:
    """Install under a lock, unless it is done."""
    if is_installed(kind):
        return 0
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with (CHECKOUT / "var" / "install.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return 0 if is_installed(kind) else install(kind)


def is_installed(kind: str) -> bool:
    """Whether these very locks are installed, for this very Python."""
    stamps = [VENV / f".installed-{name}" for name in ({"run": ["run", "dev"], "dev": ["dev"]}[kind])]
    done = any(stamp.exists() and stamp.read_text() == digest(stamp.name.split("-")[1]) for stamp in stamps)
    return done and PYTHON.exists() and not CUT_OFF.exists()


def install(kind: str) -> int:
    """Make the virtual environment where there is none, and install into it."""
    started = time.monotonic()
    if CUT_OFF.exists() or not PYTHON.exists():
        shutil.rmtree(VENV, ignore_errors=True)
        VENV.mkdir()
        CUT_OFF.touch()
        if run("Making .venv", [sys.executable, "-m", "venv", str(VENV)]):
            return fail("Python could not make a virtual environment (Debian, Ubuntu: `apt install python3-venv`).")
    CUT_OFF.touch()
    requirements = ["base.txt", "embedded.txt"] if kind == "run" else ["dev.txt"]
    files = [part for name in requirements for part in ("-r", str(CHECKOUT / "requirements" / name))]
    pip = [str(PYTHON), "-m", "pip", "install", "--require-hashes", "--no-input", "--disable-pip-version-check"]
    if run("Installing the locked requirements", [*pip, "--progress-bar=off", *files]):
        return fail(f"The installation failed; all that pip said is in {LOG}")
    (VENV / f".installed-{kind}").write_text(digest(kind))
    CUT_OFF.unlink()
    sys.stderr.write(f"Installed in {time.monotonic() - started:.0f} s.\n")
    return 0


def run(what: str, command: list[str]) -> int:
    """Run it with its output in the log, and, in a terminal, its newest line on the screen."""
    sys.stderr.write(f"{what} …\n")
    with LOG.open("w") as log:
        process = subprocess.Popen(  # noqa: S603  (our own commands)
            [*bound_to_us(), *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
            env={**os.environ, "PIP_USER": "0"},
        )  # fmt: skip
        last: list[str] = []
        for line in process.stdout or ():
            log.write(line)
            last = [*last[-9:], line]
            show(line)
    show("")
    if process.wait():
        sys.stderr.writelines(last)
    return process.returncode


def bound_to_us() -> list[str]:
    """A cut-off installation must not go on behind the next one's back."""
    child = str(Path(__file__).with_name("child.py"))
    bonds = [os.getpid(), int(signal.SIGKILL), os.getuid(), os.getgid()]
    return [sys.executable, "-I", "-S", child, *map(str, bonds)]


def show(line: str) -> None:
    """The line in place of the last one, where someone looks on."""
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns - 3
        sys.stderr.write(f"\r\033[K  {line.strip()[:width]}" if line else "\r\033[K")
        sys.stderr.flush()


def digest(kind: str) -> str:
    """Tells these locks, and the Python they are installed for, from any others."""
    content = b"".join((CHECKOUT / "requirements" / name).read_bytes() for name in LOCKS[kind])
    return hashlib.sha256(content + sys.version.encode()).hexdigest()


def fail(message: str) -> int:
    """Say why, and give the exit code."""
    sys.stderr.write(f"{message}\n")
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
