"""How staff narrow the list of orders: by what waits for them, and by where orders stand."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from modules.orders.admin import words
from modules.orders.logic.shipments import SHIPPABLE
from modules.orders.models import Order, Return

QUEUE = "queue"
TO_SHIP, UNPAID, TO_RECEIVE = "to_ship", "unpaid", "to_receive"
QUEUES = {TO_SHIP: "To ship today", UNPAID: "Unpaid", TO_RECEIVE: "Returns to receive"}
OPEN_RETURNS = Return.objects.filter(status__in=Return.OPEN)
FIRST_ASKED = OPEN_RETURNS.filter(order=OuterRef("pk")).order_by("requested_at").values("requested_at")[:1]
# By time, but by no index on it: those begin with what was sent long ago, and what waits is few.
LONGEST_PLACED = Coalesce("placed_at", "created_at").asc()
# What waits longest comes first.
ORDERINGS: dict[str, tuple[Any, ...]] = {
    TO_SHIP: (LONGEST_PLACED, "id"),
    TO_RECEIVE: (Subquery(FIRST_ASKED).asc(), "id"),
}


class QueueFilter(admin.SimpleListFilter):
    """What waits for staff; the links above the list are these."""

    title = "what waits"
    parameter_name = QUEUE

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(QUEUES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        match self.value():
            case "to_ship":
                return queryset.filter(status__in=SHIPPABLE)
            case "unpaid":
                return queryset.filter(status=Order.Status.PENDING)
            case "to_receive":
                return queryset.filter(pk__in=OPEN_RETURNS.values("order_id"))
        return queryset


class StatusFilter(admin.SimpleListFilter):
    """Where an order stands; what is still in checkout is no order yet."""

    title = parameter_name = "status"
    choice = "status"
    values: tuple[str, ...] = tuple(one.value for one in Order.Status if one not in Order.INTERNAL)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, words.spaced(value)) for value in self.values]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        return queryset.filter(**{self.choice: self.value()}) if self.value() in self.values else queryset


class PaymentFilter(StatusFilter):
    title, parameter_name, choice = "payment", "payment", "payment_status"
    values = tuple(Order.PaymentStatus.values)


class FulfilmentFilter(StatusFilter):
    title, parameter_name, choice = "fulfilment", "fulfilment", "fulfilment_status"
    values = tuple(Order.FulfilmentStatus.values)
