"""A guest turns out to be a user: what was ordered with the address that the user has verified becomes the user's."""

from uuid import UUID

from django.db import connections

from ecommerce.kernel import clock, ids
from ecommerce.kernel.db import current_alias
from ecommerce.kernel.steps import NewStep, Run, add_steps, step
from modules.orders.logic import review_permits, states
from modules.orders.models import Order, TimelineEntry
from modules.payments import service as payments_service
from modules.users import service as users_service
from modules.users.events import EmailVerified

# Folded as the index order_email and users' unique index fold it: nobody else can have verified this address.
_ADOPT = """
    UPDATE orders_order SET customer_id = %(user_id)s, version = version + 1
    WHERE customer_id IS NULL AND status NOT IN ('opening', 'abandoned') AND LOWER(email) = LOWER(%(email)s)
    RETURNING id
"""


def look_for_orders(event: EmailVerified) -> None:
    """Somebody has verified an address: whether guests have ordered with it is looked up by a step."""
    # Under a key of its own each time: another address may be verified later.
    add_steps(event.user_id, [NewStep(adopt_orders, key=str(ids.new_id()))])


@step
def adopt_orders(run: Run) -> None:
    """Give the user every visible order of a guest with the verified address; one that has an owner keeps it."""
    contacts = users_service.get_contacts(ids=[run.aggregate_id])
    if not contacts or not contacts[0].email_verified:
        return
    with run.done(Order):
        order_ids = _adopt(contacts[0].user_id, contacts[0].email)
        if order_ids:
            _note(order_ids)
            review_permits.follow_adoption(order_ids)
            add_steps(run.aggregate_id, [NewStep(adopt_payments, {"order_ids": order_ids}, key=str(run.step_id))])


@step
def adopt_payments(run: Run, *, order_ids: list[UUID]) -> None:
    """What was paid for them becomes the user's, too."""
    payments_service.assign_payer(order_ids=order_ids, payer_id=run.aggregate_id)


def _adopt(user_id: UUID, email: str) -> list[UUID]:
    with connections[current_alias()].cursor() as cursor:
        cursor.execute(_ADOPT, {"user_id": user_id, "email": email})
        return sorted(order_id for (order_id,) in cursor.fetchall())


def _note(order_ids: list[UUID]) -> None:
    now = clock.now()
    TimelineEntry.objects.bulk_create(
        TimelineEntry(order_id=order_id, at=now, event="account_linked", actor=states.SYSTEM) for order_id in order_ids
    )
