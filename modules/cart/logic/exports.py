"""What cart gives to a user's export of everything that is held on him."""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import UUID

from ecommerce.kernel import parcels
from ecommerce.kernel.money import api_money
from ecommerce.kernel.steps import NewStep, Run, add_steps, step
from modules.cart.logic import safekeeping
from modules.cart.logic.baskets import Basket, BasketLine
from modules.cart.models import Redemption
from modules.users import service as users_service
from modules.users.contracts import ExportNotFound
from modules.users.events import ExportRequested

CHUNK = 1000


def promise_contribution(event: ExportRequested) -> None:
    """Somebody wants to see everything: what cart holds is gathered by a step."""
    add_steps(event.export_id, [NewStep(contribute, {"user_id": event.user_id})])


@step
def contribute(run: Run, *, user_id: UUID) -> None:
    """Give users somebody's cart, and which coupons the orders used; an export that is gone by now wants nothing."""
    give = partial(users_service.contribute_to_export, export_id=run.aggregate_id, module="cart")
    with suppress(ExportNotFound):
        parcels.hand_over({"carts": _carts(user_id), "redemptions": _redemptions(user_id)}, give)


def _carts(user_id: UUID) -> list[dict[str, Any]]:
    """The one cart, at the prices that were seen; none when there is none."""
    basket = safekeeping.find_own_basket(user_id)
    return [_cart(basket)] if basket else []


def _cart(basket: Basket) -> dict[str, Any]:
    return {
        "id": basket.id,
        "currency": basket.currency,
        "items": [_item(line) for line in basket.lines],
        "changed_at": basket.changed_at,
        "expires_at": basket.expires_at,
    }


def _item(line: BasketLine) -> dict[str, Any]:
    return {
        "variant_id": line.variant_id,
        "sku": line.seen.sku,
        "title": line.seen.title,
        "quantity": line.quantity,
        "unit_price": api_money(line.seen.price),
    }


def _redemptions(user_id: UUID) -> Iterator[dict[str, Any]]:
    redemptions = Redemption.objects.filter(customer_key=str(user_id)).order_by("id")
    return (_redemption(redemption) for redemption in redemptions.iterator(chunk_size=CHUNK))


def _redemption(redemption: Redemption) -> dict[str, Any]:
    return {
        "order_id": redemption.order_id,
        "status": redemption.status,
        "codes": redemption.codes,
        "created_at": redemption.created_at,
        "released_at": redemption.released_at,
    }
