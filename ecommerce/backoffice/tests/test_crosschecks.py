"""The cross-checks against answers that are well, and against each kind of answer that is not."""

from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from ecommerce.backoffice import crosschecks
from ecommerce.kernel import clock
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from ecommerce.kernel.testing import stand_in
from modules.catalog.contracts import HoldStatus, StockHold
from modules.orders.contracts import Order, OrderStatus, PaymentState
from modules.payments.contracts import Payment, PaymentStatus

FINDERS = {
    "goods": crosschecks.find_orders_without_goods,
    "paid": crosschecks.find_orders_not_paid,
    "holds": crosschecks.find_holds_without_order,
    "too long": crosschecks.find_holds_kept_too_long,
    "payments": crosschecks.find_payments_without_order,
}


def eur(minor):
    return Money(minor=minor, currency="EUR")


@dataclass
class Shop:
    """What the three modules answer."""

    orders: list = field(default_factory=list)
    holds: list = field(default_factory=list)
    payments: list = field(default_factory=list)

    def sell(self, number="1001", total=1990, **changes):
        """An order that is confirmed, paid, and whose stock is sold."""
        order = self.place(number, total, status=OrderStatus.CONFIRMED, payment_status=PaymentState.PAID)
        self.orders[-1] = order = replace(order, **changes)
        self.holds[-1] = replace(self.holds[-1], status=HoldStatus.COMMITTED)
        self.pay(order, total)
        return order

    def place(self, number="1001", total=1990, **changes):
        """An order that waits for its payment, with its stock held."""
        order = replace(an_order(number, total), **changes)
        self.orders.append(order)
        self.hold(order.stock_reference)
        return order

    def hold(self, reference, status=HoldStatus.HELD, until=None, held_at=None):
        until = until or clock.now()
        self.holds.append(StockHold(order_id=reference, status=status, lines=[], until=until, held_at=held_at))

    def pay(self, order, captured, **changes):
        self.payments.append(replace(a_payment(order.id, captured), **changes))
        return self.payments[-1]

    def broken(self):
        with ExitStack() as answering:
            for module, answers in self.answers().items():
                answering.enter_context(stand_in(module, **answers))
            return {name: lines for name, find in FINDERS.items() if (lines := list(find()))}

    def get_payments(self, order_ids, after, limit):
        if order_ids is not None:
            return [one for one in self.payments if str(one.order_id) in order_ids]
        return page_of(self.payments, lambda payment: payment.id)(after, limit)

    def answers(self):
        return {
            "orders": {
                "list_orders": page_of(self.orders, lambda order: order.id),
                "get_orders": lambda ids: [order for order in self.orders if str(order.id) in ids],
            },
            "catalog": {"list_holds": page_of(self.holds, lambda hold: hold.order_id)},
            "payments": {
                "get_payments": self.get_payments,
            },
        }


def page_of(rows, key):
    def page(after, limit):
        rest = [row for row in sorted(rows, key=key) if after is None or str(key(row)) > after]
        return rest[:limit]

    return page


def an_order(number, total):
    order_id = new_id()
    return Order(
        id=order_id,
        number=number,
        status=OrderStatus.PENDING,
        payment_status=PaymentState.UNPAID,
        customer_id=None,
        email="ada@example.com",
        language="en",
        stock_reference=order_id,
        open_edits=[],
        lines=[],
        subtotal=eur(total),
        discount_total=eur(0),
        shipping_total=eur(0),
        tax_total=eur(0),
        total=eur(total),
        set_off=Money.zero("EUR"),
        shipping_address={},
        shipping_method="standard",
        placed_at=clock.now(),
        link="",
    )


def a_payment(order_id, captured):
    return Payment(
        id=new_id(),
        order_id=order_id,
        purpose="order",
        provider="sandbox",
        status=PaymentStatus.CAPTURED,
        amount=eur(captured),
        captured=eur(captured),
        refunded=eur(0),
        disputed=eur(0),
        next_action=None,
        client_secret=None,
        failure=None,
        created_at=clock.now(),
    )


@pytest.fixture
def shop(monkeypatch):
    monkeypatch.setattr(crosschecks, "PAGE", 2)
    monkeypatch.setattr(crosschecks, "WHILE_SECONDS", 0)
    return Shop()


def test_a_sound_shop_has_nothing_broken(shop):
    for number in ("1001", "1002", "1003", "1004", "1005"):
        shop.sell(number)
    shop.place("1006")
    shop.place("1007", status=OrderStatus.EXPIRED)
    shop.holds[-1] = replace(shop.holds[-1], status=HoldStatus.RELEASED)
    refunded = shop.place("1008", status=OrderStatus.CANCELLED)
    shop.holds[-1] = replace(shop.holds[-1], status=HoldStatus.COMMITTED)
    shop.pay(refunded, 1990, refunded=eur(1990))
    assert shop.broken() == {}


def test_an_order_that_costs_nothing_needs_no_payment(shop):
    shop.sell(total=0)
    shop.payments.clear()
    assert shop.broken() == {}


def test_an_order_taken_over_from_another_shop_was_paid_and_sent_there(shop):
    shop.place(status=OrderStatus.DELIVERED, is_imported=True)
    shop.holds.clear()

    assert shop.broken() == {}


