"""The forms of what staff do to an order."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from modules.orders.admin import words
from modules.orders.logic.carriers import PAGES
from modules.orders.logic.portions import Asked
from modules.orders.models import OrderLine

Left = Callable[[OrderLine], int]
CARRIERS = sorted(PAGES, key=str.lower)
# What is sent with a form and is no part of what it asks for.
BESIDE = frozenset({"csrfmiddlewaretoken", "confirm", "change"})


def reason_field(*, required: bool) -> forms.CharField:
    """Why something is done."""
    return forms.CharField(max_length=500, required=required, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}))


def carrier_field() -> forms.CharField:
    """Who brings the parcel; CARRIERS are proposed by the page."""
    return forms.CharField(
        max_length=40,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"list": "carriers"}),
        help_text="With one that is known here the buyer gets a link to follow the parcel.",
    )


def goods_field(*, required: bool) -> forms.CharField:
    """Goods, by SKU."""
    return forms.CharField(
        required=required,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        label="Goods",
        help_text="One SKU a line, and behind it how many: SHIRT-L 2",
    )


class ActForm(forms.Form):
    """One rendering of a form is one act: sent twice, it does nothing twice."""

    form_id = forms.UUIDField(widget=forms.HiddenInput(), initial=new_id)

    def claim_id(self, about: object) -> UUID:
        """What logic knows the act by: this form, filled in like this, about that order."""
        assert isinstance(self.data, QueryDict)  # noqa: S101  (a form that was sent)
        sent = sorted((name, *values) for name, values in self.data.lists() if name not in BESIDE)
        return uuid5(self.cleaned_data["form_id"], f"{about} {sent}")


class ReasonForm(ActForm):
    """Why."""

    reason = reason_field(required=False)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the order, and the field for how many of it."""

    line: OrderLine
    title: str
    left: int
    field: forms.BoundField


class PortionsForm(ActForm):
    """So many units of each line; a line of which none is left is not shown."""

    # Whether all that is left is asked for unless somebody says otherwise.
    takes_all = True

    def __init__(self, data: Any = None, *, lines: Sequence[OrderLine], left: Left, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.lines, self.left = lines, {line.pk: left(line) for line in lines}
        for line in lines:
            # How many there may be is for logic to judge: a form that is sent again finds fewer left.
            widget = UnfoldAdminIntegerFieldWidget(attrs={"min": 0, "max": self.left[line.pk], "style": "width: 6rem"})
            initial = self.left[line.pk] if self.takes_all else 0
            self.fields[_name(line)] = forms.IntegerField(
                min_value=0, max_value=999_999, required=False, widget=widget, initial=initial, label=words.title(line)
            )

    def rows(self) -> list[Row]:
        """The lines that are asked about."""
        shown = [line for line in self.lines if self.left[line.pk] or self[_name(line)].errors]
        return [
            Row(line=line, title=words.title(line), left=self.left[line.pk], field=self[_name(line)]) for line in shown
        ]

    def others(self) -> list[forms.BoundField]:
        """The fields besides those of the lines."""
        of_lines = {_name(line) for line in self.lines}
        return [field for field in self.visible_fields() if field.name not in of_lines]

    def asked(self) -> list[Asked]:
        """The units that are asked for."""
        quantities = [(line.pk, self.cleaned_data.get(_name(line)) or 0) for line in self.lines]
        return [Asked(line_id=line_id, quantity=quantity) for line_id, quantity in quantities if quantity]


class ShipForm(PortionsForm):
    """What is sent, by whom, under which number."""

    carrier = carrier_field()
    tracking_number = forms.CharField(max_length=100, required=False, widget=UnfoldAdminTextInputWidget())
    carriers = CARRIERS


class CancelForm(PortionsForm):
    """What is called off."""

    reason = reason_field(required=False)


class ReturnForm(PortionsForm):
    """What the buyer sends back."""

    takes_all = False
    reason = reason_field(required=True)


class ReceiveForm(ActForm):
    """What becomes of what came back."""

    restock = forms.BooleanField(
        required=False,
        initial=True,
        widget=UnfoldBooleanWidget(),
        label="Put it back on the shelf",
        help_text="As good as new; left out, it counts as lost.",
    )


class RefundForm(PortionsForm):
    """What is given back: an amount, or units and the shipping."""

    takes_all = False
    amount = forms.CharField(
        max_length=30,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}),
        help_text="A part of the price of everything; or say above how many units.",
    )
    shipping = forms.BooleanField(
        required=False, widget=UnfoldBooleanWidget(), label="With what is left of the shipping"
    )
    restock = forms.BooleanField(required=False, widget=UnfoldBooleanWidget(), label="The units are on the shelf again")
    reason = reason_field(required=True)
    # What was shown before it was confirmed, so that nothing else is given back.
    seen = forms.CharField(max_length=30, required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.fields["amount"].label = f"Amount in {currency}"

    def clean_amount(self) -> Money | None:
        text = self.cleaned_data["amount"]
        try:
            return words.read_amount(text, self.currency) if text else None
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def clean_seen(self) -> Money | None:
        return read_seen(self.cleaned_data["seen"], self.currency)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        by_amount, by_parts = cleaned.get("amount") is not None, bool(self.asked()) or cleaned.get("shipping", False)
        if by_amount == by_parts and not self.errors:
            self.add_error(None, "Give an amount, or units and the shipping: one of them.")
        if cleaned.get("restock") and not self.asked():
            self.add_error("restock", "Only units are put on the shelf.")
        return cleaned


class GoodsForm(ActForm):
    """Goods that are added, by SKU."""

    add = goods_field(required=False)
    restock = forms.BooleanField(
        required=False, initial=True, widget=UnfoldBooleanWidget(), label="What comes off goes on the shelf"
    )
    reason = reason_field(required=False)
    # What was left to pay when it was shown.
    seen = forms.CharField(max_length=30, required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency

    def clean_add(self) -> dict[str, int]:
        return read_goods(self.cleaned_data["add"])

    def clean_seen(self) -> Money | None:
        return read_seen(self.cleaned_data["seen"], self.currency)


class ExchangeForm(GoodsForm):
    """What is sent instead of what came back."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["add"].required = True


class EditForm(GoodsForm, PortionsForm):
    """What is added, and what is taken off."""

    takes_all = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not (self.errors or cleaned.get("add") or self.asked()):
            self.add_error(None, "Add something, or take something off.")
        return cleaned


def read_goods(text: str) -> dict[str, int]:
    """How many of which SKU."""
    wanted: Counter[str] = Counter()
    for line in text.splitlines():
        sku, _, quantity = line.strip().rpartition(" ")
        if not sku and quantity:
            sku, quantity = quantity, "1"
        if sku and not (quantity.isdecimal() and 0 < int(quantity) < 1_000_000):
            raise ValidationError(f"“{line.strip()}”: write a SKU, a space and how many.")
        if sku:
            wanted[sku.strip()] += int(quantity)
    return dict(wanted)


def read_seen(text: str, currency: str) -> Money | None:
    """An amount that was sent along as it was shown; None where nothing was."""
    try:
        return Money.parse(text, currency) if text else None
    except ValueError as error:
        raise ValidationError("Look at it again.") from error


def _name(line: OrderLine) -> str:
    return f"quantity_{line.pk}"
