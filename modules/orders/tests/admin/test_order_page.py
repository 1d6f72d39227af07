"""The page of an order in the admin: all that belongs to it, in words and major units, and what may be done now."""

from datetime import timedelta

import pytest

from ecommerce.kernel import clock
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import statements
from modules.orders.models import Refund, Shipment
from modules.orders.tests.admin import desk
from modules.orders.tests.admin.desk import HANDLES, asked_back, delivered_order, page_of, signed_in, text_of
from modules.orders.tests.api.after_sale import add_line, paid_order
from modules.orders.tests.factories import OrderFactory
from modules.orders.tests.world import World

pytestmark = desk.pytestmark

# The session, who is signed in and what he may.
BESIDE = 3


@pytest.fixture
def staff():
    return signed_in(*HANDLES)


def buttons(answer):
    return [one.title for one in answer.context["buttons"]]


def links(parts):
    return [[link.title for link in part.links] for part in parts]


def test_an_order_is_read_in_words_and_major_units(staff, world: World):
    discount = {"promotion_id": str(new_id()), "code": "SUMMER", "title": "A tenth off",
                "amount": {"amount": "4.00", "currency": "EUR"}}  # fmt: skip
    tax = {"title": "MwSt. 19 %", "rate": "0.19", "base": {"amount": "37.72", "currency": "EUR"},
           "amount": {"amount": "7.16", "currency": "EUR"}}  # fmt: skip
    order = paid_order(world, discounts=[discount], taxes=[tax], note="Ring twice")

    answer = staff.get(page_of(order))

    assert answer.status_code == 200
    assert answer.context["statuses"] == [("confirmed", "info"), ("paid", "success"), ("unfulfilled", "")]
    assert answer.context["lines"]["rows"] == [
        ["Shirt (M)", "SHIRT-M", "19.99 EUR", 2, 0, 0, 0, "0.00 EUR", "6.38 EUR", "39.98 EUR"]
    ]
    assert answer.context["totals"] == [
        ("Subtotal", "39.98 EUR"),
        ("Discounts", "0.00 EUR"),
        ("Shipping", "4.90 EUR"),
        ("Tax in it", "7.16 EUR"),
        ("Total", "44.88 EUR"),
        ("Captured", "44.88 EUR"),
        ("Given back", "0.00 EUR"),
    ]
    assert answer.context["taxes"] == [("MwSt. 19 % of 37.72 EUR", "7.16 EUR")]
    assert answer.context["discounts"] == [("A tenth off SUMMER", "4.00 EUR")]
    assert answer.context["addresses"] == [
        ("Shipping and billing address", ["Ada Lovelace", "Unter den Linden 1", "10117 Berlin", "DE"])
    ]
    assert [row[1:] for row in answer.context["timeline"]["rows"]] == [["placed", "the shop", ""]]
    page = text_of(answer)
    assert all(words in page for words in ("ada@example.com", "A guest", "Ring twice", "MwSt. 19 %"))
    # No amount is shown in minor units.
    assert not any(minor in page for minor in ("4488", "1999", "3998", "716"))


def test_yen_are_shown_without_decimals(staff, world: World):
    order = paid_order(world, currency="JPY")
    world.payments.clear()

    assert ("Total", "4488 JPY") in staff.get(page_of(order)).context["totals"]


def test_what_may_be_done_is_what_the_orders_state_allows(staff, world: World):
    pending, confirmed = OrderFactory.create(), paid_order(world)
    cancelled = OrderFactory.create(status="cancelled")

    offered = {one: buttons(staff.get(page_of(one))) for one in (pending, confirmed, delivered_order(world), cancelled)}

    assert list(offered.values()) == [
        ["Cancel"],
        ["Cancel", "Ship", "Refund", "Edit"],
        ["Refund", "Ask for a return"],
        [],
    ]


def test_what_may_be_done_is_what_ones_scopes_allow(world: World):
    order, sent = paid_order(world), paid_order(world, status="shipped", fulfilment_status="fulfilled")
    Shipment.objects.create(order=sent, carrier="DHL", tracking_number="1", shipped_at=clock.now())
    asked_back(sent)
    reads, writes, refunds = (signed_in("orders.read", *also) for also in ([], ["orders.write"], ["orders.refund"]))

    assert [buttons(one.get(page_of(order))) for one in (reads, writes, refunds)] == [
        [],
        ["Cancel", "Ship", "Edit"],
        ["Refund"],
    ]
    pages = [one.get(page_of(sent)).context for one in (reads, writes, refunds)]
    assert [links(page["shipments"]) for page in pages] == [
        [["Packing slip"]], [["It has arrived", "Packing slip"]], [["Packing slip"]],
    ]  # fmt: skip
    assert [links(page["returns"]) for page in pages] == [[[]], [["Approve", "Reject"]], [["Receive", "Exchange"]]]


def test_parcels_returns_and_refunds_are_told_with_what_lies_in_them(staff, world: World):
    order = delivered_order(world)
    now = clock.now()
    parcel = Shipment.objects.create(
        order=order, status="delivered", carrier="dhl", tracking_number="00 34", shipped_at=now, delivered_at=now
    )
    parcel.items.create(line=order.lines.get(), quantity=2)
    asked_back(order, "approved")
    refund = Refund.objects.create(
        order=order, amount_minor=1999, tax_minor=319, reason="Torn", actor=f"user:{new_id()}", created_at=now,
        status="failed", refusal={"code": "refund_refused", "status": 409, "detail": "Refused.", "details": {}},
    )  # fmt: skip
    refund.items.create(line=order.lines.get(), quantity=1, amount_minor=1999, tax_minor=319)

    context = staff.get(page_of(order)).context

    [sent], [back], [paid] = context["shipments"], context["returns"], context["refunds"]
    assert (sent.status, sent.items, sent.tracking.title) == ("delivered", ["2 × Shirt (M)"], "dhl 00 34")
    assert sent.tracking.href.endswith("?piececode=00%2034")
    assert (back.status, back.items, [one.title for one in back.links]) == (
        "approved", ["1 × Shirt (M): Too small"], ["Receive", "Exchange", "Reject"],
    )  # fmt: skip
    assert (paid.status, paid.items, paid.told[0]) == ("failed", ["1 × Shirt (M)"], "19.99 EUR, 3.19 EUR of it tax")
    assert paid.told[-2:] == ["Torn", "Refused."]


