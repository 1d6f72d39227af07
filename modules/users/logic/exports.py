"""Exports: everything the shop holds on a user, gathered from every module.

The wish is a fact that every module hears (ExportRequested); each answers by contributing its part. Users itself knows
none of them: whom it waits for are the event's listeners.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from ecommerce.kernel import clock, parcels, secrets, wire
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import ServiceError
from ecommerce.kernel.events import event_name, publish
from modules.users.contracts import ExportNotFound
from modules.users.events import ExportRequested
from modules.users.logic.export_sections import own_part
from modules.users.logic.tokens import InvalidToken
from modules.users.models import Export, ExportPart, User

PURPOSE = "export"
OWN = "users"
KEPT_FOR = timedelta(days=7)
# Gathering asks every module for everything: who has one from today reads that.
ONE_PER = timedelta(days=1)


class ExportTooSoon(ServiceError):
    """There is an export that is less than a day old: read that one, or ask again later."""

    # details: export_id, retry_after (seconds)
    code = "export_too_soon"
    status = 429


@dataclass(frozen=True, kw_only=True)
class Disclosure:
    """An export as its owner sees it; `document` has a key per module once it is ready."""

    id: UUID
    status: str
    requested_at: datetime
    ready_at: datetime | None
    expires_at: datetime
    document: dict[str, Any] | None


def request_export(*, user_id: UUID) -> Export:
    """Begin to gather everything that is held on a user; while that goes on, the same export again.

    Refuses another one within a day (ExportTooSoon), and an account that was closed or locked (InvalidToken).
    """
    with atomic(Export):
        _lock_user(user_id)
        _forget(Export.objects.filter(user_id=user_id))
        last = Export.objects.filter(user_id=user_id).order_by("-requested_at").first()
        if last is None:
            return _begin(user_id)
        if last.status == Export.Status.PENDING:
            return last
        if (seconds := (last.requested_at + ONE_PER - clock.now()).total_seconds()) > 0:
            raise ExportTooSoon(export_id=str(last.id), retry_after=int(seconds) + 1)
        return _begin(user_id)


def get_export(*, user_id: UUID, export_id: UUID) -> Disclosure:
    """The user's own export; ExportNotFound for anybody else's, and for one that has expired."""
    own = Export.objects.filter(user_id=user_id, user__is_active=True, expires_at__gt=clock.now())
    if (export := own.filter(id=export_id).first()) is None:
        raise ExportNotFound
    return Disclosure(
        id=export.id,
        status=export.status,
        requested_at=export.requested_at,
        ready_at=export.ready_at,
        expires_at=export.expires_at,
        document=_read(export) if export.status == Export.Status.READY else None,
    )


def contribute_to_export(
    *, export_id: UUID, module: str, document: dict[str, Any], parcel: int = 0, is_last: bool = True
) -> None:
    """Give a module's part of an export, or one parcel of it, the last one last. Repeatable: what is whole stays.

    ExportNotFound when it has expired or its user was erased: then nobody wants the part any more.
    """
    sealed = secrets.encrypt(PURPOSE, wire.encode(document))
    with atomic(Export):
        # Of two last contributions at once the second waits here, and finds the first one's.
        known = Export.objects.select_for_update(no_key=True).filter(id=export_id, expires_at__gt=clock.now())
        if (export := known.first()) is None:
            raise ExportNotFound
        if export.status == Export.Status.PENDING:
            _keep(ExportPart(export=export, module=module, parcel=parcel, is_last=is_last, document=sealed))
            _finish_if_complete(export)


def forget_expired() -> int:
    """Delete exports a week after they were asked for, ready or not; repeating is safe."""
    with atomic(Export):
        return _forget(Export.objects.all())


def discard(exports: QuerySet[Export]) -> int:
    """In the open transaction, delete these with their parts."""
    # Locked first, so that a part which a module is giving in this moment is seen, and goes too.
    ids = list(exports.select_for_update().order_by("id").values_list("id", flat=True))
    return Export.objects.filter(id__in=ids).delete()[0]


def _lock_user(user_id: UUID) -> None:
    """One wish of a user at a time, and none once erasure has begun."""
    user = User.objects.select_for_update(no_key=True).filter(id=user_id, is_active=True)
    if user.values_list("id").first() is None:
        raise InvalidToken


def _begin(user_id: UUID) -> Export:
    now = clock.now()
    export = Export.objects.create(user_id=user_id, requested_at=now, expires_at=now + KEPT_FOR)
    sealed = secrets.encrypt(PURPOSE, wire.encode(own_part(user_id)))
    ExportPart.objects.create(export=export, module=OWN, parcel=0, is_last=True, document=sealed)
    publish(ExportRequested(export_id=export.id, user_id=user_id))
    return export


def _keep(part: ExportPart) -> None:
    """Unless the module has given all of it. What it holds may have changed since an attempt that ended half way, and
    be packed otherwise: then each parcel takes the place of that attempt's from there on, and follows the one before.
    """
    given = ExportPart.objects.filter(export=part.export, module=part.module)
    has_place = part.parcel == 0 or given.filter(parcel=part.parcel - 1).exists()
    if has_place and not given.filter(is_last=True).exists():
        given.filter(parcel__gte=part.parcel).delete()
        part.save(force_insert=True)


def _finish_if_complete(export: Export) -> None:
    given = set(ExportPart.objects.filter(export=export, is_last=True).values_list("module", flat=True))
    if given.issuperset(_awaited()):
        pending = Export.objects.filter(id=export.id, status=Export.Status.PENDING)
        pending.update(status=Export.Status.READY, ready_at=clock.now())


def _awaited() -> set[str]:
    return {OWN, *settings.EVENT_ROUTES.get(event_name(ExportRequested), ())}


def _read(export: Export) -> dict[str, Any]:
    parts = ExportPart.objects.filter(export=export).order_by("module", "parcel")
    return {module: parcels.unpack(_opened(given)) for module, given in groupby(parts, lambda part: part.module)}


def _opened(parts: Iterable[ExportPart]) -> Iterable[dict[str, Any]]:
    return (wire.decode(secrets.decrypt(PURPOSE, bytes(part.document)), dict[str, Any]) for part in parts)


def _forget(exports: QuerySet[Export]) -> int:
    return discard(exports.filter(expires_at__lte=clock.now()))
