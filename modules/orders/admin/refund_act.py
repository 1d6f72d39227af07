"""Staff give money back: what it comes to is shown first, and given only if it is still that."""

from typing import Any

from django.http import QueryDict

from ecommerce.kernel.money import Money
from modules.orders.admin import words
from modules.orders.admin.act_forms import RefundForm
from modules.orders.admin.acts import Act, Confirmation
from modules.orders.logic import refunds
from modules.orders.logic.portions import left_to_refund
from modules.orders.logic.refund_lines import Draft
from modules.orders.logic.refunds import RefundWish
from modules.users.contracts import Scope


class GiveBack(Act):
    title, button, action = "Refund", "Show what it comes to", "refund"
    scope = Scope.ORDERS_REFUND

    def form(self, data: QueryDict | None = None) -> RefundForm:
        return RefundForm(data, lines=self.lines, left=left_to_refund, currency=self.order.currency)

    def sentences(self) -> list[str]:
        left = refunds.left_to_give_back(self.order)
        return [f"{words.money(left, self.order)} of {words.money(self.order.captured_minor, self.order)} are left."]

    def confirmation(self, form: Any) -> Confirmation:
        wish = self._wish(form)
        draft = refunds.preview(self.order.pk, wish)
        amount = Money(minor=draft.amount, currency=self.order.currency)
        return Confirmation(sentences=self._told(draft, wish), button=f"Give {amount} back", seen=amount.amount)

    def do(self, form: Any) -> str:
        wish = self._wish(form)
        refunds.refund(self.order.pk, wish, actor=self.actor, claim_id=self.claim_id(form))
        return f"{wish.expected} are given back."

    def _wish(self, form: Any) -> RefundWish:
        cleaned = form.cleaned_data
        return RefundWish(
            amount=cleaned["amount"],
            asked=form.asked() or None,
            shipping=cleaned["shipping"],
            reason=cleaned["reason"],
            restock=cleaned["restock"],
            expected=cleaned["seen"],
        )

    def _told(self, draft: Draft, wish: RefundWish) -> list[str]:
        def money(minor: int) -> str:
            return words.money(minor, self.order)

        left = refunds.left_to_give_back(self.order)
        said = [f"{money(draft.amount)} go back to the buyer, {money(draft.tax)} of it tax."]
        units = [item for item in draft.items if item.quantity]
        said += [f"{item.quantity} × {words.title(item.line)}: {money(item.amount_minor)}" for item in units]
        if draft.shipping.amount:
            said.append(f"Shipping: {money(draft.shipping.amount)}")
        if cancelled := sum(item.cancelled for item in draft.items):
            said.append(f"{cancelled} of them were not shipped, and will not be.")
        if wish.asked:
            said.append("The units go back on the shelf." if wish.restock else "The units do not go back on the shelf.")
        return [*said, f"{money(left - draft.amount)} are left after it.", f"Why: {wish.reason}"]
