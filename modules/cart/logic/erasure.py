"""What becomes of the cart of a user who has erased his account: it goes.

What his orders redeemed stays counted under its key. That is the account's id, which names nobody any more, so a limit
per customer holds as before; a guest's is an HMAC of an address that nobody here knows any more.
"""

from contextlib import suppress
from uuid import UUID

from ecommerce.kernel import clock
from ecommerce.kernel.steps import NewStep, Run, add_steps, step
from modules.cart.contracts import CartNotFound
from modules.cart.logic import safekeeping, storage


def forget_customer(user_id: UUID) -> None:
    """In the open transaction, have the user's cart let go; each time it is heard, since he may have had one since."""
    add_steps(user_id, [NewStep(discard_cart, key=clock.now().isoformat())])


@step
def discard_cart(run: Run) -> None:
    """Let go of the cart of the user that the steps are about, and of what is saved of it; a Redis that is down is
    asked again."""
    user_id = run.aggregate_id
    with safekeeping.rewriting(user_id), suppress(CartNotFound):
        # Gone already, or ordered in this very moment: then only what is saved is left.
        if basket := storage.find_basket_of(user_id):
            storage.discard_basket(basket, versions=None)
