"""What products are described by, in the admin: how an attribute is called, offered and translated; its type stays."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import JSONField
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget

from ecommerce.kernel.admin_pages import Uncounted, WrittenByLogic
from modules.catalog.api.attributes import AttributeChanges
from modules.catalog.logic import attributes
from modules.catalog.models import Attribute

CHOICES_HELP = '[{"value": "red", "name": "Red", "hex": "#c23b3b"}]'
TRANSLATIONS_HELP = '{"de": {"name": "Farbe", "choices": {"red": "Rot"}}}'


class AttributeForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """An attribute; what is judged of it is what the API judges."""

    class Meta:
        model = Attribute
        fields = ["code", "name", "kind", "unit", "choices", "translations", "is_filterable", "position"]
        widgets = {name: UnfoldAdminTextareaWidget(attrs={"rows": 4}) for name in ("choices", "translations")}
        help_texts = {"choices": CHOICES_HELP, "translations": TRANSLATIONS_HELP}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        judged = AttributeChanges(data={name: cleaned.get(name) for name in ("name", "choices", "translations")})
        judged.is_valid()
        for name in judged.errors.keys() & AttributeForm.Meta.help_texts.keys():
            self.add_error(name, f"Write it as {AttributeForm.Meta.help_texts[name]}")
        return cleaned


@admin.register(Attribute)
class AttributeAdmin(WrittenByLogic, Uncounted, ModelAdmin):
    list_display = ("code", "name", "kind", "unit", "is_filterable", "position")
    search_fields = ("code", "name")
    ordering = ("position", "code")
    form = AttributeForm
    formfield_overrides = {JSONField: {"required": False}}

    def get_readonly_fields(self, request: HttpRequest, obj: Attribute | None = None) -> tuple[str, ...]:
        return ("code", "kind") if obj else ()

    def save_model(self, request: HttpRequest, obj: Attribute, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's)
        given = {name: form.cleaned_data[name] for name in form.changed_data}
        if change:
            attributes.change_attribute(code=obj.code, changes=given)
        else:
            obj.id = attributes.define_attribute(attributes.AttributeDraft(**given)).id

    def delete_model(self, request: HttpRequest, obj: Attribute) -> None:
        attributes.delete_attribute(code=obj.code)
