"""Money that is only authorised: it is taken, or let go. Which of them is written down before the provider is told.

The database lets one such decision be open per payment, and one capture be carried out.
"""

from uuid import UUID

from django.db.models import F

from ecommerce.kernel import clock, driver
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.money import Money
from ecommerce.kernel.steps import NewStep, Run, add_steps, step
from modules.payments import models
from modules.payments.contracts import (
    CaptureExceedsAuthorized,
    Payment,
    PaymentNotCapturable,
    PaymentNotVoidable,
    PaymentStatus,
)
from modules.payments.logic import attempts
from modules.payments.logic.amounts import check_amount
from modules.payments.logic.books import open_book
from modules.payments.logic.providers import find_provider
from modules.payments.logic.providers.base import Observed
from modules.payments.logic.recording import record
from modules.payments.logic.records import as_contract, get_row
from modules.payments.models import Attempt, AttemptStatus, Instruction

Kind, Status = Instruction.Kind, Instruction.Status

# PayPal may look at a capture for a while before the money counts.
TAKING = (AttemptStatus.CAPTURED, AttemptStatus.PROCESSING)


def capture_payment(*, order_id: UUID, purpose: str, amount: Money | None) -> Payment:
    """Take so much of what is authorised (None: all of it), once; the rest is let go. Repeating returns how it stands.

    Raises PaymentNotFound, PaymentNotCapturable for a payment that is not authorised (also once its authorisation has
    lapsed) or of which another amount was taken, CaptureExceedsAuthorized, and Unavailable when the provider's answer
    is not known: it is asked again until it is.
    """
    payment = get_row(order_id=order_id, purpose=purpose)
    instruction = _decide_on_capture(payment, amount)
    if _is_refused(_carry_out(instruction)):
        payment.refresh_from_db()
        raise PaymentNotCapturable(status=payment.status)
    payment.refresh_from_db()
    return as_contract(payment)


def void_payment(*, payment_id: UUID) -> Payment:
    """Let the whole authorisation go; the payment is cancelled. Repeating returns how it stands.

    Raises PaymentNotVoidable for a payment that is not authorised, or of which something is being taken, and
    Unavailable when the provider's answer is not known: it is asked again until it is.
    """
    instruction = _decide_on_void(payment_id)
    if _is_refused(_carry_out(instruction)):
        raise PaymentNotVoidable(status=models.Payment.objects.get(pk=payment_id).status)
    return as_contract(models.Payment.objects.get(pk=payment_id))


@step
def carry_out_instruction(run: Run, *, instruction_id: UUID) -> None:
    """Tell the provider what was decided; the instruction's own id is the idempotency key."""
    instruction = Instruction.objects.select_related("payment").get(pk=instruction_id)
    book = open_book(instruction.payment_id)
    attempt = book.last_attempt
    observed = _tell(instruction, attempt)
    with run.done(models.Payment):
        payment = record(book, attempt.id, observed)
        done = observed.status in TAKING if instruction.kind == Kind.CAPTURE else _is_gone(payment)
        pending = Instruction.objects.filter(pk=instruction.pk, status=Status.PENDING)
        pending.update(status=Status.DONE if done else Status.REFUSED)


def _tell(instruction: Instruction, attempt: Attempt) -> Observed:
    provider, charge = find_provider(attempt.provider), attempts.charge_of(instruction.payment, attempt)
    if instruction.kind == Kind.VOID:
        return provider.cancel(charge)
    amount = Money(minor=instruction.amount_minor, currency=instruction.payment.currency)
    return provider.capture(charge, instruction.pk, amount)


def _decide_on_capture(payment: models.Payment, amount: Money | None) -> Instruction:
    if amount is not None:
        check_amount(amount)
    with atomic(models.Payment):
        payment = models.Payment.objects.select_for_update().get(pk=payment.pk)
        begun = _begun(payment)
        if begun is not None and begun.kind == Kind.CAPTURE and (amount is None or _is_about(begun, amount)):
            return begun
        if begun is not None or payment.status != PaymentStatus.AUTHORIZED:
            raise PaymentNotCapturable(status=payment.status)
        wanted = amount or Money(minor=payment.authorized_minor, currency=payment.currency)
        if wanted.currency != payment.currency or wanted.minor > payment.authorized_minor:
            raise CaptureExceedsAuthorized(authorized=payment.authorized_minor)
        return _instruct(payment, Kind.CAPTURE, wanted.minor)


def _decide_on_void(payment_id: UUID) -> Instruction:
    with atomic(models.Payment):
        payment = models.Payment.objects.select_for_update().get(pk=payment_id)
        begun = _begun(payment)
        if begun is not None and begun.kind == Kind.VOID:
            return begun
        if begun is not None or payment.status != PaymentStatus.AUTHORIZED:
            raise PaymentNotVoidable(status=payment.status)
        # From now on nobody tries again, and nothing else is begun.
        now = clock.now()
        unmarked = models.Payment.objects.filter(pk=payment.pk)
        unmarked.update(cancel_requested_at=payment.cancel_requested_at or now, version=F("version") + 1)
        return _instruct(payment, Kind.VOID, 0)


def _begun(payment: models.Payment) -> Instruction | None:
    """What was decided on already: at most one decision is open, or carried out, that forbids another."""
    decided = Instruction.objects.filter(payment=payment).exclude(status=Status.REFUSED)
    return decided.order_by("-created_at", "-id").first()


def _is_about(instruction: Instruction, amount: Money) -> bool:
    return (instruction.amount_minor, instruction.payment.currency) == (amount.minor, amount.currency)


def _instruct(payment: models.Payment, kind: Instruction.Kind, minor: int) -> Instruction:
    instruction = Instruction.objects.create(payment=payment, kind=kind, amount_minor=minor, created_at=clock.now())
    step_of_it = NewStep(carry_out_instruction, {"instruction_id": instruction.pk}, key=str(instruction.pk))
    add_steps(payment.pk, [step_of_it])
    return instruction


def _carry_out(instruction: Instruction) -> Instruction:
    def is_known() -> bool:
        instruction.refresh_from_db(fields=["status"])
        return instruction.status != Status.PENDING

    if not is_known():
        driver.drive_or_wait("payments", instruction.payment_id, is_known)
    if not is_known():
        payment = models.Payment.objects.get(pk=instruction.payment_id)
        raise Unavailable("The provider has yet to be asked for this.", dependency=payment.provider)
    return instruction


def _is_refused(instruction: Instruction) -> bool:
    return instruction.status == Status.REFUSED


def _is_gone(payment: models.Payment) -> bool:
    return payment.status in (PaymentStatus.CANCELLED, PaymentStatus.FAILED)
