"""Tax rates, as staff write them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Q

from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from modules.orders.logic.complaints import complaint
from modules.orders.logic.places import require_region
from modules.orders.models import TaxRate


@dataclass(frozen=True, kw_only=True)
class RateDraft:
    """A tax rate as it is to be: a fraction of the price without tax (0.19 is 19 %), from the first to the last day."""

    country: str
    region: str = ""
    tax_class: str
    title: str
    rate: Decimal
    valid_from: date | None = None
    valid_until: date | None = None


def write_rate(draft: RateDraft, *, rate_id: UUID | None) -> TaxRate:
    """Make a rate, or change the one of that id, to be this; refuses another rate of its place and class on one of its
    days. Orders keep the tax they were placed with. Repeating a change is safe."""
    require_sense(draft)
    try:
        with atomic(TaxRate):
            rate = TaxRate.objects.select_for_update().get(pk=rate_id) if rate_id else TaxRate(pk=new_id())
            for name, value in vars(draft).items():
                setattr(rate, name, value)
            rate.save()
            return rate
    except IntegrityError as error:
        if "tax_rate_once_a_day" not in str(error):
            raise
        raise complaint("valid_from", f"{_other(draft, rate_id)} is in force then: end it the day before.") from error


def delete_rate(*, rate_id: UUID) -> None:
    """Delete a rate; orders keep the tax they were placed with."""
    with atomic(TaxRate):
        TaxRate.objects.get(pk=rate_id).delete()


def require_sense(draft: RateDraft) -> None:
    """Refuse what cannot be a rate, naming the field; asks no database."""
    try:
        require_region(draft.country, draft.region)
    except ValueError as error:
        raise complaint("region" if "region" in str(error) else "country", str(error)) from error
    if not 0 <= draft.rate < 1:
        raise complaint("rate", "A fraction from 0 to below 1: 0.19 is 19 %.")
    if draft.valid_from and draft.valid_until and draft.valid_until < draft.valid_from:
        raise complaint("valid_until", "Not before its first day.")


def _other(draft: RateDraft, rate_id: UUID | None) -> str:
    """The rate that is in the way, in words; the database has refused it, this only tells which it is."""
    rates = TaxRate.objects.filter(country=draft.country, region=draft.region, tax_class=draft.tax_class)
    if draft.valid_until:
        rates = rates.filter(Q(valid_from=None) | Q(valid_from__lte=draft.valid_until))
    if draft.valid_from:
        rates = rates.filter(Q(valid_until=None) | Q(valid_until__gte=draft.valid_from))
    others = rates.exclude(pk=rate_id) if rate_id else rates
    found = others.order_by("valid_from").first()
    return found.title if found else "Another rate"
