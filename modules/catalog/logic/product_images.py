"""A product's pictures: added, described, moved and removed by staff; shown once their sizes are made."""

from collections.abc import Collection
from typing import BinaryIO
from uuid import UUID

from ecommerce.kernel.errors import NotFound
from ecommerce.kernel.ids import new_id
from modules.catalog.logic import sent_images
from modules.catalog.logic.complaints import complaint
from modules.catalog.logic.database import execute
from modules.catalog.logic.edits import Edit, Versions, by_key, editing
from modules.catalog.logic.image_files import check_image
from modules.catalog.logic.shown_images import show_images
from modules.catalog.models import Product, ProductImage, Variant, VariantImage

MOST_IMAGES = 100


def add_image(
    *, product_id: UUID | str, file: BinaryIO, alt: str | None = None, position: int | None = None,
    variant_ids: Collection[UUID] = (),
) -> UUID:  # fmt: skip
    """Put a picture among the product's, last unless a place is given, and let a worker make its sizes; without words
    it has the product's title.

    Refuses what is no picture (image_files), a product or a variant that is not there, and one picture too many.
    Unavailable while the store is away; nothing is left then.
    """
    content = file.read()
    check_image(content)
    which = by_key(str(product_id))
    if not Product.objects.filter(**which).exists():
        raise NotFound("There is no such product.")
    image_id = new_id()
    sent_images.receive(image_id, content)
    with editing(**which) as edit:
        _insert(edit, ProductImage(id=image_id, alt=edit.product.title if alt is None else alt))
        _show_variants(edit, image_id, variant_ids)
        if position is not None:
            _place(edit, image_id, position)
    return image_id


def change_image(
    *, image_id: UUID, versions: Versions = None, alt: str | None = None, position: int | None = None,
    variant_ids: Collection[UUID] | None = None,
) -> None:  # fmt: skip
    """Change its words, its place and which variants it shows, where given; what differs in nothing changes nothing.
    Refuses a picture or a variant that is not there, and a product at another version."""
    with editing(versions=versions, pictures=image_id) as edit:
        image = _find(edit, image_id)
        if alt is not None and alt != image.alt:
            image.alt = alt
            image.save(update_fields=["alt"])
        if position is not None:
            _place(edit, image_id, position)
        if variant_ids is not None:
            _show_variants(edit, image_id, variant_ids)
        show_images(edit)


def move_image(*, image_id: UUID, position: int, versions: Versions = None) -> None:
    """Put it at that place among its product's pictures, counted from 0; behind all others where that is further."""
    change_image(image_id=image_id, position=position, versions=versions)


def remove_image(*, image_id: UUID, versions: Versions = None) -> None:
    """Take a picture away; its files go an hour later, so that whoever has the page open still sees it."""
    with editing(versions=versions, pictures=image_id) as edit:
        sent_images.drop([_find(edit, image_id)])
        _place(edit)
        show_images(edit)


def remove_images(edit: Edit) -> None:
    """All pictures of a product that is being deleted."""
    sent_images.drop(ProductImage.objects.filter(product_id=edit.product.id).order_by("id"))


def _insert(edit: Edit, image: ProductImage) -> None:
    number = ProductImage.objects.filter(product_id=edit.product.id).count()
    if number >= MOST_IMAGES:
        raise complaint("file", "too_many_images", f"A product has at most {MOST_IMAGES} pictures.")
    image.product, image.position = edit.product, number
    sent_images.insert(image)


def _show_variants(edit: Edit, image_id: UUID, variant_ids: Collection[UUID]) -> None:
    wanted = set(variant_ids)
    variants = Variant.objects.filter(product_id=edit.product.id, archived_at=None, id__in=wanted)
    if wanted and variants.count() < len(wanted):
        raise complaint("variant_ids", "unknown_variant", "The product has no such variant.")
    VariantImage.objects.filter(image_id=image_id).exclude(variant_id__in=wanted).delete()
    VariantImage.objects.bulk_create(
        [VariantImage(image_id=image_id, variant_id=variant_id) for variant_id in sorted(wanted)],
        ignore_conflicts=True,
    )


def _place(edit: Edit, image_id: UUID | None = None, position: int = 0) -> None:
    """Number the product's pictures anew, this one at that place.

    Locked before any is changed: who gives a picture up holds it and no product, and his commit would wait for a place
    that was taken meanwhile (the constraint is deferred), while this waits for his picture.
    """
    pictures = ProductImage.objects.select_for_update(no_key=True).filter(product_id=edit.product.id)
    pictures = pictures.order_by("position")
    order = [one for one in pictures.values_list("id", flat=True) if one != image_id]
    if image_id is not None:
        order.insert(position, image_id)
    execute(_NUMBER, [order])


def _find(edit: Edit, image_id: UUID) -> ProductImage:
    """The picture as it is under its product's lock; one that was removed meanwhile is not there."""
    image = ProductImage.objects.filter(id=image_id, product_id=edit.product.id).first()
    if image is None:
        raise NotFound("There is no such picture.")
    return image


_NUMBER = """
    UPDATE catalog_productimage image SET position = placed.number - 1
    FROM unnest(%s::uuid[]) WITH ORDINALITY AS placed (id, number)
    WHERE image.id = placed.id AND image.position <> placed.number - 1
"""
