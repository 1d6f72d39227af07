"""How staff narrow lists. No filter asks the database which values there are: the tables are long."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from ecommerce.kernel.admin_words import spaced
from ecommerce.kernel.money import EXPONENTS
from modules.payments.admin.words import OPEN_DISPUTES
from modules.payments.contracts import PROVIDERS, PaymentStatus
from modules.payments.models import Dispute, DisputeStatus


class Choice(admin.SimpleListFilter):
    """One of some known values of a field."""

    field: ClassVar[str]
    values: ClassVar[Sequence[str]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, spaced(value)) for value in self.values]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{self.field: self.value()}) if self.value() in self.values else queryset


class Typed(admin.SimpleListFilter):
    """A value that is typed: there are too many to choose from."""

    template = "admin/payments/typed_filter.html"
    kind: ClassVar[str] = "text"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return []

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: Any) -> Iterator[Any]:
        others = {name: values for name, values in changelist.filter_params.items() if name != self.parameter_name}
        pairs = [(name, value) for name, values in others.items() for value in values]
        yield {
            "value": self.value() or "",
            "others": [*pairs, *([("q", changelist.query)] if changelist.query else [])],
        }


class PaymentStatusFilter(Choice):
    title = parameter_name = field = "status"
    values = tuple(PaymentStatus)


class ProviderFilter(Choice):
    title = parameter_name = field = "provider"
    values = PROVIDERS


class DisputeStatusFilter(Choice):
    title = parameter_name = field = "status"
    values = tuple(DisputeStatus.values)


class CurrencyFilter(Typed):
    title = parameter_name = "currency"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        code = (self.value() or "").strip().upper()
        return queryset.filter(currency=code) if code in EXPONENTS else queryset


class CreatedFilter(Typed):
    """What was begun on one day, of UTC."""

    title, parameter_name, kind = "day", "day", "date"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        day = _day(self.value())
        if day is None:
            return queryset
        return queryset.filter(created_at__gte=day, created_at__lt=day + timedelta(days=1))


class DisputedFilter(admin.SimpleListFilter):
    """Disputes are few."""

    title = parameter_name = "disputed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "in an open dispute"), ("ever", "ever disputed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "open":
                return queryset.filter(pk__in=Dispute.objects.filter(status__in=OPEN_DISPUTES).values("payment_id"))
            case "ever":
                return queryset.filter(pk__in=Dispute.objects.values("payment_id"))
        return queryset


class UnhandledFilter(admin.SimpleListFilter):
    """Events that were matched with no payment yet."""

    title = parameter_name = "handled"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "not yet")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(handled_at=None) if self.value() == "no" else queryset


def _day(text: str | None) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text or ""), datetime.min.time(), UTC)
    except ValueError:
        return None
