"""The modules that orders asks, as far as its tests need them: a cart, a stock and a payment that are known."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from ecommerce.kernel.errors import ServiceError
from ecommerce.kernel.ids import new_capability_id, new_id
from ecommerce.kernel.money import Money
from ecommerce.kernel.testing import stand_in
from modules.cart.contracts import CartLine, CartNotFound, CartSnapshot, FilledCart, LeftOut
from modules.catalog.contracts import Allocation, HoldStatus, StockHold, StockLine, Variant
from modules.payments.contracts import CancelOutcome, Payment, PaymentStatus, RefundExceedsCaptured
from modules.users.contracts import Contact

# The cart that what was bought before is put into.
REFILLED = UUID("01920000-0000-4000-8000-000000000002")
SHIRT = UUID("01920000-0000-7000-8000-000000000001")
READS = ("get_snapshot", "get_payments", "find_allocations")
# In the order that they were opened.
LOCATIONS = {name: UUID(int=place) for place, name in enumerate(("Main", "Aachen", "Zurich"), 1)}


@dataclass
class World:
    """What the other modules answer, and what they were asked: change the fields to make them behave otherwise."""

    carts: dict[UUID, CartSnapshot] = field(default_factory=dict)
    payment_status: PaymentStatus = PaymentStatus.PENDING
    cancel_outcome: CancelOutcome = CancelOutcome.CANCELLED
    refuse: dict[str, ServiceError] = field(default_factory=dict)
    # What happens elsewhere while a function is being asked: once, before it answers.
    meanwhile: dict[str, Callable[[], Any]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    payments: dict[UUID, Payment] = field(default_factory=dict)
    # Those of edits, by purpose.
    edit_payments: dict[str, Payment] = field(default_factory=dict)
    # What is for sale.
    variants: list[Variant] = field(default_factory=list)
    # From where stock was taken.
    taken: list[Allocation] = field(default_factory=list)
    # What a cart that is filled again cannot take.
    left_out: list[LeftOut] = field(default_factory=list)
    # What was given back, by reference.
    refunds: dict[UUID, int] = field(default_factory=dict)
    contacts: dict[UUID, Contact] = field(default_factory=dict)

    def add_cart(self, *, quantity: int = 2, minor: int = 1999, currency: str = "EUR", version: int = 1) -> UUID:
        """A guest's cart with so many shirts in it."""
        cart_id = new_capability_id()
        self.carts[cart_id] = snapshot(cart_id, quantity=quantity, minor=minor, currency=currency, version=version)
        return cart_id

    def put_on_sale(self, *, minor: int | None = 1999, available: int = 10, **fields: Any) -> Variant:
        """A shirt that is for sale; without `minor` it has no price."""
        price = None if minor is None else Money(minor=minor, currency="EUR")
        known: dict[str, Any] = {"id": new_id(), "product_id": new_id(), "sku": "SHIRT-L", "title": "Shirt"}
        variant = Variant(
            **(known | {"tax_class": "standard", "weight_g": 200} | fields), price=price, available=available
        )
        self.variants.append(variant)
        return variant

    def take(self, reference: UUID, variant_id: UUID = SHIRT, **quantities: int) -> None:
        """So many units were taken for an order from each location; the keyword is its name."""
        self.taken += [
            Allocation(
                order_id=reference, variant_id=variant_id, location_id=LOCATIONS[name], location=name, quantity=quantity
            )
            for name, quantity in quantities.items()
        ]

    def add_contact(self, email: str, *, verified: bool = True) -> UUID:
        """A user with that address."""
        user_id = new_id()
        self.contacts[user_id] = Contact(
            user_id=user_id, email=email, email_verified=verified, first_name="", last_name="", language="en"
        )
        return user_id

    def add_payment(self, order_id: UUID, *, minor: int = 4488, captured: int = 4488, currency: str = "EUR") -> None:
        """The payment of an order that was placed without a checkout."""
        self.payments[order_id] = payment_of(order_id, Money(minor=minor, currency=currency), captured=captured)

    def payments_of(self, order_id: UUID) -> list[Payment]:
        """The order's payments, its own first."""
        own = [self.payments[order_id]] if order_id in self.payments else []
        return own + [payment for payment in self.edit_payments.values() if payment.order_id == order_id]

    def refund(self, order_id: UUID, refund_reference: UUID, minor: int | None, purpose: str | None) -> list[Payment]:
        """Pay back out of all of an order's payments, or out of the one with this purpose."""
        chosen = self.payments_of(order_id) if purpose is None else [self.edit_payments[purpose]]
        self.pay_back(chosen, refund_reference, minor)
        return self.payments_of(order_id) if purpose is None else [self.edit_payments[purpose]]

    def pay_back(self, payments: list[Payment], refund_reference: UUID, minor: int | None) -> None:
        """As payments does: once per reference, from the first on, and never more than was captured."""
        if refund_reference in self.refunds:
            return
        left = [payment.captured.minor - payment.refunded.minor for payment in payments]
        wanted = sum(left) if minor is None else minor
        if wanted > sum(left):
            raise RefundExceedsCaptured(requested=wanted)
        self.refunds[refund_reference] = wanted
        for payment, most in zip(payments, left, strict=True):
            part = min(most, wanted)
            wanted -= part
            self.put(replace(payment, refunded=payment.refunded + Money(minor=part, currency=payment.amount.currency)))

    def put(self, payment: Payment) -> Payment:
        """This is how that payment stands."""
        if payment.purpose == "order":
            self.payments[payment.order_id] = payment
        else:
            self.edit_payments[payment.purpose] = payment
        return payment

    def names(self) -> list[str]:
        """The functions that were asked, in order, without the reads."""
        return [name for name, _ in self.asked if name not in READS]


