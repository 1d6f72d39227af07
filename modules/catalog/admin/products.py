"""The assortment in the admin: a product on one page, with all that belongs to it. Writing is logic's business."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import path
from unfold.admin import ModelAdmin, TabularInline

from ecommerce.kernel.admin_pages import Uncounted
from ecommerce.kernel.ids import new_id
from modules.catalog.admin import repricing
from modules.catalog.admin.categories import translations_in
from modules.catalog.admin.images import ImageInline, save_images
from modules.catalog.admin.lists import Written
from modules.catalog.admin.product_actions import ProductActions
from modules.catalog.admin.product_forms import ProductForm, ProductTranslationForm, VariantForm
from modules.catalog.admin.searches import OfProducts
from modules.catalog.logic import products
from modules.catalog.logic.products import ProductDraft, RangeChange
from modules.catalog.models import Product, ProductImage, ProductTranslation, RelatedProduct, Variant


class VariantInline(TabularInline):
    model = Variant
    form = VariantForm
    extra = 0
    # Django's own way would stop at what hangs on it; `remove` asks logic.
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        found: QuerySet[Variant] = super().get_queryset(request).filter(archived_at=None)
        return found.prefetch_related("prices", "levels__location").order_by("position", "id")


class TranslationInline(TabularInline):
    model = ProductTranslation
    form = ProductTranslationForm
    extra = 0
    ordering = ("language",)


class RelatedInline(TabularInline):
    model = RelatedProduct
    fk_name = "product"
    fields = ("related", "position")
    autocomplete_fields = ("related",)
    verbose_name_plural = "shown beside it"
    extra = 0
    ordering = ("position", "id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[RelatedProduct]:
        found: QuerySet[RelatedProduct] = super().get_queryset(request).select_related("related")
        return found


@admin.register(Product)
class ProductAdmin(OfProducts, ProductActions, Written, Uncounted, ModelAdmin):
    list_display = ("title", "slug", "category", "status", "published_at")
    list_select_related = ("category",)
    list_filter = ("status",)
    search_fields = ("slug", "variants__sku")
    product_field = "pk"
    ordering = ("-id",)
    form = ProductForm
    fieldsets = (
        (None, {"fields": ("title", "slug", "category", "status", "publish_at", "description", "seen_version")}),
        ("What it is", {"fields": ("options", "attributes", ("tax_class", "external_key"))}),
        ("For search engines", {"fields": ("seo_title", "seo_description"), "classes": ("collapse",)}),
    )
    autocomplete_fields = ("category",)
    inlines = (VariantInline, ImageInline, TranslationInline, RelatedInline)

    def get_urls(self) -> list[Any]:
        reprice = partial(repricing.view, self.admin_site)
        own = path("reprice/", self.admin_site.admin_view(reprice), name="catalog_product_reprice")
        return [own, *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's)
        """Not yet: variants, words and what stands beside it belong to the same change."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001  (Django's)
        parts = {formset.model: formset for formset in formsets}
        values = form.values()
        values["translations"] = translations_in(parts[ProductTranslation], ("title", "description", "seo"))
        if not change or parts[RelatedProduct].has_changed():
            values["related_ids"] = _related_ids(parts[RelatedProduct])
        variants = [one for one in parts[Variant].forms if one.has_changed()]
        actor_id = UUID(str(request.user.pk))
        if change:
            _change(form, values, variants, actor_id)
        else:
            form.instance.id = _create(values, variants, actor_id)
        save_images(request, form.instance, [one for one in parts[ProductImage].forms if one.has_changed()])
        for formset in formsets:
            # Nothing is written: the admin's log asks the formset what changed.
            formset.save(commit=False)


def _create(values: dict[str, Any], variants: list[VariantForm], actor_id: UUID) -> UUID:
    drafts = [one.draft() for one in variants if not one.cleaned_data["remove"]]
    draft = ProductDraft(**{"slug": ""} | values, id=new_id(), variants=drafts)
    return products.create_product(draft=draft, actor_id=actor_id)


def _change(form: ProductForm, values: dict[str, Any], variants: list[VariantForm], actor_id: UUID) -> None:
    gone = [one for one in variants if one.cleaned_data["remove"]]
    stay = [one for one in variants if one not in gone and not one.is_new]
    new = [one for one in variants if one not in gone and one.is_new]
    version = form.cleaned_data["seen_version"]
    products.change_product(
        key=str(form.instance.id),
        versions=None if version is None else frozenset({version}),
        variants=[one.change() for one in stay],
        range_change=RangeChange(
            added=[one.draft() for one in new],
            removed=[one.instance.id for one in gone if not one.is_new],
            takes={one.instance.id: one.take() for one in stay if one.stock_differs()},
            actor_id=actor_id,
        ),
        **values,
    )


def _related_ids(formset: Any) -> list[UUID]:
    rows = [form.cleaned_data for form in formset.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
    # As they stand on the page where two have the same position.
    return [row["related"].id for row in sorted(rows, key=lambda row: row["position"])]
