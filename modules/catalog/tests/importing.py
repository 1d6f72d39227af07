"""Files for imports in tests, and what came of them."""

import io
from typing import Any

from ecommerce.kernel.ids import new_id
from modules.catalog.logic import imports
from modules.catalog.models import (
    ImportJob,
    Listing,
    Price,
    PriceChange,
    Product,
    ProductPrice,
    ProductTranslation,
    StockMovement,
    Variant,
)

STAFF = new_id()
SHIRT = """\
key,title,description,category,status,options,sku,option.Size,weight_g,price.EUR,price.JPY,on_hand,title.de,attr.wash
A-1,Blue shirt,"A shirt,
blue",shelf,published,Size,A-1-S,S,180,19.9,2500,3,Blaues Hemd,30
A-1,,,,,,A-1-M,M,190,20,,0,,
"""


def bring_in(content: str | bytes, **options: Any) -> ImportJob:
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    wanted: dict[str, Any] = {
        "file_name": "x.csv",
        "dry_run": False,
        "created_by": STAFF,
        "is_uploaded": False,
    } | options
    job = imports.begin_import(file=file, **wanted)
    return imports.run_import(job=job, file=file, watch=lambda *_: None)


def counts(job: ImportJob) -> tuple[int, ...]:
    return tuple(getattr(job, name) for name in imports.COUNTS)


def prices() -> list[Any]:
    return list(
        Price.objects.order_by("variant__sku", "currency").values_list("variant__sku", "currency", "amount_minor")
    )


def rows() -> list[Any]:
    models = (Product, Variant, Price, PriceChange, Listing, ProductPrice, StockMovement, ProductTranslation)
    return [list(model.objects.order_by("pk").values()) for model in models]
