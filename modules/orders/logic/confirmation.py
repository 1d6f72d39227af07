"""From a paid order to a confirmed one: its stock is sold, its revenue recognised, its cart closed; its invoice."""

from contextlib import suppress

from ecommerce.kernel import clock
from ecommerce.kernel.events import publish
from ecommerce.kernel.money import Money
from ecommerce.kernel.steps import NewStep, Run, add_steps, step
from modules.cart import service as cart_service
from modules.cart.contracts import OrderedLine
from modules.catalog import service as catalog_service
from modules.orders.events import OrderConfirmed
from modules.orders.logic import invoices, states
from modules.orders.logic.purposes import ORDER
from modules.orders.models import Order
from modules.payments import service as payments_service
from modules.payments.contracts import PaymentNotCapturable, Split

Status = Order.Status

SOLD = (Status.CONFIRMED, Status.PROCESSING, Status.SHIPPED, Status.DELIVERED)


def confirm_if_paid(order: Order) -> None:
    """In the open transaction, begin confirming a pending order that is paid for, or that costs nothing."""
    covered = order.captured_minor >= order.total_minor or order.payment_status == Order.PaymentStatus.AUTHORIZED
    if order.status == Status.PENDING and covered:
        # What is only authorised is invoiced once it is captured.
        last = [invoices.issue_invoice] if invoices.is_paid(order) else []
        add_steps(order.pk, [commit_stock, recognise_revenue, close_cart, *last])


def recognise_if_sold(order: Order) -> None:
    """In the open transaction, the order locked: one that was confirmed while it was only authorised has earned its
    revenue when the money is taken. Repeating it does nothing."""
    if order.status in SOLD and order.captured_minor >= order.total_minor:
        add_steps(order.pk, [NewStep(recognise_revenue, key="captured")])


@step
def capture_authorized(run: Run) -> None:
    """The first parcel has left: what is authorised is taken."""
    order = Order.objects.get(pk=run.aggregate_id)
    if order.payment_status == Order.PaymentStatus.AUTHORIZED:
        # Lapsed, or let go: PaymentVoided tells so, and staff have to ask for the money.
        with suppress(PaymentNotCapturable):
            payments_service.capture_payment(order_id=order.pk, purpose=ORDER, amount=None)


@step
def commit_stock(run: Run) -> None:
    """The held stock is sold; with this the order is confirmed."""
    order = Order.objects.get(pk=run.aggregate_id)
    if order.status != Status.PENDING:
        return
    catalog_service.commit_hold(order_id=order.stock_reference)
    with run.done(Order):
        order = states.lock(run.aggregate_id)
        # Cancelled meanwhile: cancelling gives back what it finds, held or sold.
        if order.status == Status.PENDING:
            _confirm(order)


@step
def recognise_revenue(run: Run) -> None:
    """Tell the ledger what the money was for."""
    order = Order.objects.get(pk=run.aggregate_id)
    # Staff may have been quick: what is shipped, or delivered, by now is sold all the same.
    if order.status in SOLD and order.captured_minor:
        payments_service.recognise_revenue(order_id=order.pk, purpose=ORDER, split=split_of(order))


@step
def close_cart(run: Run) -> None:
    """The cart has become this order; what was added to it since moves to a new one."""
    order = Order.objects.get(pk=run.aggregate_id)
    lines = order.lines.order_by("position").values_list("variant_id", "quantity")
    cart_service.close_cart(
        cart_id=order.cart_id,
        order_id=order.pk,
        lines=[OrderedLine(variant_id=variant_id, quantity=quantity) for variant_id, quantity in lines],
    )


def split_of(order: Order) -> Split:
    """An order's total over sales, tax and shipping, the last without its tax."""
    included = order.shipping_tax_minor if order.prices_include_tax else 0
    shipping = order.shipping_minor - included
    sales = order.total_minor - order.tax_minor - shipping
    parts = (Money(minor=minor, currency=order.currency) for minor in (sales, order.tax_minor, shipping))
    return Split(**dict(zip(("sales", "tax", "shipping"), parts, strict=True)))


def _confirm(order: Order) -> None:
    states.move(order, Status.CONFIRMED, confirmed_at=clock.now())
    total = Money(minor=order.total_minor, currency=order.currency)
    publish(OrderConfirmed(order_id=order.pk, number=order.number or "", customer_id=order.customer_id, total=total))
