"""The parcels, returns and refunds of an order as its page shows them, with what may be done about each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from modules.orders.admin import papers, words
from modules.orders.admin.links import Link, of_act
from modules.orders.logic import returns
from modules.orders.logic.carriers import tracking_url
from modules.orders.models import Order, OrderEdit, Refund, Return, Shipment
from modules.users.contracts import Scope

OF_RETURNS = (
    ("approve", "Approve", Return.Status.APPROVED, Scope.ORDERS_WRITE),
    ("receive", "Receive", Return.Status.RECEIVED, Scope.ORDERS_REFUND),
    ("exchange", "Exchange", Return.Status.RECEIVED, Scope.ORDERS_REFUND),
    ("reject", "Reject", Return.Status.REJECTED, Scope.ORDERS_WRITE),
)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A shipment, a return or a refund: where it stands, what is told of it, what lies in it."""

    status: str
    told: Sequence[str]
    items: Sequence[str]
    links: Sequence[Link] = ()
    tracking: Link | None = None

    @property
    def colour(self) -> str:
        return words.COLOURS.get(self.status, "")


@dataclass(frozen=True)
class Parts:
    """Makes them for one order and one member of staff."""

    order: Order
    # By the lines' ids, as the lines stand on the order.
    titles: dict[UUID, str]
    allowed: Sequence[str]
    user: Any

    def shipment(self, shipment: Shipment) -> Part:
        """A parcel; whether it has arrived is noted as long as the order's state allows that."""
        page = tracking_url(shipment.carrier, shipment.tracking_number)
        number = f"{shipment.carrier} {shipment.tracking_number}".strip()
        moments = _moments(("sent", shipment.shipped_at), ("arrived", shipment.delivered_at))
        return Part(
            status=shipment.status,
            told=[*([] if page else filter(None, [number])), *moments, *_origin(shipment)],
            items=self._items(shipment.items.all()),
            links=[*self._arrival(shipment), papers.of_shipment(self.order, shipment)],
            tracking=Link(title=number, href=page) if page else None,
        )

    def returned(self, wanted: Return) -> Part:
        """A return, with what may become of it."""
        moves = returns.MOVES[Return.Status(wanted.status)]
        offered = [one for one in OF_RETURNS if one[2] in moves and self.user.has_perm(one[3])]
        moments = _moments(
            ("asked for", wanted.requested_at), ("decided", wanted.decided_at), ("received", wanted.received_at)
        )
        return Part(
            status=wanted.status,
            told=[*moments, *filter(None, [wanted.answer])],
            items=self._items(wanted.items.all()),
            links=[of_act(name, title, self.order, wanted.pk) for name, title, *_ in offered],
        )

    def refund(self, refund: Refund) -> Part:
        """Money that was given back, or was to be."""
        amount, tax = (words.money(minor, self.order) for minor in (refund.amount_minor, refund.tax_minor))
        shipping = [f"shipping {words.money(refund.shipping_minor, self.order)}"] if refund.shipping_minor else []
        by_whom = f"{words.moment(refund.created_at)} UTC, {words.actor(refund.actor, self.order)}"
        why = filter(None, [refund.reason, (refund.refusal or {}).get("detail", "")])
        return Part(
            status=refund.status,
            told=[f"{amount}, {tax} of it tax", *shipping, by_whom, *why],
            items=self._items(item for item in refund.items.all() if item.quantity),
        )

    def edit(self, edit: OrderEdit) -> Part:
        """What was changed, or is to be once it is paid."""
        sums = [("due", edit.due_minor), ("given back", edit.back_minor), ("set off", edit.set_off_minor)]
        added = [f"added {line.quantity} × {words.title(line)}" for line in edit.lines.all()]
        off = [f"off {one['quantity']} × {self.titles[UUID(one['line_id'])]}" for one in edit.removed]
        by_whom = f"{words.moment(edit.created_at)} UTC, {words.actor(edit.actor, self.order)}"
        why = filter(None, [edit.reason, (edit.refusal or {}).get("detail", "")])
        may_end = edit.status in OrderEdit.OPEN and self.user.has_perm(Scope.ORDERS_WRITE)
        return Part(
            status=edit.status,
            told=[*(f"{name} {words.money(minor, self.order)}" for name, minor in sums if minor), by_whom, *why],
            items=[*added, *off],
            links=[of_act("call_off_edit", "Call it off", self.order, edit.pk)] if may_end else [],
        )

    def _arrival(self, shipment: Shipment) -> Iterator[Link]:
        is_on_its_way = shipment.status == Shipment.Status.SHIPPED and "deliver" in self.allowed
        if is_on_its_way and self.user.has_perm(Scope.ORDERS_WRITE):
            yield of_act("deliver", "It has arrived", self.order, shipment.pk)

    def _items(self, items: Any) -> list[str]:
        texts, positions = [], list(self.titles)
        for item in sorted(items, key=lambda item: positions.index(item.line_id)):
            reason = getattr(item, "reason", "")
            texts.append(f"{item.quantity} × {self.titles[item.line_id]}{f': {reason}' if reason else ''}")
        return texts


def _origin(shipment: Shipment) -> list[str]:
    return [f"from {shipment.location_name}"] if shipment.location_name else []


def _moments(*named: tuple[str, Any]) -> list[str]:
    return [f"{name} {words.moment(at)} UTC" for name, at in named if at]
