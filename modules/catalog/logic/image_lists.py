"""Pictures as staff see them: those that wait and those that failed too."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from ecommerce.kernel.errors import NotFound
from modules.catalog.logic.database import fetch
from modules.catalog.logic.edits import by_key
from modules.catalog.logic.images import Image, read_image
from modules.catalog.models import Product


class ImageFile(NamedTuple):
    """A picture as staff see it; without sizes until they are made."""

    id: UUID
    state: str
    failure: str
    alt: str
    position: int
    variant_ids: list[UUID]
    sizes: Image | None
    created_at: datetime


class ImageFiles(NamedTuple):
    """Pictures of one product, and the version that it is at."""

    version: int
    images: list[ImageFile]


def list_images(*, key: str) -> ImageFiles:
    """All pictures of the product with this slug or id, in their order, whatever their state. Two statements."""
    product = Product.objects.filter(**by_key(key)).values_list("id", "version").first()
    if product is None:
        raise NotFound("There is no such product.")
    return ImageFiles(product[1], [_file(row) for row in fetch(_FILES.format(which="product_id"), [product[0]])])


def get_image(*, image_id: UUID) -> ImageFiles:
    """One picture of whichever product; refuses one that is not there. Two statements."""
    version = Product.objects.filter(pictures=image_id).values_list("version", flat=True).first()
    rows = fetch(_FILES.format(which="id"), [image_id])
    if version is None or not rows:
        raise NotFound("There is no such picture.")
    return ImageFiles(version, [_file(row) for row in rows])


def _file(row: tuple[Any, ...]) -> ImageFile:
    *facts, sizes, created_at = row
    return ImageFile._make((*facts, read_image(sizes), created_at))


_FILES = """
    SELECT image.id, image.state, image.failure, image.alt, image.position,
           ARRAY(
               SELECT shown.variant_id
               FROM catalog_variantimage shown
               JOIN catalog_variant variant ON variant.id = shown.variant_id AND variant.archived_at IS NULL
               WHERE shown.image_id = image.id
               ORDER BY variant.position, variant.id
           ),
           CASE image.state WHEN 'ready' THEN image.renditions || jsonb_build_object('alt', image.alt) END,
           image.created_at
    FROM catalog_productimage image
    WHERE image.{which} = %s
    ORDER BY image.position
"""