def test_an_unknown_carrier_has_no_link(staff, world: World):
    order = paid_order(world, status="shipped", fulfilment_status="fulfilled")
    Shipment.objects.create(order=order, carrier="Uncle Bob", tracking_number="7", shipped_at=clock.now())

    [sent] = staff.get(page_of(order)).context["shipments"]

    assert (sent.tracking, sent.told[0]) == (None, "Uncle Bob 7")


def test_the_payment_stands_beside_it_with_the_way_to_the_ledger(staff, world: World):
    order = paid_order(world)
    payment = world.payments[order.pk]

    answer = staff.get(page_of(order))

    [(told, address)] = answer.context["payments"]
    assert dict(told) | {"Begun": ""} == {
        "For": "order", "Provider": "sandbox", "Status": "captured", "Amount": "44.88 EUR", "Captured": "44.88 EUR",
        "Refunded": "0.00 EUR", "Begun": "",
    }  # fmt: skip
    page = text_of(answer)
    if address is not None:
        assert f'href="/admin/payments/payment/{payment.id}/change/"' in page
        assert f'href="/admin/payments/entry/?q={order.pk}"' in page


def test_without_payments_the_rest_of_the_page_stands(staff, world: World):
    order = paid_order(world)
    world.refuse["get_payments"] = Unavailable(dependency="payments")

    answer = staff.get(page_of(order))

    assert answer.status_code == 200
    assert "Payments does not answer now" in text_of(answer)
    assert ("Total", "44.88 EUR") in answer.context["totals"]


def test_who_may_not_read_payments_is_told_so_and_payments_is_not_asked(world: World):
    order = paid_order(world)

    answer = signed_in("orders.read").get(page_of(order))

    assert (answer.context["payments"], "Payments are shown to who may read them." in text_of(answer)) == (None, True)
    assert world.asked == []


def test_a_customers_account_is_linked_for_who_may_see_customers(staff, world: World):
    order = paid_order(world, customer_id=new_id())
    address = f'href="/admin/users/user/{order.customer_id}/change/"'

    assert address in text_of(staff.get(page_of(order)))
    assert address not in text_of(signed_in("orders.read").get(page_of(order)))


def test_what_was_forgotten_is_shown_as_forgotten(staff, world: World):
    order = paid_order(world, status="delivered", email="", shipping_address={}, billing_address={})

    page = text_of(staff.get(page_of(order)))

    assert page.count("forgotten") == 2


def test_what_is_typed_by_others_is_shown_as_text(staff, world: World):
    order = paid_order(world, note="<script>alert(1)</script>")
    order.timeline.create(at=clock.now(), event="cancelled", actor="guest", detail={"reason": "<b>no</b>"})

    page = staff.get(page_of(order)).content.decode()

    assert "<script>alert(1)" not in page
    assert "reason: &lt;b&gt;no&lt;/b&gt;" in page


def test_nobody_sees_what_is_still_in_checkout(staff):
    orders = [OrderFactory.create(status=status, number=None, placed_at=None) for status in ("opening", "abandoned")]

    assert [staff.get(page_of(one)).status_code for one in orders] == [404, 404]
    assert staff.get(f"{desk.ORDERS}nonsense/change/").status_code == 404


def test_who_has_no_scope_of_orders_sees_none(world: World):
    order = paid_order(world)
    stranger = signed_in("catalog.write", "payments.read")

    assert [stranger.get(one).status_code for one in (page_of(order), desk.ORDERS)] == [403, 403]


def test_nothing_is_edited_added_or_deleted_by_hand(world: World):
    order, owner = paid_order(world), signed_in(is_superuser=True)

    acts = [owner.post(f"{desk.ORDERS}add/", {}), owner.post(f"{desk.ORDERS}{order.pk}/delete/", {"post": "yes"})]

    assert [one.status_code for one in acts] == [403, 403]
    assert owner.post(page_of(order), {"status": "delivered"}).status_code == 200
    order.refresh_from_db()
    assert (order.status, order.version) == ("confirmed", 1)


@pytest.mark.parametrize("count", [1, 8])
def test_a_page_takes_as_few_statements_however_long_it_is(staff, world: World, count: int):
    order = delivered_order(world)
    for number in range(count):
        add_line(order, sku=f"SKU-{number}")
        parcel = Shipment.objects.create(order=order, shipped_at=clock.now())
        asked_back(order, "rejected")
        refund = Refund.objects.create(order=order, amount_minor=0, tax_minor=0, actor="system", created_at=clock.now())
        for line in order.lines.all():
            parcel.items.create(line=line, quantity=1)
            refund.items.create(line=line, quantity=1, amount_minor=0, tax_minor=0)
        order.timeline.create(at=clock.now() + timedelta(seconds=number), event="refunded", actor="system")

    with statements() as sql:
        assert staff.get(page_of(order)).status_code == 200

    # The order, its lines, its timeline, its documents; parcels, returns and refunds, each with what lies in them.
    assert len([one for one in sql if "orders_" in one]) == 11
    assert len(sql) == 11 + BESIDE
