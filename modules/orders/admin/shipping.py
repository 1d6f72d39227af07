"""Where the shop ships, how, and for how much, in the admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from ecommerce.kernel.admin_pages import LinesField, Uncounted, WrittenByLogic
from modules.orders.admin.judging import judge
from modules.orders.logic.places import read_place
from modules.orders.logic.price_lines import HELP, read_prices, written_prices
from modules.orders.logic.shipping import prices_of
from modules.orders.logic.shipping_methods import MethodDraft, delete_method, require_sense, write_method
from modules.orders.logic.zones import delete_zone, write_zone
from modules.orders.models import ShippingMethod, ShippingZone

PLACES_HELP = (
    "A line for each: a country (US), a region of one (US-CA), a postal code (DE 27498) or what postal codes begin "
    "with (GB BT*). Of several zones the one that names a destination most exactly counts; one that no method is "
    "offered in is not shipped to."
)


def read_places(text: str) -> list[str]:
    """The places of the lines; a ValidationError tells what is wrong with each."""
    places, problems = [], []
    for line in filter(str.strip, text.splitlines()):
        try:
            places.append(read_place(line))
        except ValueError as error:
            problems.append(str(error))
    if problems:
        raise ValidationError(problems)
    return places


class ZoneForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A zone and its places."""

    places = LinesField(read_places, rows=8, help_text=PLACES_HELP)

    class Meta:
        model = ShippingZone
        fields = ["title"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and not self.instance._state.adding:
            codes = self.instance.places.order_by("code").values_list("code", flat=True)
            self.initial["places"] = "\n".join(codes)


@admin.register(ShippingZone)
class ShippingZoneAdmin(WrittenByLogic, Uncounted, ModelAdmin):
    list_display = ("title", "shown_places", "shown_methods")
    search_fields = ("title", "places__code")
    ordering = ("title",)
    form = ZoneForm
    readonly_fields = ("shown_places", "shown_methods")

    def get_fields(self, request: HttpRequest, obj: ShippingZone | None = None) -> tuple[str, ...]:
        writes = obj is None or self.has_change_permission(request, obj)
        return ("title", "places") if writes else ("title", "shown_places", "shown_methods")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShippingZone]:
        found: QuerySet[ShippingZone] = super().get_queryset(request).prefetch_related("places", "methods")
        return found

    def save_model(self, request: HttpRequest, obj: ShippingZone, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's)
        cleaned = form.cleaned_data
        written = write_zone(zone_id=obj.pk if change else None, title=cleaned["title"], places=cleaned["places"])
        obj.pk = written.pk

    def delete_model(self, request: HttpRequest, obj: ShippingZone) -> None:
        delete_zone(zone_id=obj.pk)

    @admin.display(description="places")
    def shown_places(self, zone: ShippingZone) -> str:
        codes = sorted(place.code for place in zone.places.all())
        more = f" and {len(codes) - 12} more" if len(codes) > 12 else ""
        return ", ".join(codes[:12]) + more

    @admin.display(description="methods")
    def shown_methods(self, zone: ShippingZone) -> str:
        return ", ".join(sorted(method.code for method in zone.methods.all())) or "none: not shipped to"


class MethodForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A way to ship, with its prices in lines."""

    prices = LinesField(str, rows=4, help_text=HELP)

    class Meta:
        model = ShippingMethod
        fields = ["code", "title", "kind", "zones", "priced_by", "min_days", "max_days", "position", "is_active"]
        help_texts = {
            "code": "What storefronts name it by.",
            "kind": "What is picked up is taxed where the shop is.",
            "zones": "Where it is offered. A pick-up without zones is offered everywhere.",
            "min_days": "From the order to the delivery.",
            "position": "The lower come first.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and not self.instance._state.adding:
            self.initial["prices"] = written_prices(prices_of(self.instance))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        try:
            cleaned["tariffs"] = read_prices(cleaned.get("prices") or "", cleaned.get("priced_by") or "")
        except ValidationError as error:
            self.add_error("prices", error)
        if not self.errors:
            judge(self, lambda: require_sense(self.draft()))
        return cleaned

    def draft(self) -> MethodDraft:
        """What was typed, as logic takes it."""
        cleaned = self.cleaned_data
        same = ("code", "title", "kind", "priced_by", "min_days", "max_days", "position", "is_active", "tariffs")
        zone_ids = [zone.pk for zone in cleaned["zones"]]
        return MethodDraft(zone_ids=zone_ids, **{name: cleaned[name] for name in same})


@admin.register(ShippingMethod)
class ShippingMethodAdmin(WrittenByLogic, Uncounted, ModelAdmin):
    list_display = ("code", "title", "kind", "shown_zones", "shown_prices", "min_days", "max_days", "is_active")
    list_filter = ("kind", "is_active", "zones")
    search_fields = ("code", "title")
    ordering = ("position", "code")
    form = MethodForm
    readonly_fields = ("price_lines",)

    def get_fields(self, request: HttpRequest, obj: ShippingMethod | None = None) -> tuple[str, ...]:
        writes = obj is None or self.has_change_permission(request, obj)
        return (*MethodForm.Meta.fields, "prices" if writes else "price_lines")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShippingMethod]:
        found: QuerySet[ShippingMethod] = super().get_queryset(request).prefetch_related("zones", "prices")
        return found

    def save_model(self, request: HttpRequest, obj: ShippingMethod, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's)
        obj.pk = write_method(form.draft(), method_id=obj.pk if change else None).pk

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001  (Django's)
        """The zones are written with the rest."""

    def delete_model(self, request: HttpRequest, obj: ShippingMethod) -> None:
        delete_method(method_id=obj.pk)

    @admin.display(description="zones")
    def shown_zones(self, method: ShippingMethod) -> str:
        titles = sorted(zone.title for zone in method.zones.all())
        return ", ".join(titles) or ("everywhere" if method.kind == ShippingMethod.Kind.PICK_UP else "nowhere")

    @admin.display(description="prices")
    def price_lines(self, method: ShippingMethod) -> str:
        return written_prices(prices_of(method))

    @admin.display(description="currencies")
    def shown_prices(self, method: ShippingMethod) -> str:
        return ", ".join(sorted(price.currency for price in method.prices.all()))
