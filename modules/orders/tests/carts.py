"""Carts as they are priced, for tests of figures."""

from uuid import UUID

from hypothesis import HealthCheck, settings

from ecommerce.kernel.ids import new_capability_id
from ecommerce.kernel.money import Money
from modules.cart.contracts import CartDiscount, CartLine, CartSnapshot

# A busy machine may take its time to think of the first cart.
slowly = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


def cart(
    *lines: tuple[int, int, int, str],
    currency: str = "EUR",
    free_shipping: bool = False,
    discounts: list[CartDiscount] | None = None,
) -> CartSnapshot:
    """A cart of (unit price, quantity, discount, tax class)."""

    def money(minor: int) -> Money:
        return Money(minor=minor, currency=currency)

    made = [
        CartLine(
            variant_id=UUID(int=number),
            sku=str(number),
            title="",
            options={},
            image=None,
            quantity=quantity,
            unit_price=money(price),
            line_total=money(price * quantity),
            discount=money(discount),
            tax_class=tax_class,
            weight_g=0,
            available=1,
        )
        for number, (price, quantity, discount, tax_class) in enumerate(lines)
    ]
    subtotal = sum(line.line_total.minor for line in made)
    taken_off = sum(line.discount.minor for line in made)
    return CartSnapshot(
        cart_id=new_capability_id(),
        version=1,
        currency=currency,
        owner_id=None,
        lines=made,
        discounts=discounts or [],
        codes=[],
        free_shipping=free_shipping,
        subtotal=money(subtotal),
        discount_total=money(taken_off),
        total=money(subtotal - taken_off),
        requirements=[],
    )
