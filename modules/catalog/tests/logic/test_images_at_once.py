"""Pictures sent, moved, removed and made at once: no place is lost, no file is left, nobody waits in a circle."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from modules.catalog import tasks
from modules.catalog.logic import image_making, product_images
from modules.catalog.logic.database import fetch
from modules.catalog.models import Product, ProductImage
from modules.catalog.tests.factories import make_product
from modules.catalog.tests.logic.test_image_making import SOON, delete_later, in_thread, remove, shown
from modules.catalog.tests.pictures import add, file_of, halves

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("invariants_hold")]


@pytest.fixture
def product(store: Path) -> Product:
    return make_product(slug="tee", title="Tee", images=[])


def test_giving_up_and_removing_at_once_leave_nothing(product, store):
    images = [add(product) for _ in range(12)]
    for image in images:
        (store / image.original).write_bytes(b"no picture")

    acts = [act for image in images for act in (tasks.make_renditions, remove)]
    with ThreadPoolExecutor(4) as everybody:
        ids = [image.id for image in images for _ in range(2)]
        list(everybody.map(lambda act, image_id: in_thread(lambda: act(str(image_id))), acts, ids))

    assert ProductImage.objects.count() == 0
    assert delete_later() == []


def test_who_moves_pictures_waits_for_who_gives_one_up_before_any_has_another_place(product, store):
    images = [add(product) for _ in range(4)]
    given_up = images[2:]
    works = [image_making._claim(image.id) for image in given_up]
    last = images[-1].id

    with ThreadPoolExecutor(1) as staff:
        with atomic(ProductImage):
            # A picture that is being given up is locked before its row is written; here for long enough.
            list(ProductImage.objects.select_for_update().filter(id__in=[image.id for image in given_up]))
            moving = staff.submit(in_thread, lambda: product_images.move_image(image_id=last, position=0))
            until_somebody_waits()
            for work in works:
                assert work is not None
                image_making._fail(work, "broken_image")
        moving.result(20)

    order = ProductImage.objects.order_by("position").values_list("id", flat=True)
    assert list(order) == [last, *(image.id for image in images[:-1])]


def test_pictures_sent_at_once_stand_one_behind_the_other(product, store):
    with ThreadPoolExecutor(4) as staff:
        list(staff.map(lambda n: in_thread(lambda: add(product, alt=str(n), position=0)), range(8)))

    positions = ProductImage.objects.order_by("position").values_list("position", flat=True)
    assert list(positions) == list(range(8))


def test_moving_describing_and_making_at_once_end_in_what_the_rows_say(product, store):
    content = file_of(halves((400, 300)), "PNG")
    images = [add(product, content, alt=str(number)) for number in range(4)]

    def make(number: int) -> None:
        tasks.make_renditions(str(images[number % 4].id))

    def move(number: int) -> None:
        product_images.change_image(image_id=images[number % 4].id, position=number % 3, alt=f"moved {number}")

    acts = [(act, number) for number in range(8) for act in (make, move)]
    with ThreadPoolExecutor(4) as everybody:
        list(everybody.map(lambda one: in_thread(lambda: one[0](one[1])), acts))

    assert [image["alt"] for image in shown(product)] == list(
        ProductImage.objects.order_by("position").values_list("alt", flat=True)
    )
    assert len(shown(product)) == 4


def until_somebody_waits() -> None:
    """For a lock that this connection holds."""
    until = clock.now() + SOON
    while not fetch("SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"):
        assert clock.now() < until
