"""Where log lines go and what they look like: JSON to the console and, with a directory, to rotating files."""

import fcntl
import logging
import logging.handlers
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import msgspec
import structlog
from structlog.typing import EventDict, Processor

MAX_FILE_BYTES = 50 * 1024 * 1024
KEPT_FILES = 5

SECRET_NAMES = {"authorization", "password", "new_password", "current_password", "token", "access", "refresh"}
SECRET_NAMES |= {"access_token", "refresh_token", "client_secret", "secret", "cookie", "set-cookie", "api_key"}
SECRET_NAMES |= {"signature", "email"}
_SECRETS_IN_TEXT = re.compile(
    r"(?P<query>\b(?:token|access|refresh|secret|password|client_secret|signature|key)=)[^\s&\"'>]+"
    r"|(?P<bearer>\b[Bb]earer\s+)[^\s\"',]+"
    r"|(?P<userinfo>://[^\s:/@]*:)[^\s@/]+(?=@)"
    r"|(?P<jwt>\beyJ)[\w-]+\.[\w-]+\.[\w-]*"
    # A machine's key: what comes after the public prefix.
    r"|(?P<api_key>\bshop_[0-9a-f]{12}_)[\w-]+"
    r"|(?P<mail>(?<![\w.+%-]))[\w.+%-]{1,64}(?=@[\w-]+\.[\w.-]+)"
    # PostgreSQL quotes the row, or the key, that a constraint refuses: names and addresses among it.
    r"|(?P<row>Failing row contains |\bKey \([^)\n]*\)=)(?s:\(.*?\))(?=\.(?:[\s'\"\\]|$)| already exists| is )"
)
MASK = "***"


def configure_logging(config: dict[str, Any]) -> None:
    """Send every logger's lines, ours and the libraries', through the same processors; `config`: level, directory."""
    shared = _shared_processors()
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(config["level"])),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, mask, render],
    )
    handlers: list[logging.Handler] = [Console()]
    if config["directory"]:
        handlers.append(SharedFile(Path(config["directory"]) / f"{process_kind(sys.argv)}.log"))
    for handler in handlers:
        handler.setFormatter(formatter)
    _replace_handlers(handlers, config["level"])


def process_kind(argv: list[str]) -> str:
    """web, worker, beat, relay, or manage for every other command: its file's name."""
    program, words = Path(argv[0] if argv else ""), argv[1:]
    # `python -m celery` shows as …/celery/__main__.py.
    name = program.parent.name if program.stem == "__main__" else program.stem
    if name == "celery":
        return "beat" if "beat" in words else "worker"
    if name == "gunicorn" or "runserver" in words:
        return "web"
    return "relay" if "relay" in words else "manage"


def mask(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Replace secrets and e-mail addresses, by the key's name and inside any text."""
    for name, value in event.items():
        event[name] = MASK if name.lower() in SECRET_NAMES and value else _masked(value)
    return event


def describe(error: Exception) -> str:
    """An exception for a column that people read: one line, masked as a log line is, and not too long."""
    return str(_masked(repr(error)))[:1000]


def render(_logger: object, _method: str, event: EventDict) -> str:
    """One line of JSON; what JSON does not know is written as its repr."""
    return _encoder.encode(event).decode()


class Console(logging.StreamHandler[Any]):
    """Standard output; standard error under management commands, whose output is their answer."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        self._answers_on_stdout = process_kind(sys.argv) == "manage"

    # Looked up for each line: pytest and others replace sys.stdout after logging is set up.
    @property
    def stream(self) -> IO[str]:
        return sys.stderr if self._answers_on_stdout else sys.stdout


class SharedFile(logging.handlers.WatchedFileHandler):
    """One file per kind of process, appended to by all of its processes, rotated by whichever finds it full.

    Each write is one O_APPEND write, so lines do not mix. The rotation holds a lock file; the other processes see the
    new inode before their next line (WatchedFileHandler).
    """

    def __init__(self, path: Path, *, max_bytes: int = MAX_FILE_BYTES, kept: int = KEPT_FILES) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._max_bytes, self._kept = path, max_bytes, kept
        super().__init__(path, encoding="utf-8", delay=True)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._rotate_when_full()
        except OSError:
            self.handleError(record)
        super().emit(record)

    def _rotate_when_full(self) -> None:
        if not self._is_full():
            return
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self._is_full():
                self._shift()

    def _is_full(self) -> bool:
        try:
            return self._path.stat().st_size >= self._max_bytes
        except FileNotFoundError:
            return False

    def _shift(self) -> None:
        names = [self._path, *(self._path.with_name(f"{self._path.name}.{n}") for n in range(1, self._kept + 1))]
        for older, newer in zip(reversed(names[1:]), reversed(names[:-1]), strict=True):
            if newer.exists():
                newer.replace(older)


def _shared_processors() -> list[Processor]:
    # Imported late: observability imports this module.
    from ecommerce.kernel.observability import add_context

    return [
        structlog.contextvars.merge_contextvars,
        add_context,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]


def _replace_handlers(handlers: Iterable[logging.Handler], level: str) -> None:
    root = logging.getLogger()
    # pytest's own handlers stay.
    for old in [handler for handler in root.handlers if type(handler) in (Console, SharedFile, logging.StreamHandler)]:
        root.removeHandler(old)
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level)
    # Django's defaults: a console of its own in DEBUG and mails to admins; and a line for each 4xx, which we have.
    for name in ("django", "django.server"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    for name in ("django.request", "django.server", "httpcore2", "httpx2"):
        logging.getLogger(name).setLevel(logging.ERROR if name == "django.request" else logging.WARNING)


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return _SECRETS_IN_TEXT.sub(_keep_the_name, value)
    if isinstance(value, dict):
        return {k: MASK if str(k).lower() in SECRET_NAMES and v else _masked(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(item) for item in value]
    return value


def _keep_the_name(match: re.Match[str]) -> str:
    return "".join(part for part in match.groups() if part) + MASK


_encoder = msgspec.json.Encoder(enc_hook=repr)
