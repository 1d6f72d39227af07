"""What shoppers see of a product's pictures: derived in the transaction that changed them, under the product's lock."""

import msgspec

from modules.catalog.logic import media
from modules.catalog.logic.database import execute, fetch
from modules.catalog.logic.edits import Edit


def show_images(edit: Edit) -> None:
    """Derive what shoppers see of the product's pictures, and of its variants', from those that are ready."""
    [(document,)] = fetch(_READY, [edit.product.id])
    images = msgspec.json.decode(document)
    # Until there is one, drawings that came without a row stay.
    if images or any(media.is_picture(image["small"]["url"]) for image in edit.product.images):
        edit.set(images=images)
    if execute(_READY_OF_VARIANTS, {"product_id": edit.product.id}):
        edit.touch()


_SHOWN = "image.renditions || jsonb_build_object('alt', image.alt) ORDER BY image.position"
_READY = f"""
    SELECT coalesce(jsonb_agg({_SHOWN}), '[]')
    FROM catalog_productimage image WHERE image.product_id = %s AND image.state = 'ready'
"""  # noqa: S608  (only this module's own fragment; every value is a parameter)
_READY_OF_VARIANTS = f"""
    WITH locked AS (
        SELECT id FROM catalog_variant WHERE product_id = %(product_id)s ORDER BY id FOR NO KEY UPDATE
    ), ready (id, images) AS (
        SELECT locked.id, coalesce(jsonb_agg({_SHOWN}) FILTER (WHERE image.id IS NOT NULL), '[]')
        FROM locked
        LEFT JOIN catalog_variantimage shown ON shown.variant_id = locked.id
        LEFT JOIN catalog_productimage image ON image.id = shown.image_id AND image.state = 'ready'
        GROUP BY locked.id
    )
    UPDATE catalog_variant variant SET images = ready.images
    FROM ready WHERE ready.id = variant.id AND ready.images <> variant.images
"""  # noqa: S608  (only this module's own fragment; every value is a parameter)