def snapshot(
    cart_id: UUID, *, quantity: int = 2, minor: int = 1999, currency: str = "EUR", version: int = 1
) -> CartSnapshot:
    """A cart of one line without discounts."""
    price, zero = Money(minor=minor, currency=currency), Money.zero(currency)
    line = CartLine(
        variant_id=SHIRT,
        sku="SHIRT-M",
        title="Shirt",
        options={"Size": "M"},
        image=None,
        quantity=quantity,
        unit_price=price,
        line_total=price * quantity,
        discount=zero,
        tax_class="standard",
        weight_g=200,
        available=100,
    )
    return CartSnapshot(
        cart_id=cart_id,
        version=version,
        currency=currency,
        owner_id=None,
        lines=[line],
        discounts=[],
        codes=[],
        free_shipping=False,
        subtotal=line.line_total,
        discount_total=zero,
        total=line.line_total,
        requirements=[],
    )


def payment_of(order_id: UUID, amount: Money, *, captured: int = 0) -> Payment:
    """A payment of which so much was captured."""
    return Payment(
        id=new_capability_id(),
        order_id=order_id,
        purpose="order",
        provider="sandbox",
        status=PaymentStatus.CAPTURED if captured else PaymentStatus.PENDING,
        amount=amount,
        captured=Money(minor=captured, currency=amount.currency),
        refunded=Money.zero(amount.currency),
        disputed=Money.zero(amount.currency),
        next_action=None,
        client_secret=None,
        failure=None,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


@contextmanager
def other_modules() -> Iterator[World]:
    """Catalog, cart, payments and users answer over the wire form as the yielded world says."""
    world = World()
    with ExitStack() as stack:
        for module, answers in _answers(world).items():
            stack.enter_context(stand_in(module, **{name: _noted(world, name, fn) for name, fn in answers.items()}))
        yield world


def _noted(world: World, name: str, answer: Any) -> Any:
    def respond(**arguments: Any) -> Any:
        world.asked.append((name, arguments))
        world.meanwhile.pop(name, lambda: None)()
        if name in world.refuse:
            raise world.refuse[name]
        return answer(**arguments)

    return respond


def _answers(world: World) -> dict[str, dict[str, Any]]:
    def get_snapshot(cart_id: str, caller_id: str | None, explain: bool = False) -> CartSnapshot:
        if UUID(cart_id) not in world.carts:
            raise CartNotFound
        return world.carts[UUID(cart_id)]

    def hold(order_id: str, **_: Any) -> StockHold:
        lines = [StockLine(variant_id=SHIRT, quantity=2)]
        return StockHold(order_id=UUID(order_id), status=HoldStatus.HELD, lines=lines, until=None)

    def start_payment(order_id: str, purpose: str, amount: dict[str, Any], provider: str, **_: Any) -> Payment:
        found = [payment for payment in world.payments_of(UUID(order_id)) if payment.purpose == purpose]
        payment = payment_of(UUID(order_id), Money(**amount))
        new = replace(payment, provider=provider, purpose=purpose, status=world.payment_status)
        return found[0] if found else world.put(new)

    def nothing(**_: Any) -> None:
        return None

    def refund_order(
        order_id: str, reference: str, amount: dict[str, Any] | None, purpose: str | None, **_: Any
    ) -> list[Payment]:
        return world.refund(UUID(order_id), UUID(reference), amount["minor"] if amount else None, purpose)

    return {
        "cart": {
            "get_snapshot": get_snapshot,
            "redeem": nothing,
            "release_redemption": nothing,
            "close_cart": nothing,
            "fill_cart": lambda lines, **_: FilledCart(cart_id=REFILLED, left_out=world.left_out),
        },
        "catalog": {
            "hold_stock": hold,
            "commit_hold": hold,
            "release_hold": nothing,
            "return_stock": nothing,
            "allow_reviews": nothing,
            "find_allocations": lambda order_ids: [one for one in world.taken if str(one.order_id) in order_ids],
            "find_variants": lambda currency, ids=(), skus=(): [
                one
                for one in world.variants
                if (str(one.id) in ids or one.sku in skus) and (one.price is None or one.price.currency == currency)
            ],
        },
        "payments": {
            "start_payment": start_payment,
            "cancel_payment": lambda **_: world.cancel_outcome,
            "recognise_revenue": nothing,
            "forget_payer": nothing,
            "refund_order": refund_order,
            "capture_payment": lambda order_id, **_: world.payments_of(UUID(order_id))[0],
            "set_off_revenue": nothing,
            "get_payments": lambda order_ids, **_: [
                payment for one in order_ids for payment in world.payments_of(UUID(one))
            ],
            "assign_payer": nothing,
        },
        "users": {
            "get_contacts": lambda ids: [world.contacts[UUID(one)] for one in ids if UUID(one) in world.contacts],
            "contribute_to_export": nothing,
        },
    }
