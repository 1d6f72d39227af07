"""The shelves in the admin: the tree in its order, moved by a field, put in order by dragging."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet, TextField
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminSelectWidget

from ecommerce.kernel.admin_pages import Uncounted, shown
from ecommerce.kernel.errors import ServiceError
from modules.catalog.admin.lists import Written
from modules.catalog.api.languages import other_languages
from modules.catalog.logic import shelves, tree
from modules.catalog.models import Category, CategoryTranslation

PATH = RawSQL(tree.PATH, [], output_field=ArrayField(TextField()))  # noqa: S611  (a constant, no parameters)
INDENT = "\N{EM DASH} "


class Words(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """Words of a category, for search engines too."""

    def clean_seo(self) -> dict[str, str]:
        seo = self.cleaned_data["seo"] or {}
        if not isinstance(seo, dict) or not all(
            name in ("title", "description") and isinstance(words, str) for name, words in seo.items()
        ):
            raise ValidationError('Give a title and a description: {"title": "…", "description": "…"}.')
        return seo


class CategoryForm(Words):
    """A category; a move that the tree refuses is refused here, beside the field."""

    class Meta:
        model = Category
        fields = ["name", "slug", "parent", "position", "description", "image", "seo"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = "Made of the name when left out."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        parent = cleaned.get("parent")
        if parent and "parent" in self.changed_data:
            try:
                tree.check_move(category_id=self.instance.id, parent_id=parent.id)
            except ServiceError as refusal:
                self.add_error("parent", refusal.detail)
        return cleaned

    def values(self) -> dict[str, Any]:
        """What was changed, by logic's names. The rest is not written again: somebody may have changed it meanwhile."""
        changed = {name: self.cleaned_data[name] for name in self.changed_data}
        if "parent" in changed:
            parent = changed.pop("parent")
            changed["parent_id"] = parent.id if parent else None
        if not changed.get("slug"):
            changed.pop("slug", None)
        return changed


class TranslationForm(Words):
    class Meta:
        model = CategoryTranslation
        fields = ["language", "name", "description", "seo"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_new = self.instance._state.adding
        codes = other_languages() if is_new else [self.instance.language]
        choices = [(code, code) for code in codes]
        self.fields["language"] = forms.ChoiceField(
            choices=choices, widget=UnfoldAdminSelectWidget(choices=choices), disabled=not is_new
        )


class TranslationInline(TabularInline):
    model = CategoryTranslation
    form = TranslationForm
    extra = 0
    ordering = ("language",)


@admin.register(Category)
class CategoryAdmin(Written, Uncounted, ModelAdmin):
    list_display = ("indented_name", "slug", "position", "product_count")
    list_editable = ("position",)
    # What lets rows be dragged: they get the numbers of their new order, and saving the list sends them.
    ordering_field = "position"
    list_per_page = 200
    sortable_by = ()
    search_fields = ("name", "slug")
    form = CategoryForm
    fields = ("name", "slug", "parent", "position", "description", "image", "seo", "former_slugs")
    readonly_fields = ("former_slugs",)
    autocomplete_fields = ("parent",)
    inlines = (TranslationInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        found: QuerySet[Category] = super().get_queryset(request).annotate(path=PATH)
        return found

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        # Not by the annotation's name: where a product chooses its category, the rows come without it.
        return (PATH,)

    @admin.display(description="name")
    def indented_name(self, category: Category) -> str:
        level = len(category.path) // tree.PARTS_OF_A_PATH - 1  # type: ignore[attr-defined]  # annotated above
        return INDENT * level + category.name

    @admin.display(description="old slugs, which lead here")
    def former_slugs(self, category: Category) -> str:
        slugs = category.old_slugs.order_by("slug").values_list("slug", flat=True) if category.pk else ()
        return ", ".join(slugs) or "-"

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.method == "POST" and "_save" in request.POST:
            return shown(request, lambda: self._arrange(request))
        answer: HttpResponse = super().changelist_view(request, extra_context)
        return answer

    def save_model(self, request: HttpRequest, obj: Category, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's)
        """Not yet: the translations belong to the same change."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001  (Django's)
        [translations] = formsets
        values = form.values() | {"translations": translations_in(translations, ("name", "description", "seo"))}
        if change:
            shelves.change_category(slug_now=form.initial["slug"], **values)
        else:
            shelves.make_category(category_id=form.instance.id, **values)
        for formset in formsets:
            # Nothing is written: the admin's log asks the formset what changed.
            formset.save(commit=False)

    def _arrange(self, request: HttpRequest) -> HttpResponse:
        """Put the rows of the list into the order of their positions; not in the transaction that Django would open."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        rows = forms.formset_factory(Row)(request.POST)
        if rows.is_valid():
            tree.arrange(ids=_in_order(rows.cleaned_data))
            messages.success(request, "The categories are in their new order.")
        else:
            messages.error(request, "A position is a whole number from 0 on.")
        return HttpResponseRedirect(request.get_full_path())


class Row(forms.Form):
    """A row of the list, as it is sent."""

    id = forms.UUIDField()
    position = forms.IntegerField(min_value=0)


def _in_order(rows: list[dict[str, Any]]) -> list[UUID]:
    return [row["id"] for row in sorted(rows, key=lambda row: row["position"])]


def translations_in(formset: Any, names: tuple[str, ...]) -> dict[str, dict[str, Any] | None]:
    """The words that were changed, by their languages; None where a language is taken away."""
    found: dict[str, dict[str, Any] | None] = {}
    for words in (form.cleaned_data for form in formset.forms if form.has_changed()):
        kept = {name: words[name] for name in names}
        found[words["language"]] = None if words.get("DELETE") else kept
    return found
