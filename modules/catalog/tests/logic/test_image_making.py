"""The sizes of pictures are made once, by one worker, whatever happens meanwhile; and no file is left."""

import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import connections
from rest_framework.test import APIClient

from ecommerce.kernel import clock
from ecommerce.kernel.errors import NotFound, Unavailable
from ecommerce.kernel.ids import new_id
from modules.catalog import tasks
from modules.catalog.logic import image_making, media, product_images, products
from modules.catalog.models import DiscardedFile, Product, ProductImage
from modules.catalog.tests.factories import make_product
from modules.catalog.tests.logic.test_image_files import _piece, png_that_says
from modules.catalog.tests.pictures import add, add_ready, file_of, files_in, in_directory, jpeg, picture
from modules.catalog.tests.watched_store import WatchedStore, watched

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("invariants_hold")]

SOON = timedelta(minutes=2)
LATER = timedelta(hours=1, seconds=1)


@pytest.fixture
def product(store: Path) -> Product:
    return make_product(slug="tee", title="Tee", images=[])


@pytest.fixture
def on_write(store: Path, settings: Any) -> Iterator[Callable[[Callable[[str], None]], None]]:
    """Do something whenever a file has been written."""
    settings.STORAGES = watched(store)

    def set_act(act: Callable[[str], None]) -> None:
        WatchedStore.written = staticmethod(act)

    yield set_act
    set_act(lambda name: None)


def test_a_file_that_cannot_be_unfolded_is_given_up_with_the_reason(product, store):
    damaged = png_that_says(10, 10).replace(_piece(b"IDAT" + zlib.compress(b"\0")), _piece(b"IDAT" + b"no pixels"))
    image = add(product, damaged)

    tasks.make_renditions(str(image.id))
    tasks.make_due_renditions()

    image.refresh_from_db()
    assert (image.state, image.failure, image.original, image.renditions) == ("failed", "broken_image", "", {})
    assert shown(product) == []
    assert delete_later() == []


def test_while_the_store_is_away_nothing_is_taken_and_nothing_is_left(product, store, settings, tmp_path):
    settings.STORAGES = in_directory(a_file(tmp_path))

    with pytest.raises(Unavailable) as refused:
        add(product)

    assert refused.value.details == {"dependency": "media"}
    assert ProductImage.objects.count() == 0
    settings.STORAGES = in_directory(store)
    assert delete_later() == []


def test_a_picture_waits_while_the_store_is_away(product, store, settings, tmp_path):
    image = add(product)
    settings.STORAGES = in_directory(a_file(tmp_path))

    tasks.make_renditions(str(image.id))
    tasks.make_renditions(str(image.id))

    waiting = ProductImage.objects.get()
    assert (waiting.state, waiting.attempts, waiting.crashes, waiting.lease) == ("waiting", 2, 0, None)
    assert waiting.due_at is not None
    assert waiting.due_at > clock.now()
    settings.STORAGES = in_directory(store)
    with time_machine.travel(clock.now() + SOON):
        tasks.make_due_renditions()
    assert ProductImage.objects.get().state == "ready"


def test_a_full_disk_among_the_sizes_is_waited_for_too(product, store, on_write):
    image = add(product, jpeg((1000, 1000)))

    def fill(name: str) -> None:
        raise OSError(28, "No space left on device")

    on_write(fill)
    assert not image_making.make_renditions(image_id=image.id)
    on_write(lambda name: None)
    assert image_making.make_renditions(image_id=image.id)

    assert ProductImage.objects.get().state == "ready"
    assert delete_later() == names_of(ProductImage.objects.get())


def test_the_sweep_stops_where_the_store_is_away(product, store, settings, tmp_path):
    images = [add(product) for _ in range(3)]
    settings.STORAGES = in_directory(a_file(tmp_path))

    tasks.make_due_renditions()

    assert sorted(ProductImage.objects.values_list("attempts", flat=True)) == [0, 0, 1]
    assert ProductImage.objects.get(attempts=1).id in {image.id for image in images}


def test_an_original_that_is_not_there_is_looked_for_a_day(product, store):
    image, other = add(product), add(product)
    (store / image.original).unlink()

    tasks.make_due_renditions()
    assert [one.state for one in ProductImage.objects.order_by("position")] == ["waiting", "ready"]

    with time_machine.travel(clock.now() + timedelta(days=1, seconds=1)):
        tasks.make_due_renditions()
    image.refresh_from_db()
    assert (image.state, image.failure) == ("failed", "original_lost")
    assert other.id != image.id


def test_many_workers_make_a_picture_once(product, store, on_write):
    image = add(product, jpeg((1000, 1000)))
    written: list[str] = []
    on_write(written.append)

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: in_thread(lambda: tasks.make_renditions(str(image.id))), range(8)))

    assert sorted(written) == names_of(ProductImage.objects.get())
    assert len(written) == 3


def test_a_picture_removed_while_it_is_made_leaves_no_file(product, store, on_write):
    image = add(product)
    on_write(lambda name: elsewhere(lambda: product_images.remove_image(image_id=image.id)))

    assert image_making.make_renditions(image_id=image.id)

    assert (ProductImage.objects.count(), shown(product)) == (0, [])
    assert delete_later() == []


def test_a_product_deleted_while_its_picture_is_made_leaves_no_file(product, store, on_write):
    image = add(product)
    on_write(lambda name: elsewhere(lambda: products.remove_product(key="tee")))

    assert image_making.make_renditions(image_id=image.id)

    assert (ProductImage.objects.count(), Product.objects.count()) == (0, 0)
    assert delete_later() == []


