"""What stands beside a product, chosen by staff and in their order."""

from collections.abc import Sequence
from uuid import UUID

from ecommerce.kernel.errors import Invalid
from ecommerce.kernel.ids import new_id
from modules.catalog.models import Product, RelatedProduct

MAX_RELATED = 20


class UnknownRelated(Invalid):
    """Some related products do not exist."""

    code = "unknown_product"


def set_related(product_id: UUID, related_ids: Sequence[UUID]) -> bool:
    """Replace what stands beside the product, in this order; refuses unknown products and the product itself.

    In the open transaction, under the product's lock. Whether anything is different now; repeating it is safe.
    """
    wanted = list(dict.fromkeys(related_ids))
    if wanted == get_related_ids(product_id):
        return False
    known = set(Product.objects.filter(id__in=wanted).exclude(id=product_id).values_list("id", flat=True))
    if unknown := [str(one) for one in wanted if one not in known]:
        detail = f"There are no such products to show beside this one: {', '.join(unknown)}."
        raise UnknownRelated(errors=[{"field": "related_ids", "code": UnknownRelated.code, "detail": detail}])
    if len(wanted) > MAX_RELATED:
        detail = f"At most {MAX_RELATED} products stand beside one."
        raise UnknownRelated(errors=[{"field": "related_ids", "code": "max_length", "detail": detail}])
    RelatedProduct.objects.filter(product_id=product_id).delete()
    RelatedProduct.objects.bulk_create(
        RelatedProduct(id=new_id(), product_id=product_id, related_id=related_id, position=position)
        for position, related_id in enumerate(wanted)
    )
    return True


def get_related_ids(product_id: UUID) -> list[UUID]:
    """The products beside this one, in staff's order, whatever their status."""
    rows = RelatedProduct.objects.filter(product_id=product_id).order_by("position", "id")
    return list(rows.values_list("related_id", flat=True))
