"""Beginning to collect an order's money."""

from datetime import datetime
from uuid import UUID

from ecommerce.kernel import clock
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from modules.payments.contracts import Payment, PaymentClosed, PaymentStatus, Split
from modules.payments.logic import attempts
from modules.payments.logic.amounts import check_amount, check_split
from modules.payments.logic.books import new_book, open_book
from modules.payments.logic.inserting import insert_pair
from modules.payments.logic.providers import find_provider
from modules.payments.logic.records import as_contract, find_row
from modules.payments.logic.saved_methods import find_customer
from modules.payments.models import Attempt
from modules.payments.models import Payment as PaymentRow

# A payment that was to be cancelled and stands at one of these has taken nothing, and will not.
NOTHING_TAKEN = (PaymentStatus.PENDING, PaymentStatus.REQUIRES_ACTION, PaymentStatus.FAILED, PaymentStatus.CANCELLED)


def start_payment(
    *,
    order_id: UUID,
    purpose: str,
    amount: Money,
    split: Split,
    provider: str,
    method: str | None,
    payer_id: UUID | None,
    token_hash: str,
    payable_until: datetime,
    captures_later: bool = False,
) -> Payment:
    """Begin to collect this money, once per order and purpose; repeating it returns the same payment.

    With `captures_later` it is only authorised, until capture_payment. A decline is a payment with status failed.
    Raises PaymentClosed once it was cancelled, ProviderNotAvailable, MethodNotAvailable, AmountNotChargeable,
    SplitMismatch, ProviderUnreachable when nothing was asked of the provider, and Unavailable when its answer is not
    known: repeat it.
    """
    check_amount(amount)
    check_split(split, amount.minor, amount.currency)
    asked = find_provider(provider)
    method = asked.method_for(method)
    asked.check_amount(amount)
    now = clock.now()
    payment = PaymentRow(
        id=new_id(),
        order_id=order_id,
        purpose=purpose,
        provider=provider,
        currency=amount.currency,
        amount_minor=amount.minor,
        sales_minor=split.sales.minor,
        tax_minor=split.tax.minor,
        shipping_minor=split.shipping.minor,
        payer_id=payer_id,
        token_hash=token_hash,
        payable_until=payable_until,
        captures_later=captures_later,
        created_at=now,
    )
    customer = find_customer(payer_id, provider)
    attempt = Attempt(payment=payment, provider=provider, method=method, customer=customer, created_at=now)
    # Committed before the provider is called: whatever happens then, the attempt's id finds it.
    is_new = insert_pair(payment, attempt)
    row = attempts.begin(new_book(payment, attempt)) if is_new else _resume(order_id, purpose)
    if row.status == PaymentStatus.CANCELLED:
        raise PaymentClosed
    return as_contract(row)


def _resume(order_id: UUID, purpose: str) -> PaymentRow:
    """The payment that is there; where the provider's answer was lost, it is asked again with the same key."""
    row = find_row(order_id=order_id, purpose=purpose)
    if row is None or (row.cancel_requested_at is not None and row.status in NOTHING_TAKEN):
        raise PaymentClosed
    if row.status != PaymentStatus.PENDING:
        return row
    book = open_book(row.id)
    return attempts.begin_again(book) if attempts.is_unanswered(book.last_attempt) else book.payment