def test_a_product_takes_its_pictures_along(product, store):
    add_ready(product)
    add(product)
    variant_id = product.variants.get().id
    add_ready(product, variant_ids=[variant_id])

    products.remove_product(key="tee")

    assert ProductImage.objects.count() == 0
    assert len(files_in(store)) == DiscardedFile.objects.count() == 5
    assert delete_later() == []


def test_who_lost_the_lease_changes_nothing(product, store, on_write):
    image = add(product)
    other = new_id()
    on_write(lambda name: ProductImage.objects.update(lease=other) and None)

    assert image_making.make_renditions(image_id=image.id)

    kept = ProductImage.objects.get()
    assert (kept.state, kept.lease, shown(product)) == ("waiting", other, [])


def test_what_was_left_by_a_worker_is_made_when_its_lease_has_run_out(product, store):
    image = add(product)
    ProductImage.objects.update(lease=new_id(), due_at=clock.now() + image_making.LEASE)

    tasks.make_renditions(str(image.id))
    tasks.make_due_renditions()
    assert ProductImage.objects.get().state == "waiting"

    with time_machine.travel(clock.now() + image_making.LEASE + timedelta(seconds=1)):
        tasks.make_due_renditions()
    made = ProductImage.objects.get()
    assert (made.state, made.crashes) == ("ready", 1)


def test_a_picture_that_kills_its_workers_is_given_up(product, store):
    image = add(product)
    ProductImage.objects.update(lease=new_id(), due_at=clock.now(), crashes=2)

    tasks.make_renditions(str(image.id))

    kept = ProductImage.objects.get()
    assert (kept.state, kept.failure) == ("failed", "server_error")
    assert delete_later() == []


def test_a_picture_of_two_times_the_same_file_is_two(product, store):
    first, second = add_ready(product, jpeg()), add_ready(product, jpeg())

    product_images.remove_image(image_id=first.id)

    assert delete_later() == names_of(second)


def test_what_was_kept_of_an_answer_is_dropped_when_a_picture_is_ready(product, store, settings):
    settings.KEEP_ANSWERS = 600
    path = "/api/v1/catalog/products/tee/"
    image = add(product)
    before = APIClient().get(path)
    assert APIClient().get(path, HTTP_IF_NONE_MATCH=before["ETag"]).status_code == 304

    tasks.make_renditions(str(image.id))

    after = APIClient().get(path, HTTP_IF_NONE_MATCH=before["ETag"])
    assert (after.status_code, [one["alt"] for one in after.json()["images"]]) == (200, ["Tee"])


def test_one_picture_is_removed_once(product, store):
    image = add_ready(product)

    def remove(_: int) -> bool:
        try:
            in_thread(lambda: product_images.remove_image(image_id=image.id))
        except NotFound:
            return False
        return True

    with ThreadPoolExecutor(4) as staff:
        assert sum(staff.map(remove, range(4))) == 1


def test_files_are_deleted_an_hour_after_their_picture(product, store):
    image = add_ready(product, file_of(picture((900, 900)), "PNG"))
    product_images.remove_image(image_id=image.id)
    left = files_in(store)

    tasks.delete_files()
    assert files_in(store) == left == sorted([*names_of(image), media.original_name(image.id)])

    assert delete_later() == []
    assert DiscardedFile.objects.count() == 0


def test_what_the_store_does_not_delete_now_it_deletes_the_next_time(product, store, settings, tmp_path):
    image = add_ready(product)
    product_images.remove_image(image_id=image.id)
    number = DiscardedFile.objects.count()
    settings.STORAGES = in_directory(a_file(tmp_path))

    with time_machine.travel(clock.now() + LATER):
        tasks.delete_files()

    assert DiscardedFile.objects.count() == number
    settings.STORAGES = in_directory(store)
    assert delete_later() == []


def test_a_file_that_is_going_is_neither_kept_nor_written_again():
    media.announce(["pictures/aa/one.webp"])
    DiscardedFile.objects.update(is_going=True)

    with pytest.raises(media.FileGone):
        media.announce(["pictures/aa/one.webp"])
    with pytest.raises(media.FileGone):
        media.keep(["pictures/aa/one.webp"])


def test_a_file_that_was_announced_too_long_ago_is_not_kept():
    media.announce(["originals/aa/one"])

    with time_machine.travel(clock.now() + LATER), pytest.raises(media.FileGone):
        media.keep(["originals/aa/one"])
    media.keep(["originals/aa/one"])
    assert DiscardedFile.objects.count() == 0


def remove(image_id: str) -> None:
    product_images.remove_image(image_id=UUID(image_id))


def delete_later() -> list[str]:
    """What is in the store once everything that is due is deleted."""
    with time_machine.travel(clock.now() + LATER):
        tasks.delete_files()
    from django.conf import settings

    return files_in(Path(settings.STORAGES["default"]["OPTIONS"]["location"]))


def a_file(tmp_path: Path) -> Path:
    """Where a store should be and is none."""
    path = tmp_path / "no-directory"
    path.write_text("")
    return path


def names_of(image: ProductImage) -> list[str]:
    return sorted({media.name_of(size["url"]) for size in image.renditions.values()})


def shown(product: Product) -> Any:
    return Product.objects.values_list("images", flat=True).get(id=product.id)


def in_thread(act: Callable[[], Any]) -> Any:
    try:
        return act()
    finally:
        connections.close_all()


def elsewhere(act: Callable[[], Any]) -> None:
    """In another connection; a second time it is done already."""

    def once() -> None:
        try:
            act()
        except NotFound:
            pass
        finally:
            connections.close_all()

    thread = Thread(target=once)
    thread.start()
    thread.join(20)
