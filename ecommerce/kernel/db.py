"""Which database a module's rows are in, and the transactions over them."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import models, router, transaction

KERNEL = "kernel"
# auth, contenttypes, sessions and the admin's log refer to users, so they live where users live.
BESIDE_USERS = {"auth", "contenttypes", "sessions", "admin", "users"}

_open: ContextVar[tuple[str, ...]] = ContextVar("open_transactions", default=())


class NoTransaction(RuntimeError):
    """A fact or a step is written only together with the data it is about."""


class CalledInTransaction(RuntimeError):
    """No module and no provider is called inside a transaction: it would hold locks while it waits."""


@contextmanager
def atomic(model: type[models.Model], *, savepoint: bool = True) -> Iterator[None]:
    """One transaction on the database that holds `model`; the only way to open one."""
    alias = router.db_for_write(model)
    with in_database(alias, savepoint=savepoint):
        yield


@contextmanager
def in_database(alias: str, *, savepoint: bool = True) -> Iterator[None]:
    """One transaction on a database named by its alias: for the kernel's own tables, which exist in each."""
    with transaction.atomic(using=alias, savepoint=savepoint):  # noqa: TID251  (this is the place it is wrapped in)
        token = _open.set((*_open.get(), alias))
        try:
            yield
        finally:
            _open.reset(token)


def in_transaction() -> bool:
    """Whether an `atomic` is open in this thread."""
    return bool(_open.get())


def current_alias() -> str:
    """The innermost open transaction's database; raises NoTransaction outside of any."""
    if not (aliases := _open.get()):
        raise NoTransaction("open atomic(Model) first")
    return aliases[-1]


def refuse_in_transaction(what: str) -> None:
    """Raise CalledInTransaction when one is open (in development and tests)."""
    if settings.STRICT and in_transaction():
        raise CalledInTransaction(f"{what} was called inside a transaction")


def alias_of(module: str) -> str:
    """The database a local module's tables are in."""
    return settings.MODULE_DATABASES.get(module, "default")


def local_aliases() -> list[str]:
    """Every database that local modules use, each once: where the kernel's tables are."""
    return list(dict.fromkeys(alias_of(module) for module in settings.LOCAL_MODULES))


class ModuleRouter:
    """Sends each module's models to its own database; the kernel's go where the open transaction is."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str | None:
        return self._alias(model._meta.app_label)

    def db_for_write(self, model: type[models.Model], **hints: Any) -> str | None:
        return self._alias(model._meta.app_label)

    def allow_relation(self, first: models.Model, second: models.Model, **hints: Any) -> bool:
        return self._alias(first._meta.app_label) == self._alias(second._meta.app_label)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        if app_label == KERNEL:
            return db in local_aliases()
        return db == self._alias(app_label)

    def _alias(self, app_label: str) -> str | None:
        if app_label == KERNEL:
            return _open.get()[-1] if _open.get() else None
        return alias_of("users" if app_label in BESIDE_USERS else app_label)
