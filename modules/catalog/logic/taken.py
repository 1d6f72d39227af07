"""What the database refuses because another one has it, in a shopkeeper's words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError

from ecommerce.kernel.errors import ServiceError
from modules.catalog.contracts import ExternalKeyTaken, SameOptions, SkuTaken, SlugTaken
from modules.catalog.logic.complaints import complaint
from modules.catalog.logic.related import UnknownRelated

# Whatever language the server speaks: (sku)=(A-1).
_KEY = re.compile(r"\(\w+\)=\((.*)\)", re.DOTALL)


@contextmanager
def refusals() -> Iterator[None]:
    """Around a transaction: SlugTaken, SkuTaken (with the SKU), SameOptions, ExternalKeyTaken, and 400 for a category
    that is gone, instead of the constraint's own words."""
    try:
        yield
    except IntegrityError as error:
        if refusal := _refusal(getattr(error.__cause__, "diag", None)):
            raise refusal from error
        raise


def unknown_category() -> ServiceError:
    """There is no such category."""
    return complaint("category_id", "unknown_category", "There is no such category.")


def _refusal(diagnosis: Any) -> ServiceError | None:
    constraint = str(getattr(diagnosis, "constraint_name", ""))
    if "catalog_variant_sku" in constraint:
        key = _KEY.search(str(diagnosis.message_detail))
        return SkuTaken(**({"sku": key[1]} if key else {}))
    if constraint.startswith("catalog_product_category_id"):
        return unknown_category()
    return next((refusal() for words, refusal in _TAKEN.items() if words in constraint), None)


_TAKEN: dict[str, type[ServiceError]] = {
    "catalog_product_slug": SlugTaken,
    "catalog_product_external_key": ExternalKeyTaken,
    "variant_differs_in_its_options": SameOptions,
    "catalog_relatedprodu_related_id": UnknownRelated,
}
