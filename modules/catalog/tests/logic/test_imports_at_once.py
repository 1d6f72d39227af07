"""Imports beside everybody else: what is taken meanwhile, what is sold meanwhile."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from ecommerce.kernel.ids import new_id
from modules.catalog.contracts import StockLine
from modules.catalog.logic import imports
from modules.catalog.logic.holds import hold_stock
from modules.catalog.models import ImportJob, Product, StockLevel, StockMovement, Variant
from modules.catalog.tests.factories import CategoryFactory, make_product

UNTIL = datetime(2099, 1, 1, tzinfo=UTC)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("invariants_hold")]


def test_two_imports_of_one_file_at_once_make_each_product_once():
    CategoryFactory.create(slug="shelf")
    content = "key,title,category,status,sku,price.EUR,on_hand\n" + "".join(
        f"K{n},Thing {n},shelf,published,S{n},1.00,5\n" for n in range(60)
    )

    jobs = at_once(lambda: bring_in(content), lambda: bring_in(content))

    assert [(job.status, job.failed) for job in jobs] == [("done", 0)] * 2
    assert sum(job.created for job in jobs) == 60
    assert sum(job.updated + job.unchanged for job in jobs) == 60
    assert (Product.objects.count(), Variant.objects.count(), StockMovement.objects.count()) == (60, 60, 60)


def test_price_lists_sold_goods_and_stock_lists_do_not_stand_in_each_others_way():
    variants = [make_product(on_hand=50).variants.get() for _ in range(8)]
    prices = "sku,price.EUR\n" + "".join(f"{variant.sku},5.00\n" for variant in variants)
    backwards = "sku,price.JPY,weight_g\n" + "".join(f"{variant.sku},900,7\n" for variant in reversed(variants))

    def sell() -> None:
        for _ in range(10):
            lines = [StockLine(variant_id=variant.id, quantity=1) for variant in variants]
            hold_stock(order_id=new_id(), lines=lines, until=UNTIL)

    at_once(lambda: bring_in(prices), lambda: bring_in(backwards), sell, sell)

    assert set(StockLevel.objects.values_list("on_hand", "held")) == {(50, 20)}
    assert set(Variant.objects.values_list("weight_g", flat=True)) == {7}
    assert ImportJob.objects.filter(failed=0, status="done").count() == 2


def bring_in(content: str) -> ImportJob:
    file = io.BytesIO(content.encode())
    job = imports.begin_import(file=file, file_name="x.csv", dry_run=False, created_by=None, is_uploaded=False)
    return imports.run_import(job=job, file=file, watch=lambda *_: None)


def at_once(*acts: Any) -> list[Any]:
    barrier = Barrier(len(acts))

    def run(act: Any) -> Any:
        barrier.wait(20)
        try:
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))
