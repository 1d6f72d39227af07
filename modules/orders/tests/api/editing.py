"""What the tests of edits and exchanges share: wishes, paying for them, and how the order stands then."""

from dataclasses import replace
from typing import Any

from ecommerce.kernel.models import OutboxEvent
from ecommerce.kernel.money import Money
from ecommerce.kernel.testing import relay_until_quiet
from modules.catalog.contracts import Variant
from modules.orders.models import Document, Order, OrderEdit
from modules.orders.tests.api.after_sale import line_of, post, staff
from modules.orders.tests.test_handlers import happens
from modules.orders.tests.world import World
from modules.payments.contracts import PaymentStatus
from modules.payments.events import PaymentCaptured


def add(*goods: tuple[Variant, int]) -> dict[str, Any]:
    return {"add": [{"variant_id": str(variant.id), "quantity": quantity} for variant, quantity in goods]}


def remove(order: Order, quantity: int = 1) -> dict[str, Any]:
    return {"remove": [{"line_id": line_of(order), "quantity": quantity}]}


def edit(order: Order, body: dict[str, Any], *, key: str = "key", dry: bool = False, client: Any = None) -> Any:
    return post(client or staff(), order, "edits/" + ("?dry_run=true" if dry else ""), body, key=key)


def figures(answer: Any) -> dict[str, str]:
    found = answer.json().get("edit", answer.json())
    return {name: found[name]["amount"] for name in ("added_total", "removed_total", "due", "refund")}


def pay(shop: World, minor: int | None = None) -> None:
    """The difference of the one edit that waits is captured."""
    waiting = OrderEdit.objects.order_by("-id")[0]
    money = Money(minor=waiting.due_minor if minor is None else minor, currency="EUR")
    purpose = f"edit:{waiting.pk}"
    payment = shop.put(replace(shop.edit_payments[purpose], captured=money, status=PaymentStatus.CAPTURED))
    happens(PaymentCaptured(payment_id=payment.id, order_id=waiting.order_id, purpose=purpose, captured=money))
    relay_until_quiet()


def seen(order: Order) -> Any:
    return staff().get(f"/api/v1/orders/{order.pk}/").json()


def amounts(order: Order) -> tuple[str, str, str, str]:
    found = seen(order)
    return (found["total"]["amount"], found["tax_total"]["amount"], found["refunded_total"]["amount"],
            found["payment_status"])  # fmt: skip


def documents() -> list[tuple[str, int, int]]:
    return list(Document.objects.order_by("issued_at", "position").values_list("kind", "total_minor", "tax_minor"))


def announced() -> list[str]:
    return list(OutboxEvent.objects.using("default").order_by("position").values_list("name", flat=True))
