"""Staff change what a paid order is made of, and exchange what comes back: shown first, then begun."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.http import QueryDict

from modules.orders.admin import words
from modules.orders.admin.act_forms import EditForm, ExchangeForm
from modules.orders.admin.acts import Act, Confirmation
from modules.orders.admin.return_acts import ReturnAct
from modules.orders.logic import edits, goods, tokens
from modules.orders.logic.edits import EditWish, Proposal
from modules.orders.logic.portions import left_to_cancel
from modules.orders.models import Order, OrderEdit, Return
from modules.users.contracts import Scope

PAYABLE_FOR = timedelta(days=7)


class ChangingAct(Act):
    """What is added is typed by SKU; what is taken off is each act's own."""

    button = "Show what it comes to"

    def taken_off(self, form: Any) -> dict[str, Any]:
        """The fields of the wish that say so."""
        # Each act has its own; one without it fails here, not in silence.
        raise NotImplementedError

    def confirmation(self, form: Any) -> Confirmation:
        proposal = edits.preview_edit(self.order.pk, self._wish(form))
        due = edits.due_of(proposal.edit)
        button = f"{self.title}, and charge {due}" if due else self.title
        return Confirmation(sentences=list(_told(self.order, proposal)), button=button, seen=due.amount)

    def do(self, form: Any) -> str:
        edit = edits.begin_edit(self.order.pk, self._wish(form), actor=self.actor, claim_id=self.claim_id(form))
        if edit.status == OrderEdit.Status.APPLIED:
            return "The order is changed."
        return f"It takes effect when {edits.due_of(edit)} are paid, by this link: {tokens.link(edit.order)}"

    def _wish(self, form: Any) -> EditWish:
        cleaned = form.cleaned_data
        return EditWish(
            add=goods.find_by_sku(cleaned["add"], self.order.currency),
            restock=cleaned["restock"],
            reason=cleaned["reason"],
            payable_for=PAYABLE_FOR,
            expected_due=cleaned["seen"],
            **self.taken_off(form),
        )


class Edit(ChangingAct):
    title, action = "Edit", "edit"

    def form(self, data: QueryDict | None = None) -> EditForm:
        return EditForm(data, lines=self.lines, left=left_to_cancel, currency=self.order.currency)

    def sentences(self) -> list[str]:
        return ["Take units off, add goods at today's prices, or both: the difference is charged, or goes back."]

    def taken_off(self, form: Any) -> dict[str, Any]:
        return {"remove": form.asked()}


class Exchange(ChangingAct, ReturnAct):
    title, to = "Exchange", Return.Status.RECEIVED
    scope = Scope.ORDERS_REFUND

    def form(self, data: QueryDict | None = None) -> ExchangeForm:
        return ExchangeForm(data, currency=self.order.currency)

    def sentences(self) -> list[str]:
        return [*super().sentences(), "It is here, and pays for what is sent instead."]

    def taken_off(self, form: Any) -> dict[str, Any]:
        return {"return_id": self.part_id}


class CallOff(Act):
    title, button = "Call the edit off", "Call it off"

    def is_offered(self) -> bool:
        return OrderEdit.objects.filter(order=self.order, pk=self.part_id, status__in=OrderEdit.OPEN).exists()

    def sentences(self) -> list[str]:
        return ["What is held for it is let go; what was paid for it goes back."]

    def do(self, form: Any) -> str:
        edits.call_off_edit(self.order.pk, self.part_id, actor=self.actor)
        return "The edit is called off."


def _told(order: Order, proposal: Proposal) -> Iterator[str]:
    edit = proposal.edit

    def money(minor: int) -> str:
        return words.money(minor, order)

    if edit.due_minor:
        yield f"{money(edit.due_minor)} are left to pay: it takes effect when they are paid."
    elif edit.back_minor:
        yield f"{money(edit.back_minor)} go back to the buyer."
    else:
        yield "No money moves."
    for item in proposal.removed:
        yield f"Off: {item.quantity} × {words.title(item.line)}, {money(item.amount_minor)}"
    for line in proposal.lines:
        yield f"Added: {line.quantity} × {words.title(line)}, {money(line.total_minor)}"
    if edit.removed:
        yield "What comes off goes on the shelf." if edit.restock else "What comes off does not go on the shelf."
