"""Where stock lies, and the journal of it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from ecommerce.kernel.admin_pages import ReadOnly
from modules.catalog.admin.lists import Uncounted, Written
from modules.catalog.logic import locations
from modules.catalog.models import Location, StockMovement


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
    ordering = ("name",)
    form = LocationForm

    def save_model(self, request: HttpRequest, obj: Location, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's)
        locations.save_location(obj)


@admin.register(StockMovement)
class JournalAdmin(ReadOnly, Uncounted, ModelAdmin):
    """The journal is read here; what is written in it happens elsewhere."""

    list_display = ("created_at", "level", "kind", "delta", "reason", "reference", "actor_id")
    list_select_related = ("level__variant",)
    search_fields = ("=level__variant__sku", "=reference")
    list_filter = ("kind",)
    ordering = ("-id",)
