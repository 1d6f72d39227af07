"""What staff do to an order: each act has a page that asks, and is done once that is confirmed.

Logic does it, each act in transactions of its own, and says no where it must. What its answer shows as allowed is
offered; whoever sends a form twice has it done once, since logic knows the form again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from django.http import QueryDict

from ecommerce.kernel.errors import Conflict, Unavailable
from modules.orders.admin import words
from modules.orders.admin.act_forms import ActForm, CancelForm, PortionsForm, ShipForm
from modules.orders.admin.links import Link, of_act
from modules.orders.logic import cancellation, shipments
from modules.orders.logic.actions import allowed_actions
from modules.orders.logic.fulfilment import split_orders
from modules.orders.logic.locations import FromLocation
from modules.orders.logic.portions import left_to_cancel, left_to_ship, lines_of
from modules.orders.models import Order, OrderLine, Shipment
from modules.users.contracts import Scope

UNKNOWN_PLACES = "Where its stock lies is not known just now: catalog does not answer."


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """What is asked once more before it is done: said in sentences, and what is sent along as seen."""

    sentences: Sequence[str]
    button: str
    seen: str = ""


@dataclass
class Act:
    """An act on one order, or on a shipment or a return of it."""

    title: ClassVar[str]
    button: ClassVar[str]
    scope: ClassVar[str] = Scope.ORDERS_WRITE
    # What logic's answer calls it.
    action: ClassVar[str] = ""
    form_class: ClassVar[type[ActForm]] = ActForm

    order: Order
    actor: str
    # The shipment, the return or the location, where it is about one.
    about: UUID | None = None
    lines: list[OrderLine] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lines = lines_of(self.order)

    def is_offered(self) -> bool:
        """Whether the order's state allows it now; logic judges anew."""
        return self.action in allowed_actions(self.order, self.lines, is_staff=True)

    def form(self, data: QueryDict | None = None) -> Any:
        """The form, empty or as it was sent."""
        return self.form_class(data)

    def sentences(self) -> list[str]:
        """What is said above the form."""
        return []

    def ways(self) -> list[tuple[Link, str]]:
        """What may be done instead, each on a page of its own, and what it is about."""
        return []

    def confirmation(self, form: Any) -> Confirmation | None:
        """What is asked a second time; None where the form's own button is enough."""
        return None

    def do(self, form: Any) -> str:
        """Let logic do it; what is then told. Refusals are ServiceErrors."""
        # Each act has its own; one without it fails here, not in silence.
        raise NotImplementedError

    @property
    def part_id(self) -> UUID:
        """The shipment or the return that the act's address names."""
        assert self.about is not None  # noqa: S101  (acts on parts have such addresses)
        return self.about

    def claim_id(self, form: ActForm) -> UUID:
        """What logic knows this act by, if it is sent again."""
        return form.claim_id(self.order.pk)


class Ship(Act):
    title, button, action = "Ship", "Ship", "ship"

    def form(self, data: QueryDict | None = None) -> PortionsForm:
        return ShipForm(data, lines=self.lines, left=left_to_ship)

    def sentences(self) -> list[str]:
        return [] if self.places is not None else [UNKNOWN_PLACES]

    def ways(self) -> list[tuple[Link, str]]:
        """To what is left at each location, where it was taken from more than one."""
        known = [(one.location, one.portions) for one in self.places or [] if one.location]
        return [
            (of_act("ship_from", location.name, self.order, location.id), words.units(portions))
            for location, portions in known
        ]

    def do(self, form: Any) -> str:
        cleaned = form.cleaned_data
        wish = shipments.ShipmentWish(
            asked=form.asked(),
            carrier=cleaned["carrier"],
            tracking_number=cleaned["tracking_number"],
            location_id=self.about,
        )
        order = shipments.ship(self.order.pk, wish, actor=self.actor, claim_id=self.claim_id(form))
        return f"The parcel is noted; the order is {words.spaced(order.status)}."

    @cached_property
    def places(self) -> list[FromLocation] | None:
        """What is left by location: nothing where all was taken from one; None while catalog does not answer."""
        try:
            return split_orders([self.order], {self.order.pk: self.lines}).get(self.order.pk, [])
        except Unavailable:
            return None


class ShipFrom(Ship):
    """The same of what is left at one location, which the address names."""

    title = "Ship from one location"

    def is_offered(self) -> bool:
        return super().is_offered() and (self.places is None or self._here is not None)

    def form(self, data: QueryDict | None = None) -> PortionsForm:
        return ShipForm(data, lines=self.lines, left=self._here.quantity_of if self._here else left_to_ship)

    def sentences(self) -> list[str]:
        here = [f"From {self._here.location.name}."] if self._here and self._here.location else []
        return [*super().sentences(), *here]

    def ways(self) -> list[tuple[Link, str]]:
        return []

    def do(self, form: Any) -> str:
        try:
            return super().do(form)
        except Unavailable as unknown:
            # Catalog is asked before anything is written: unlike a refund, this does not go on by itself.
            raise Conflict(f"{unknown.detail} Nothing was shipped.") from unknown

    @property
    def _here(self) -> FromLocation | None:
        return next((one for one in self.places or [] if one.location and one.location.id == self.about), None)


class Deliver(Act):
    title, button, action = "Note that the parcel has arrived", "It has arrived", "deliver"

    def is_offered(self) -> bool:
        on_the_way = Shipment.objects.filter(order=self.order, pk=self.part_id, status=Shipment.Status.SHIPPED)
        return super().is_offered() and on_the_way.exists()

    def sentences(self) -> list[str]:
        shipment = Shipment.objects.filter(order=self.order, pk=self.part_id).first()
        return [f"{shipment.carrier} {shipment.tracking_number}".strip()] if shipment else []

    def do(self, form: Any) -> str:
        order = shipments.deliver(self.order.pk, self.part_id, actor=self.actor)
        return f"The parcel has arrived; the order is {words.spaced(order.status)}."


class Cancel(Act):
    title, button, action = "Cancel", "Cancel it", "cancel"

    def form(self, data: QueryDict | None = None) -> PortionsForm:
        return CancelForm(data, lines=self.lines if self._by_line() else [], left=left_to_cancel)

    def sentences(self) -> list[str]:
        if self.order.status == Order.Status.PROCESSING:
            return ["What was sent stays sold. These units are refunded and go back on the shelf."]
        whole = "The whole order is called off: its stock is free again, and what was paid is given back."
        some = "All that is left is the whole order. Fewer units are refunded and go back on the shelf."
        return [some if self._by_line() else whole]

    def do(self, form: Any) -> str:
        asked = form.asked() if self._by_line() else None
        wish = cancellation.CancelWish(asked=asked, reason=form.cleaned_data["reason"])
        order = cancellation.cancel(self.order.pk, wish, actor=self.actor, claim_id=self.claim_id(form))
        return "The order is cancelled." if order.status == Order.Status.CANCELLED else "The units are called off."

    def _by_line(self) -> bool:
        """Units of what is not paid yet are not called off."""
        return self.order.status in shipments.SHIPPABLE
