"""What staff do to a payment: each act asks, shows what it comes to, and is done when that is confirmed.

Logic does it and says no where it must. Whoever sends a form twice has it done once: a refund is known by its form,
and of a payment one capture or void is carried out.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from unfold.widgets import UnfoldAdminTextInputWidget

from ecommerce.kernel.admin_acts import ActForm, Confirmation, reason_field
from ecommerce.kernel.admin_words import money, read_amount
from ecommerce.kernel.money import Money
from modules.payments.contracts import PaymentStatus
from modules.payments.logic import authorizations, refunds
from modules.payments.models import Instruction, Payment, Refund, RefundStatus


class AmountForm(ActForm):
    """How much."""

    amount = forms.CharField(max_length=30, widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}))

    def __init__(self, data: Any = None, *, most: Money) -> None:
        super().__init__(data)
        self.most = most
        self.fields["amount"].label = f"Amount in {most.currency}"
        self.fields["amount"].initial = most.amount

    def clean_amount(self) -> Money:
        try:
            return read_amount(self.cleaned_data["amount"], self.most.currency)
        except ValueError as error:
            raise ValidationError(str(error)) from error


class RefundForm(AmountForm):
    """How much, and why."""

    reason = reason_field(required=True, max_length=200)


@dataclass
class Act:
    """An act on one payment."""

    title: ClassVar[str]

    payment: Payment

    def is_offered(self) -> bool:
        """Whether the payment's state allows it now; logic judges anew."""
        return self.payment.status == PaymentStatus.AUTHORIZED

    def form(self, data: QueryDict | None = None) -> Any:
        """The form, as it is offered or as it was sent."""
        return ActForm(data)

    def sentences(self) -> list[str]:
        """What is said above the form."""
        return []

    def confirmation(self, form: Any) -> Confirmation:
        """What is asked a second time."""
        raise NotImplementedError

    def do(self, form: Any) -> str:
        """Let logic do it; what is then told. Refusals are ServiceErrors."""
        raise NotImplementedError

    def goes_on(self, form: Any) -> bool:
        """Whether it was begun, and the provider is still to be asked for it."""
        return Instruction.objects.filter(payment=self.payment, status=Instruction.Status.PENDING).exists()

    def money(self, minor: int) -> str:
        """So much of the payment's currency."""
        return money(minor, self.payment.currency)


class GiveBack(Act):
    title = "Refund"

    @property
    def left(self) -> Money:
        """What may still go back."""
        return refunds.left_to_refund(self.payment)

    def is_offered(self) -> bool:
        return self.left.minor > 0

    def form(self, data: QueryDict | None = None) -> RefundForm:
        return RefundForm(data, most=self.left)

    def sentences(self) -> list[str]:
        return [
            f"{self.left} of {self.money(self.payment.captured_minor)} are left.",
            "It is money alone: the order's goods, its shipping and its documents stay as they are.",
            "What belongs to goods is refunded on the order's own page.",
        ]

    def confirmation(self, form: Any) -> Confirmation:
        amount: Money = form.cleaned_data["amount"]
        said = [f"{amount} go back to the buyer by {self.payment.provider}."]
        if amount <= self.left:
            said.append(f"{self.left - amount} are left after it.")
        return Confirmation(sentences=[*said, f"Why: {form.cleaned_data['reason']}"], button=f"Give {amount} back")

    def do(self, form: Any) -> str:
        amount: Money = form.cleaned_data["amount"]
        refunds.refund_order(
            order_id=self.payment.order_id,
            purpose=self.payment.purpose,
            reference=form.claim_id(self.payment.pk),
            amount=amount,
            split=refunds.split_of_rest(self.payment, amount),
            reason=form.cleaned_data["reason"],
        )
        return f"{amount} are given back."

    def goes_on(self, form: Any) -> bool:
        mine = Refund.objects.filter(payment=self.payment, reference=form.claim_id(self.payment.pk))
        return mine.filter(status=RefundStatus.PENDING).exists()


class Take(Act):
    title = "Capture"

    @property
    def authorized(self) -> Money:
        """What may be taken."""
        return Money(minor=self.payment.authorized_minor, currency=self.payment.currency)

    def form(self, data: QueryDict | None = None) -> AmountForm:
        return AmountForm(data, most=self.authorized)

    def sentences(self) -> list[str]:
        return [
            f"{self.authorized} are authorised.",
            "It is done once. An order's payment is else taken by itself, when its first parcel leaves.",
        ]

    def confirmation(self, form: Any) -> Confirmation:
        amount: Money = form.cleaned_data["amount"]
        said = [f"{amount} are taken from the buyer by {self.payment.provider}."]
        if amount < self.authorized:
            said.append(f"{self.authorized - amount} are let go, and cannot be taken any more.")
        return Confirmation(sentences=said, button=f"Take {amount}")

    def do(self, form: Any) -> str:
        amount: Money = form.cleaned_data["amount"]
        payment = self.payment
        authorizations.capture_payment(order_id=payment.order_id, purpose=payment.purpose, amount=amount)
        return f"{amount} are taken."


class LetGo(Act):
    title = "Void"

    def sentences(self) -> list[str]:
        return [f"{self.money(self.payment.authorized_minor)} are authorised, and nothing is taken yet."]

    def confirmation(self, form: Any) -> Confirmation:
        amount = self.money(self.payment.authorized_minor)
        said = [f"{amount} are let go, and the payment is cancelled.", "They cannot be taken any more."]
        return Confirmation(sentences=said, button=f"Let {amount} go")

    def do(self, form: Any) -> str:
        authorizations.void_payment(payment_id=self.payment.pk)
        return "The authorisation is let go."


ACTS: dict[str, type[Act]] = {"refund": GiveBack, "capture": Take, "void": LetGo}
