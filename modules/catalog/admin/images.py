"""A product's pictures on its page: sent, worded, put in order, taken away. Shoppers see them when they are made."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from unfold.admin import TabularInline
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from ecommerce.kernel.errors import ServiceError
from modules.catalog.logic import product_images
from modules.catalog.logic.image_files import check_image
from modules.catalog.logic.images import absolute_url
from modules.catalog.models import Product, ProductImage


class ImageForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A picture; the file is judged before anything is saved."""

    file = forms.FileField(
        required=False, widget=UnfoldAdminFileFieldWidget(), help_text="JPEG, PNG or WebP, at most 50 megapixels."
    )
    alt = forms.CharField(
        max_length=500, required=False, widget=UnfoldAdminTextInputWidget(), help_text="For who does not see it."
    )
    place = forms.IntegerField(
        min_value=0, required=False, widget=UnfoldAdminIntegerFieldWidget(), help_text="0 is the card's."
    )
    remove = forms.BooleanField(required=False, widget=UnfoldBooleanWidget())

    class Meta:
        model = ProductImage
        fields = ["alt"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_new = self.instance._state.adding
        if not self.is_new and "place" in self.fields:
            self.initial["place"] = self.instance.position
            self.fields["file"].disabled = True

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file:
            try:
                check_image(file.read())
            except ServiceError as refusal:
                raise forms.ValidationError(refusal.detail) from refusal
            file.seek(0)
        return file

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.is_new and self.has_changed() and "file" not in self.errors and not cleaned.get("file"):
            self.add_error("file", "Choose a file.")
        return cleaned


class ImageInline(TabularInline):
    model = ProductImage
    form = ImageForm
    fields = ("shown", "file", "alt", "place", "remove")
    readonly_fields = ("shown",)
    verbose_name_plural = "pictures"
    extra = 0
    # Its files have to go too, which is logic's business.
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProductImage]:
        found: QuerySet[ProductImage] = super().get_queryset(request)
        return found.order_by("position")

    @admin.display(description="picture")
    def shown(self, image: ProductImage) -> str:
        if image.state != ProductImage.State.READY:
            return f"{image.state} {image.failure}".strip()
        small = image.renditions["small"]
        return format_html('<img src="{}" alt="{}" width="80">', absolute_url(small["url"]), image.alt)


def save_images(request: HttpRequest, product: Product, images: list[ImageForm]) -> None:
    """Each is an act of its own, after the product's own change; what the store refuses is told, and may be sent again.

    Those that move are put into their places last, the foremost first, so that each ends where it was sent to.
    """
    for image in images:
        try:
            _save(product, image)
        except ServiceError as refusal:
            messages.error(request, f"{image.cleaned_data.get('alt') or 'A picture'}: {refusal.detail}")
    moved = [one for one in images if not one.is_new and "place" in one.changed_data and not one.cleaned_data["remove"]]
    for image in sorted(moved, key=lambda one: one.cleaned_data["place"] or 0):
        product_images.move_image(image_id=image.instance.id, position=image.cleaned_data["place"] or 0)


def _save(product: Product, image: ImageForm) -> None:
    given = image.cleaned_data
    if image.is_new:
        if not given["remove"]:
            product_images.add_image(
                product_id=product.id, file=given["file"], alt=given["alt"] or None, position=given["place"]
            )
    elif given["remove"]:
        product_images.remove_image(image_id=image.instance.id)
    elif "alt" in image.changed_data:
        product_images.change_image(image_id=image.instance.id, alt=given["alt"])
