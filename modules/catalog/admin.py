"""The assortment in the admin: enough to put something on the shelf and sell it. Writing is logic's business."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html_join
from unfold.admin import ModelAdmin, TabularInline
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from ecommerce.kernel.admin_pages import ReadOnly, WrittenByLogic
from ecommerce.kernel.money import Money
from modules.catalog.logic import categories, imports, products, stock
from modules.catalog.logic.import_files import format_of
from modules.catalog.logic.prices import NewPrice
from modules.catalog.logic.products import ProductDraft, VariantDraft
from modules.catalog.models import Category, ImportJob, Product, StockMovement, Variant

# Of an import's errors and changes; the API answers more.
SHOWN = 100


class Uncounted:
    """Long lists are not counted for each page."""

    show_full_result_count = False
    paginator = InfinitePaginator
    list_per_page = 50


class Written(WrittenByLogic):
    """What is on the shelf is archived, not deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Category)
class CategoryAdmin(Written, Uncounted, ModelAdmin):
    list_display = ("name", "slug", "parent", "position", "product_count")
    list_select_related = ("parent",)
    search_fields = ("name", "slug")
    ordering = ("name",)
    fields = ("name", "slug", "parent", "position", "description", "image")
    autocomplete_fields = ("parent",)

    def get_readonly_fields(self, request: HttpRequest, obj: Category | None = None) -> tuple[str, ...]:
        # A shelf that never moves cannot end below itself.
        return ("parent",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Category, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's)
        categories.save_category(obj)


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
            self.initial["on_hand"] = next((level.on_hand for level in self.instance.levels.all()), 0)

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
        return found.prefetch_related("prices", "levels").order_by("position", "id")


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


class ImportForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A file of products; whether it can be read at all is said at once."""

    file = forms.FileField(help_text="CSV or JSON lines, UTF-8, at most 10 MiB.", widget=UnfoldAdminFileFieldWidget())

    class Meta:
        model = ImportJob
        fields = ["dry_run", "delimiter"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if file := cleaned.get("file"):
            form = format_of(file.name)
            try:
                imports.check_file(file=file, format=form, delimiter=cleaned.get("delimiter") or ",")
            except imports.UnusableImport as unusable:
                self.add_error("file", [error["detail"] for error in unusable.details["errors"]])
        return cleaned


@admin.register(ImportJob)
class ImportAdmin(WrittenByLogic, ReadOnly, Uncounted, ModelAdmin):
    """Upload a file, first as a dry run; then look what came of it."""

    list_display = ("created_at", "file_name", "status", "dry_run", *imports.COUNTS, "error_count")
    list_filter = ("status", "dry_run")
    ordering = ("-created_at", "-id")
    form = ImportForm
    shown = ("file_name", "status", "dry_run", *imports.COUNTS, "error_count", "created_at", "finished_at")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("catalog.add_importjob"))

    def get_fields(self, request: HttpRequest, obj: ImportJob | None = None) -> tuple[str, ...]:
        return (*self.shown, "problems", "differences") if obj else ("file", "dry_run", "delimiter")

    def get_readonly_fields(self, request: HttpRequest, obj: ImportJob | None = None) -> tuple[str, ...]:
        return (*self.shown, "problems", "differences") if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"dry_run": True}

    def save_model(self, request: HttpRequest, obj: ImportJob, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's)
        file = form.cleaned_data["file"]
        job = imports.begin_import(
            file=file,
            file_name=file.name,
            delimiter=obj.delimiter,
            dry_run=obj.dry_run,
            created_by=UUID(str(request.user.pk)),
            is_uploaded=True,
        )
        obj.id, obj.file_name = job.id, job.file_name

    def response_add(self, request: HttpRequest, obj: ImportJob, post_url_continue: str | None = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:catalog_importjob_change", args=[obj.id]))

    @admin.display(description="errors")
    def problems(self, job: ImportJob) -> str:
        lines = ((error["line"], error["column"], error["detail"]) for error in job.errors[:SHOWN])
        return format_html_join("", "<div>line {} {} {}</div>", lines)

    @admin.display(description="what would change")
    def differences(self, job: ImportJob) -> str:
        lines = (
            (told["key"], change["sku"] or "", change["column"], change["old"], change["new"])
            for told in job.changes[:SHOWN]
            for change in told["changes"]
        )
        return format_html_join("", "<div>{} {} {}: {} → {}</div>", lines)


@admin.register(StockMovement)
class JournalAdmin(ReadOnly, Uncounted, ModelAdmin):
    """The journal is read here; what is written in it happens elsewhere."""

    list_display = ("created_at", "level", "kind", "delta", "reason", "reference", "actor_id")
    list_select_related = ("level__variant",)
    search_fields = ("=level__variant__sku", "=reference")
    list_filter = ("kind",)
    ordering = ("-id",)


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