def test_an_authorised_payment_will_do_and_so_will_a_partial_refund(shop):
    order = shop.sell("1001")
    shop.payments[-1] = replace(shop.payments[-1], status=PaymentStatus.AUTHORIZED, captured=eur(0))
    shop.sell("1002", status=OrderStatus.DELIVERED)
    shop.payments[-1] = replace(shop.payments[-1], refunded=eur(990), status=PaymentStatus.PARTIALLY_REFUNDED)
    assert order.total == eur(1990)
    assert shop.broken() == {}


def test_stock_taken_again_is_found_under_its_new_reference(shop):
    order = shop.sell()
    released = shop.holds.pop()
    shop.hold(released.order_id, HoldStatus.RELEASED)
    shop.orders[-1] = replace(order, stock_reference=new_id())
    shop.hold(shop.orders[-1].stock_reference, HoldStatus.COMMITTED)
    assert shop.broken() == {}


def test_stock_held_for_a_checkout_that_is_going_on_is_in_order(shop):
    shop.hold(new_id(), until=clock.now() + timedelta(minutes=45))
    assert shop.broken() == {}


def test_a_payment_in_part_waits_for_staff(shop):
    order = shop.place(payment_status=PaymentState.PARTIALLY_PAID)
    shop.pay(order, 1000)
    assert shop.broken() == {}


@pytest.mark.parametrize("status", [HoldStatus.HELD, HoldStatus.RELEASED])
def test_a_confirmed_order_whose_stock_is_not_taken_is_broken(shop, status):
    shop.sell()
    shop.holds[-1] = replace(shop.holds[-1], status=status)
    assert shop.broken()["goods"] == [f"order 1001 is confirmed, its stock is {status}"]


def test_a_confirmed_order_without_any_stock_is_broken(shop):
    shop.sell()
    shop.holds.clear()
    assert shop.broken() == {"goods": ["order 1001 is confirmed, its stock is not held"]}


def test_a_confirmed_order_that_is_paid_too_little_is_broken(shop):
    shop.sell()
    shop.payments[-1] = replace(shop.payments[-1], captured=eur(1989))
    assert shop.broken() == {"paid": ["order 1001 is confirmed and costs 19.90 EUR, captured is 19.89 EUR"]}


def test_a_confirmed_order_that_is_paid_twice_is_broken(shop):
    order = shop.sell()
    shop.pay(order, 1990)
    assert shop.broken() == {"paid": ["order 1001 costs 19.90 EUR, kept is 39.80 EUR"]}


@pytest.mark.parametrize("status", [OrderStatus.CANCELLED, OrderStatus.EXPIRED])
def test_stock_held_for_an_order_that_is_over_is_broken(shop, status):
    order = shop.place(status=status)
    assert shop.broken() == {"holds": [f"stock is held for {order.id}, whose order is {status}"]}


def test_stock_held_for_nobody_is_broken_once_its_time_is_over(shop):
    reference = new_id()
    shop.hold(reference, until=clock.now() - timedelta(seconds=1))
    assert shop.broken() == {"holds": [f"stock is held for {reference}, whose order is unknown"]}


def test_stock_held_for_a_day_for_an_order_nobody_knows_is_broken_whatever_its_end(shop):
    references = [new_id(), new_id(), new_id()]
    in_a_month, now = clock.now() + timedelta(days=30), clock.now()
    for reference, hours in zip(references, (23, 25, 26), strict=True):
        shop.hold(reference, until=in_a_month, held_at=now - timedelta(hours=hours))
    shop.holds[-1] = replace(shop.holds[-1], status=HoldStatus.RELEASED)

    since = f"{now - timedelta(hours=25):%Y-%m-%d %H:%M}"
    told = f"stock is held for {references[1]} since {since}, whose order is unknown"
    assert shop.broken() == {"too long": [told]}


def test_stock_held_since_days_for_an_order_that_waits_is_in_order(shop):
    shop.place()
    shop.holds[-1] = replace(
        shop.holds[-1], held_at=clock.now() - timedelta(days=3), until=clock.now() - timedelta(hours=23)
    )
    assert shop.broken() == {}


def test_stock_held_a_day_past_its_end_is_broken_even_where_the_order_waits(shop):
    order, ended = shop.place(), clock.now() - timedelta(hours=25)
    shop.holds[-1] = replace(shop.holds[-1], until=ended)

    told = f"stock is held for {order.id} past {ended:%Y-%m-%d %H:%M}, whose order is pending"
    assert shop.broken() == {"too long": [told]}


@pytest.mark.parametrize("status", [OrderStatus.PENDING, OrderStatus.CANCELLED, OrderStatus.EXPIRED])
def test_captured_money_without_a_confirmed_order_is_broken(shop, status):
    order = shop.place(status=status)
    shop.holds.clear()
    payment = shop.pay(order, 1990, refunded=eur(990))
    assert shop.broken() == {"payments": [f"payment {payment.id} holds 10.00 EUR, its order is {status}"]}


def test_captured_money_without_any_order_is_broken(shop):
    payment = shop.pay(an_order("1", 1990), 1990)
    assert shop.broken() == {"payments": [f"payment {payment.id} holds 19.90 EUR, its order is unknown"]}


def test_what_is_well_a_moment_later_is_not_reported(monkeypatch):
    monkeypatch.setattr(crosschecks, "WHILE_SECONDS", 0)
    looks = iter([["passing", "lasting"], ["lasting", "new"]])
    assert crosschecks.still_so(lambda: next(looks))() == ["lasting"]


def test_what_is_well_is_looked_at_once(monkeypatch):
    monkeypatch.setattr(crosschecks, "WHILE_SECONDS", 60)
    assert crosschecks.still_so(list)() == []
