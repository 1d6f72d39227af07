"""Where stock lies, how much of it, and the journal of it."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from ecommerce.kernel.admin_pages import ReadOnly, Uncounted
from ecommerce.kernel.ids import new_id
from modules.catalog.admin.lists import Written
from modules.catalog.admin.searches import OfMovements
from modules.catalog.logic import journal, locations, stock
from modules.catalog.models import Location, StockLevel, StockMovement, Variant

LAST_MOVEMENTS = 20


class LocationForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A location; a second default one is no mistake, it takes the place of the first."""

    class Meta:
        model = Location
        fields = ["name", "is_default"]

    def _get_validation_exclusions(self) -> set[str]:
        # The database refuses a second one, after logic has made room.
        return {*super()._get_validation_exclusions(), "is_default"}  # type: ignore[misc]  # not in the stubs


@admin.register(Location)
class LocationAdmin(Written, Uncounted, ModelAdmin):
    list_display = ("name", "is_default")
    search_fields = ("name",)
    ordering = ("name",)
    form = LocationForm

    def save_model(self, request: HttpRequest, obj: Location, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's)
        locations.save_location(obj)


class StockForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """So many more or fewer, or so many found; and why."""

    delta = forms.IntegerField(
        required=False, widget=UnfoldAdminIntegerFieldWidget(), help_text="So many more; -3: three fewer."
    )
    found = forms.IntegerField(
        required=False, min_value=0, widget=UnfoldAdminIntegerFieldWidget(), help_text="Or: so many were counted."
    )
    reason = forms.CharField(
        max_length=200, widget=UnfoldAdminTextInputWidget(), help_text="received and damaged are kinds of their own."
    )

    # Of this form, so that a second click moves nothing.
    reference = forms.UUIDField(required=False, widget=forms.HiddenInput(), initial=new_id)

    class Meta:
        model = StockLevel
        fields = ["variant", "location"]

    def _get_validation_exclusions(self) -> set[str]:
        # That the variant has stock there already is no mistake.
        return {*super()._get_validation_exclusions(), "location"}  # type: ignore[misc]  # not in the stubs

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        given = [name for name in ("delta", "found") if cleaned.get(name) is not None]
        if len(given) != 1 and not self.errors:
            self.add_error("delta", "Say how many more, or how many were found: one of them.")
        return cleaned


@admin.register(StockLevel)
class StockAdmin(Written, Uncounted, ModelAdmin):
    """How much of a variant lies where; changed through the journal, with a reason."""

    list_display = ("variant", "location", "on_hand", "held")
    list_select_related = ("variant", "location")
    list_filter = ("location",)
    search_fields = ("variant__sku__istartswith",)
    search_help_text = "The beginning of a SKU"
    ordering = ("-id",)
    form = StockForm
    autocomplete_fields = ("variant", "location")

    def get_fields(self, request: HttpRequest, obj: StockLevel | None = None) -> tuple[str, ...]:
        where, change = ("variant", "location"), ("delta", "found", "reason", "reference")
        return (*where, "on_hand", "held", *change, "movements") if obj else (*where, *change)

    def get_readonly_fields(self, request: HttpRequest, obj: StockLevel | None = None) -> tuple[str, ...]:
        return ("variant", "location", "on_hand", "held", "movements") if obj else ()

    def save_model(self, request: HttpRequest, obj: StockLevel, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's)
        wish = {
            "variant_id": obj.variant_id,
            "location": str(obj.location_id),
            "reason": form.cleaned_data["reason"],
            "actor_id": UUID(str(request.user.pk)),
        }
        if form.cleaned_data["delta"] is not None:
            reference = form.cleaned_data["reference"]
            stock.adjust_stock(delta=form.cleaned_data["delta"], reference=reference, **wish)
        else:
            stock.count_stock(on_hand=form.cleaned_data["found"], **wish)
        if not change:
            obj.id = StockLevel.objects.get(variant_id=obj.variant_id, location_id=obj.location_id).id

    @admin.display(description="the variant's last movements, at all locations")
    def movements(self, level: StockLevel) -> str:
        moved = journal.list_movements(variant_id=level.variant_id, limit=LAST_MOVEMENTS)
        lines = ((f"{one.created_at:%Y-%m-%d %H:%M}", one.kind, f"{one.delta:+}", one.reason) for one in moved)
        return format_html_join("", "<div>{} {} {} {}</div>", lines)


@admin.register(Variant)
class VariantAdmin(ReadOnly, Uncounted, ModelAdmin):
    """Only to be found, by its SKU: it is edited on its product's page."""

    list_display = ("sku", "product")
    list_select_related = ("product",)
    search_fields = ("sku__istartswith",)
    ordering = ("-id",)
    fields = ("sku", "product", "options", "barcode", "weight_g")


@admin.register(StockMovement)
class JournalAdmin(OfMovements, ReadOnly, Uncounted, ModelAdmin):
    """The journal is read here; what is written in it happens elsewhere."""

    list_display = ("created_at", "level", "kind", "delta", "reason", "reference", "actor_id")
    list_select_related = ("level__variant",)
    search_fields = ("level__variant__sku", "reference")
    list_filter = ("kind",)
    ordering = ("-id",)
