"""What staff do about what buyers send back."""

from typing import Any, ClassVar

from django.http import QueryDict

from modules.orders.admin import words
from modules.orders.admin.act_forms import PortionsForm, ReasonForm, ReceiveForm, ReturnForm
from modules.orders.admin.acts import Act
from modules.orders.logic import returns
from modules.orders.models import Return
from modules.users.contracts import Scope


class AskForReturn(Act):
    title, button, action = "Ask for a return on behalf of the buyer", "Ask for it", "return"

    def form(self, data: QueryDict | None = None) -> PortionsForm:
        return ReturnForm(data, lines=self.lines, left=returns.left_to_return(self.order))

    def do(self, form: Any) -> str:
        reason = form.cleaned_data["reason"]
        items = [returns.AskedBack(line_id=one.line_id, quantity=one.quantity, reason=reason) for one in form.asked()]
        claim_id = self.claim_id(form)
        returns.request_return(self.order.pk, items, actor=self.actor, by_staff=True, claim_id=claim_id)
        return "The return is asked for."


class ReturnAct(Act):
    """An act on one return of the order."""

    to: ClassVar[Return.Status]

    def is_offered(self) -> bool:
        wanted = self._wanted()
        return wanted is not None and self.to in returns.MOVES[Return.Status(wanted.status)]

    def sentences(self) -> list[str]:
        wanted = self._wanted()
        titles = {line.pk: words.title(line) for line in self.lines}
        items = wanted.items.order_by("id") if wanted else []
        return [f"{item.quantity} × {titles[item.line_id]}: {item.reason or 'no reason given'}" for item in items]

    def _wanted(self) -> Return | None:
        return Return.objects.filter(order=self.order, pk=self.part_id).first()


class Approve(ReturnAct):
    title, button, to = "Approve the return", "Approve it", Return.Status.APPROVED

    def do(self, form: Any) -> str:
        returns.approve_return(self.order.pk, self.part_id, actor=self.actor)
        return "The return is approved."


class Reject(ReturnAct):
    title, button, to = "Reject the return", "Reject it", Return.Status.REJECTED
    form_class = ReasonForm

    def do(self, form: Any) -> str:
        answer = form.cleaned_data["reason"]
        returns.reject_return(self.order.pk, self.part_id, answer=answer, actor=self.actor)
        return "The return is rejected."


class Receive(ReturnAct):
    title, button, to = "Receive the return", "It is here", Return.Status.RECEIVED
    scope = Scope.ORDERS_REFUND
    form_class = ReceiveForm

    def sentences(self) -> list[str]:
        return [*super().sentences(), "Its share of the price is given back, without the shipping."]

    def do(self, form: Any) -> str:
        restock = form.cleaned_data["restock"]
        returns.receive_return(self.order.pk, self.part_id, restock=restock, actor=self.actor)
        return "The return is received."
