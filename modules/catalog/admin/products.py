"""The assortment in the admin: enough to put something on the shelf and sell it. Writing is logic's business."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from ecommerce.kernel.money import Money
from modules.catalog.admin.lists import Uncounted, Written
from modules.catalog.logic import products, stock
from modules.catalog.logic.prices import NewPrice
from modules.catalog.logic.products import ProductDraft, VariantDraft
from modules.catalog.models import Product, Variant


class VariantForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A variant with its prices and its stock, which are kept elsewhere."""

    prices = forms.CharField(help_text="19.90 EUR, 2500 JPY", widget=UnfoldAdminTextInputWidget(), required=False)
    on_hand = forms.IntegerField(min_value=0, required=False, widget=UnfoldAdminIntegerFieldWidget())
    reason = forms.CharField(
        max_length=200, required=False, widget=UnfoldAdminTextInputWidget(), help_text="Of a change of stock."
    )

    class Meta:
        model = Variant
        fields = ["sku", "options", "weight_g", "position"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            kept = sorted(self.instance.prices.all(), key=lambda price: price.currency)
            self.initial["prices"] = ", ".join(
                str(Money(minor=price.regular_minor, currency=price.currency)) for price in kept
            )
            self.initial["on_hand"] = next(
                (level.on_hand for level in self.instance.levels.all() if level.location.is_default), 0
            )

    def clean_prices(self) -> list[NewPrice]:
        return [_price(part) for part in self.cleaned_data["prices"].split(",") if part.strip()]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "on_hand" in self.changed_data and cleaned.get("on_hand") is not None and not cleaned.get("reason"):
            self.add_error("reason", "Say why the stock changes.")
        return cleaned


class VariantInline(TabularInline):
    model = Variant
    form = VariantForm
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        found: QuerySet[Variant] = super().get_queryset(request)
        return found.prefetch_related("prices", "levels__location").order_by("position", "id")


@admin.register(Product)
class ProductAdmin(Written, Uncounted, ModelAdmin):
    list_display = ("title", "slug", "category", "status", "published_at")
    list_select_related = ("category",)
    list_filter = ("status",)
    search_fields = ("title__istartswith", "slug__startswith", "=variants__sku")
    ordering = ("-id",)
    fields = ("title", "slug", "category", "status", "tax_class", "description", "options", "attributes", "seo")
    autocomplete_fields = ("category",)
    inlines = [VariantInline]

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's)
        """Not yet: the variants belong to the same change."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001  (Django's)
        variants = [one for formset in formsets for one in formset.forms if one.cleaned_data]
        products.save_product(draft=_product(form.instance, variants))
        for variant in variants:
            _count_stock(variant, UUID(str(request.user.pk)))
        for formset in formsets:
            # Nothing is written: the admin's log asks the formset what changed.
            formset.save(commit=False)


def _price(text: str) -> NewPrice:
    amount, _, currency = text.strip().partition(" ")
    try:
        money = Money.parse(amount, currency.strip().upper())
    except ValueError as error:
        raise ValidationError(f"{text.strip()}: {error}.") from error
    if money.minor < 0:
        raise ValidationError(f"{text.strip()}: a price is not negative.")
    return NewPrice(regular=money)


def _product(product: Product, variants: list[VariantForm]) -> ProductDraft:
    names = ("id", "slug", "title", "category_id", "description", "status", "tax_class", "options", "attributes", "seo")
    return ProductDraft(
        **{name: getattr(product, name) for name in names}, variants=[_variant(variant) for variant in variants]
    )


def _variant(form: VariantForm) -> VariantDraft:
    names = ("id", "sku", "options", "weight_g", "position")
    # An unchanged field is not written again: it would put back what somebody else changed meanwhile.
    prices = form.cleaned_data["prices"] if "prices" in form.changed_data else []
    return VariantDraft(**{name: getattr(form.instance, name) for name in names}, prices=prices)


def _count_stock(form: VariantForm, actor_id: UUID) -> None:
    found = form.cleaned_data["on_hand"]
    if found is not None and "on_hand" in form.changed_data:
        reason = form.cleaned_data["reason"]
        stock.count_stock(variant_id=form.instance.id, on_hand=found, reason=reason, actor_id=actor_id)
