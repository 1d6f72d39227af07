"""Whoever bought something, and has it, may say what it is like: catalog is told, since it cannot ask."""

from collections.abc import Sequence
from uuid import UUID

from ecommerce.kernel.steps import NewStep, Run, StepFunction, add_steps, step
from modules.catalog import service as catalog_service
from modules.orders.models import Order


def steps_for(order: Order) -> Sequence[StepFunction]:
    """What a delivery is followed by: a customer gets his permits, a guest has no account to write from."""
    return [allow_reviews] if order.customer_id else []


def follow_adoption(order_ids: Sequence[UUID]) -> None:
    """In the open transaction: who turns out to have bought these as a guest may review it, too.

    One that is delivered later is followed by its own.
    """
    for order_id in order_ids:
        add_steps(order_id, [NewStep(allow_reviews, key="adopted")])


@step
def allow_reviews(run: Run) -> None:
    """Let the customer review what has arrived; not one who was erased."""
    order = Order.objects.get(pk=run.aggregate_id)
    if order.customer_id is None or order.customer_erased_at or order.status != Order.Status.DELIVERED:
        return
    variant_ids = list(order.lines.order_by("position").values_list("variant_id", flat=True))
    catalog_service.allow_reviews(customer_id=order.customer_id, variant_ids=variant_ids)
