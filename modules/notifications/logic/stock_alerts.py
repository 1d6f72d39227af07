"""Back in stock: a user asks to be told of one variant, and is told once when it can be bought again.

Catalog is asked for what is waited for, every minute; it need not know who waits.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Conflict, NotFound
from ecommerce.kernel.steps import NewStep, Run, add_steps, step
from modules.catalog import service as catalog_service
from modules.catalog.contracts import UnknownVariant, Variant
from modules.notifications.logic import handover, letters
from modules.notifications.models import Message, StockAlert
from modules.users import service as users_service

MOST_PER_USER = 100
# Not all who wait are called for one unit; where it is not bought, the next hear of it a minute later.
TOLD_PER_UNIT = 10
VARIANTS_AT_ONCE = 500


class InStock(Conflict):
    """It can be bought now."""

    code = "in_stock"


class TooManyAlerts(Conflict):
    """Nobody waits for more than this at a time; its details are the `limit`."""

    code = "too_many_stock_alerts"


class StockAlertNotFound(NotFound):
    """The caller waits for nothing by this id."""


def alerts_of(user_id: UUID) -> QuerySet[StockAlert]:
    """What a user waits for."""
    return StockAlert.objects.filter(customer_id=user_id)


def ask(user_id: UUID, variant_id: UUID) -> tuple[StockAlert, bool]:
    """Wait for a variant; whether this is new. Repeating is safe.

    Refuses what is not sold (UnknownVariant), what can be bought now (InStock), more than a hundred (TooManyAlerts).
    """
    if known := alerts_of(user_id).filter(variant_id=variant_id).first():
        return known, False
    found = catalog_service.find_variants(currency=settings.DEFAULT_CURRENCY, ids=[variant_id])
    if not found:
        raise UnknownVariant(variant_ids=[variant_id])
    if found[0].available > 0:
        raise InStock
    if alerts_of(user_id).count() >= MOST_PER_USER:
        raise TooManyAlerts(limit=MOST_PER_USER)
    return _add(user_id, variant_id, clock.now())


def withdraw(user_id: UUID, alert_id: UUID) -> None:
    """Wait for it no more; refuses with StockAlertNotFound."""
    if not alerts_of(user_id).filter(pk=alert_id).delete()[0]:
        raise StockAlertNotFound


def tell() -> int:
    """Write to those whose goods are back, who has waited longest first; how many. Any number may run at once."""
    told = 0
    for variant_ids in _waited_for():
        for variant in catalog_service.find_variants(currency=settings.DEFAULT_CURRENCY, ids=variant_ids):
            if variant.available > 0:
                told += _tell_of(variant)
    return told


@step
def complete_stock_letter(run: Run, *, variant_id: UUID) -> None:
    """Ask catalog whether it is there still, and users for the address; what has gone again is waited for again."""
    message = Message.objects.get(pk=run.aggregate_id)
    owner_id = message.customer_id
    found = catalog_service.find_variants(currency=settings.DEFAULT_CURRENCY, ids=[variant_id])
    contacts = users_service.get_contacts(ids=[owner_id]) if owner_id else []
    changes = None
    if contacts and found and found[0].available > 0:
        letter = letters.about_stock(contacts[0], found[0])
        changes = handover.ready(letter, contacts[0].email)
    elif contacts and found:
        _add(contacts[0].user_id, variant_id, message.created_at)
    handover.complete(run, message, changes)


def _waited_for() -> Iterator[list[UUID]]:
    """The variants that somebody waits for, each once."""
    last = UUID(int=0)
    variants = StockAlert.objects.order_by("variant_id").values_list("variant_id", flat=True).distinct()
    while batch := list(variants.filter(variant_id__gt=last)[:VARIANTS_AT_ONCE]):
        yield batch
        last = batch[-1]


def _tell_of(variant: Variant) -> int:
    with atomic(StockAlert):
        waiting = StockAlert.objects.filter(variant_id=variant.id).order_by("created_at", "id")
        alerts = list(waiting.select_for_update(skip_locked=True)[: TOLD_PER_UNIT * variant.available])
        for alert in alerts:
            message = Message.objects.create(
                topic=Message.Topic.BACK_IN_STOCK,
                reference_id=alert.pk,
                recipient=Message.Recipient.OWNER,
                channel=Message.Channel.MAIL,
                customer_id=alert.customer_id,
                created_at=alert.created_at,
            )
            add_steps(message.pk, [NewStep(complete_stock_letter, {"variant_id": variant.id})])
        StockAlert.objects.filter(pk__in=[alert.pk for alert in alerts]).delete()
    return len(alerts)


def _add(user_id: UUID, variant_id: UUID, since: datetime) -> tuple[StockAlert, bool]:
    return StockAlert.objects.get_or_create(customer_id=user_id, variant_id=variant_id, defaults={"created_at": since})
