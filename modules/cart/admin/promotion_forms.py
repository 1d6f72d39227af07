"""A promotion as a form: what is typed goes to logic as the API would give it, and is judged by the same rules."""

from collections.abc import Iterable
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from ecommerce.kernel.admin_pages import LinesField
from modules.cart.admin import lines
from modules.cart.admin.words import KINDS
from modules.cart.api.promotions import PromotionChanges
from modules.cart.contracts import PromotionKind as Kind
from modules.cart.logic import promotions
from modules.cart.logic.promotion_values import written
from modules.cart.models import Promotion

# What a promotion takes only if it is of such a kind; elsewhere it is neither shown nor read.
OF_KINDS = {
    "value": (Kind.PERCENTAGE, Kind.FIXED, Kind.BUY_X_GET_Y),
    "buy_quantity": (Kind.BUY_X_GET_Y,),
    "get_quantity": (Kind.BUY_X_GET_Y,),
    "tiers": (Kind.TIERED,),
}
WRITTEN = (
    "title", "value", "currency", "minimum_subtotal", "buy_quantity", "get_quantity", "tiers", "product_ids",
    "category_ids", "starts_at", "ends_at", "usage_limit", "usage_limit_per_customer", "stackable", "priority",
)  # fmt: skip
_TIMES = ("starts_at", "ends_at")


def _line(help_text: str, length: int) -> forms.CharField:
    return forms.CharField(required=False, max_length=length, widget=UnfoldAdminTextInputWidget(), help_text=help_text)


class PromotionForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A promotion; the version that staff have seen comes along, so that nobody's change is undone unseen."""

    code = _line("Letters, digits, - and _; compared without case. Without one it applies by itself.", 50)
    value = _line("Percent: 10 is 10 %; or an amount: 5.00. Of the units that are given: 100 when left out.", 24)
    minimum_subtotal = _line("Of the whole cart before discounts: 50.00.", 24)
    tiers = LinesField(lines.read_tiers, rows=3, help_text=lines.TIERS_HELP)
    product_ids = LinesField(lines.read_products, rows=3, help_text=lines.PRODUCTS_HELP, label="Products")
    category_ids = LinesField(lines.read_ids, rows=3, help_text=lines.CATEGORIES_HELP, label="Categories")
    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput())

    class Meta:
        model = Promotion
        fields = [
            "title", "kind", "currency", "buy_quantity", "get_quantity", "starts_at", "ends_at", "usage_limit",
            "usage_limit_per_customer", "stackable", "priority",
        ]  # fmt: skip
        labels = {"usage_limit": "Orders at most", "usage_limit_per_customer": "Of each customer at most"}
        help_texts = {
            "kind": "It cannot be changed afterwards.",
            "currency": "EUR. Of an amount and of a minimum; with these it is for carts in this currency only.",
            "starts_at": "UTC. At once when left out.",
            "ends_at": "UTC. From then on it is offered no more.",
            "usage_limit_per_customer": "Of each account, or e-mail address.",
            "stackable": "Taken together with others; else alone, where it takes off more than they do.",
            "priority": "The higher is taken first.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "kind" not in self.fields:
            return  # only to be looked at
        self.fields["kind"] = forms.ChoiceField(
            choices=list(KINDS.items()), widget=self.fields["kind"].widget, help_text=self.fields["kind"].help_text
        )
        self.is_new = self.instance._state.adding
        self.has_many_codes = False
        if not self.is_new:
            self._show_what_is_written()

    def _show_what_is_written(self) -> None:
        saved = written(self.instance)
        codes = list(self.instance.coupons.order_by("created_at", "id").values_list("code", flat=True)[:2])
        self.has_many_codes = len(codes) > 1
        if self.has_many_codes:
            self.fields["code"].help_text = "It has many codes: see below."
        self.fields["code"].disabled = self.has_many_codes
        self.fields["kind"].disabled = True
        self.initial = {
            **self.initial,
            "code": codes[0] if len(codes) == 1 else "",
            "value": saved["value"] or "",
            "minimum_subtotal": saved["minimum_subtotal"] or "",
            "tiers": lines.write_tiers(saved["tiers"] or []),
            "product_ids": lines.write_ids(saved["product_ids"]),
            "category_ids": lines.write_ids(saved["category_ids"]),
            "seen_version": self.instance.version,
        }

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, kinds in OF_KINDS.items():
            if name in cleaned and cleaned.get("kind") not in kinds:
                cleaned[name] = None
        judged = PromotionChanges(data=_as_sent(cleaned), partial=True)
        if not judged.is_valid():
            for name, details in judged.errors.items():
                self.add_error(name, list(dict.fromkeys(_flat(details))))
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        # What will not do, logic says in words, at its field.
        return {field.name for field in Promotion._meta.fields}

    def values(self) -> dict[str, Any]:
        """What was typed, by logic's names."""
        given = {name: self.cleaned_data[name] for name in WRITTEN}
        return given | {name: given[name] or None for name in ("value", "currency", "minimum_subtotal")}

    def own_code(self) -> str | None:
        """The code that was typed."""
        return self.cleaned_data["code"] or None

    def changes(self) -> dict[str, Any]:
        """What was changed; the rest is not written again: somebody may have changed it meanwhile."""
        values = self.values() | {"code": self.own_code()}
        return {name: values[name] for name in self.changed_data if name in values}

    def draft(self) -> Promotion:
        """The promotion as it would be."""
        return promotions.draft_promotion(
            kind=self.cleaned_data["kind"],
            needs_code=self.has_many_codes or self.own_code() is not None,
            **self.values(),
        )


def _as_sent(cleaned: dict[str, Any]) -> dict[str, Any]:
    """As JSON would hold it; times are read by the form already."""
    given = {name: cleaned.get(name) for name in (*WRITTEN, "code") if name not in _TIMES}
    for name in ("product_ids", "category_ids"):
        given[name] = [str(id_) for id_ in given[name] or []]
    return {name: value for name, value in given.items() if value not in (None, "")}


def _flat(details: Any) -> Iterable[str]:
    if isinstance(details, dict):
        details = details.values()
    if isinstance(details, str):
        yield str(details)
    else:
        for detail in details:
            yield from _flat(detail)
