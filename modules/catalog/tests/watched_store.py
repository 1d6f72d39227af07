"""Stores of files that do something more, as a slow or a full disk would; named in STORAGES."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.core.files.storage import FileSystemStorage


class WatchedStore(FileSystemStorage):
    """Says after each file that it is written."""

    written: ClassVar[Callable[[str], None]] = staticmethod(lambda name: None)

    def _save(self, name: str, content: Any) -> str:
        saved: str = super()._save(name, content)  # type: ignore[misc]  # the stubs know only what is public
        type(self).written(saved)
        return saved


class SlowStore(FileSystemStorage):
    """Takes a minute over each file below `slow`, once it is there."""

    def __init__(self, slow: str, **options: Any) -> None:
        super().__init__(**options)
        self._slow = slow

    def _save(self, name: str, content: Any) -> str:
        saved: str = super()._save(name, content)  # type: ignore[misc]  # the stubs know only what is public
        if saved.startswith(self._slow):
            time.sleep(60)
        return saved


def watched(root: Path) -> dict[str, Any]:
    return _store(root, "WatchedStore")


def slow(root: Path, below: str) -> dict[str, Any]:
    return _store(root, "SlowStore", slow=below)


def _store(root: Path, name: str, **options: Any) -> dict[str, Any]:
    own = {"BACKEND": f"{__name__}.{name}", "OPTIONS": {"location": str(root), "allow_overwrite": True} | options}
    return settings.STORAGES | {"default": own}
