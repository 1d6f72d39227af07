"""Tax rates in the admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from ecommerce.kernel.admin_pages import Uncounted, WrittenByLogic
from modules.orders.admin.judging import judge
from modules.orders.logic.tax_rates import RateDraft, delete_rate, require_sense, write_rate
from modules.orders.models import TaxRate

FIELDS = ("country", "region", "tax_class", "title", "rate", "valid_from", "valid_until")


class RateForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A tax rate; countries and regions are read in small letters too."""

    class Meta:
        model = TaxRate
        fields = FIELDS
        help_texts = {
            "country": "Where goods go to: ISO 3166-1 alpha-2, DE.",
            "region": "ISO 3166-2 without the country: CA. Left out: the whole country. A region's rate is all that is "
            "charged there: what the country, the state and the county take together.",
            "tax_class": "As products name it: standard, reduced. Shipping is standard.",
            "title": "As buyers and invoices see it: MwSt. 19 %.",
            "rate": "A fraction of the price without tax: 0.19 is 19 %.",
            "valid_from": "Its first day in the shop's time zone. Left out: ever since.",
            "valid_until": "Its last day. Left out: until further notice.",
        }

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"]).strip().upper()

    def clean_region(self) -> str:
        return str(self.cleaned_data["region"]).strip().upper()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            judge(self, lambda: require_sense(self.draft()))
        return cleaned

    def draft(self) -> RateDraft:
        """What was typed, as logic takes it."""
        return RateDraft(**{name: self.cleaned_data[name] for name in FIELDS})


@admin.register(TaxRate)
class TaxRateAdmin(WrittenByLogic, Uncounted, ModelAdmin):
    list_display = FIELDS
    list_filter = ("tax_class",)
    search_fields = ("country", "region", "title")
    ordering = ("country", "region", "tax_class", "valid_from")
    form = RateForm

    def save_model(self, request: HttpRequest, obj: TaxRate, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's)
        obj.pk = write_rate(form.draft(), rate_id=obj.pk if change else None).pk

    def delete_model(self, request: HttpRequest, obj: TaxRate) -> None:
        delete_rate(rate_id=obj.pk)
