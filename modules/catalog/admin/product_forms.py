"""A product's page as forms: the product, its variants with prices and stock, its words, and what stands beside it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from ecommerce.kernel.admin_pages import LinesField
from modules.catalog.admin import lines
from modules.catalog.admin.categories import TranslationForm
from modules.catalog.logic.price_lists import PriceWish
from modules.catalog.logic.product_variants import BARCODE
from modules.catalog.logic.products import VariantDraft
from modules.catalog.logic.stock import StockTake
from modules.catalog.models import Attribute, Product, ProductTranslation, Variant

OF_A_VARIANT = ("sku", "options", "barcode", "weight_g", "position")


class ProductForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """The product itself; the version that staff have seen comes along, so that nobody's change is undone unseen."""

    options = forms.CharField(
        required=False, widget=UnfoldAdminTextInputWidget(), help_text="What the variants differ in: Size, Colour."
    )
    attributes = LinesField(str, rows=6, help_text=lines.ATTRIBUTES_HELP)
    seo_title = forms.CharField(
        required=False, max_length=200, widget=UnfoldAdminTextInputWidget(), help_text="For search engines."
    )
    seo_description = forms.CharField(required=False, max_length=500, widget=UnfoldAdminTextInputWidget())
    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput())

    class Meta:
        model = Product
        fields = [
            "title", "slug", "category", "status", "publish_at", "description", "options", "attributes", "tax_class",
            "external_key",
        ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "title" not in self.fields:
            return  # only to be looked at
        self.fields["slug"].required = False
        self.fields["slug"].help_text = "Made of the title when left out. The old address leads to a new one."
        self.fields["publish_at"].help_text = "A draft appears at that time (UTC)."
        product = self.instance
        self.initial = {
            **self.initial,
            "options": ", ".join(product.options),
            "attributes": lines.write_attributes(product.attributes),
            "seo_title": product.seo.get("title", ""),
            "seo_description": product.seo.get("description", ""),
            "seen_version": product.version,
        }

    def clean_options(self) -> list[str]:
        return lines.read_names(self.cleaned_data["options"])

    def clean_attributes(self) -> dict[str, Any]:
        return lines.read_attributes(
            self.cleaned_data["attributes"], dict(Attribute.objects.values_list("code", "kind"))
        )

    def _get_validation_exclusions(self) -> set[str]:
        # That only a draft is scheduled, logic says in words.
        return {*super()._get_validation_exclusions(), "publish_at"}  # type: ignore[misc]  # not in the stubs

    def values(self) -> dict[str, Any]:
        """What was changed, by logic's names."""
        given = {name: self.cleaned_data[name] for name in self.changed_data if name != "seen_version"}
        if "category" in given:
            given["category_id"] = given.pop("category").id
        if {"seo_title", "seo_description"} & given.keys():
            words = {"title": self.cleaned_data["seo_title"], "description": self.cleaned_data["seo_description"]}
            given = {name: value for name, value in given.items() if not name.startswith("seo_")}
            given["seo"] = {name: word for name, word in words.items() if word}
        if not given.get("slug"):
            given.pop("slug", None)
        return given


class VariantForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A variant with its prices and with what lies at the default location."""

    options = LinesField(lines.read_options, rows=2, help_text=lines.OPTIONS_HELP)
    prices = LinesField(lines.read_prices, rows=3, help_text=lines.PRICES_HELP)
    on_hand = forms.IntegerField(min_value=0, required=False, widget=UnfoldAdminIntegerFieldWidget())
    reason = forms.CharField(
        max_length=200, required=False, widget=UnfoldAdminTextInputWidget(), help_text="Of a change of stock."
    )
    remove = forms.BooleanField(
        required=False, widget=UnfoldBooleanWidget(), help_text="Archived, if it was ever sold."
    )

    class Meta:
        model = Variant
        fields = OF_A_VARIANT

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "sku" not in self.fields:
            return  # only to be looked at
        self.is_new = self.instance._state.adding
        self.initial["options"] = lines.write_options(self.instance.options)
        if not self.is_new:
            self.initial["prices"] = lines.write_prices(self.instance.prices.all())
            self.initial["on_hand"] = next(
                (level.on_hand for level in self.instance.levels.all() if level.location.is_default), 0
            )

    def clean_barcode(self) -> str:
        barcode: str = self.cleaned_data["barcode"]
        if barcode and not BARCODE.fullmatch(barcode):
            raise ValidationError("Give 8 to 14 digits.")
        return barcode

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.stock_differs() and not self.is_new and not cleaned.get("reason"):
            self.add_error("reason", "Say why the stock changes.")
        return cleaned

    def stock_differs(self) -> bool:
        """Whether another number is said to lie there."""
        return "on_hand" in self.changed_data and self.cleaned_data.get("on_hand") is not None

    def draft(self) -> VariantDraft:
        """The new variant."""
        return VariantDraft(
            **{name: self.cleaned_data[name] for name in OF_A_VARIANT},
            prices=list(self.cleaned_data["prices"].values()),
            on_hand=self.cleaned_data["on_hand"] or 0,
        )

    def change(self) -> dict[str, Any]:
        """What was changed of a variant that is there; its prices where they differ."""
        names = [name for name in self.changed_data if name in OF_A_VARIANT]
        change = {"id": self.instance.id} | {name: self.cleaned_data[name] for name in names}
        if "prices" in self.changed_data:
            before = lines.read_prices(self.initial["prices"])
            after = self.cleaned_data["prices"]
            change["prices"] = [
                PriceWish(price=price) for currency, price in after.items() if before.get(currency) != price
            ]
        return change

    def take(self) -> StockTake:
        """What was found on the shelf."""
        return StockTake(on_hand=self.cleaned_data["on_hand"], reason=self.cleaned_data["reason"])


class ProductTranslationForm(TranslationForm):
    class Meta:
        model = ProductTranslation
        fields = ["language", "title", "description", "seo"]
