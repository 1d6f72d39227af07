"""Which products a promotion is for, as staff name them."""

from uuid import UUID

from django.conf import settings

from modules.cart.logic.carts import ask_catalog


def find_products(*, skus: list[str]) -> dict[str, UUID]:
    """The products of these SKUs; a SKU that is not for sale now is left out."""
    variants = ask_catalog(settings.DEFAULT_CURRENCY, ids=[], skus=skus)
    return {variant.sku: variant.product_id for variant in variants.values() if variant}
