"""Whoever is killed while a file is written leaves no picture half made, and no file that nobody knows of."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.db import connections

from ecommerce.kernel import clock
from ecommerce.kernel.db import alias_of
from modules.catalog import tasks
from modules.catalog.logic import image_making, media
from modules.catalog.models import DiscardedFile, Product, ProductImage
from modules.catalog.tests.factories import make_product
from modules.catalog.tests.pictures import add, files_in, jpeg

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("invariants_hold")]

# In a process of its own, on this test's database and directory, with a disk that is slow below one folder.
PROGRAM = """
import io, pathlib, sys, uuid
import django
django.setup()
from django.conf import settings
from modules.catalog.logic import image_making, product_images
from modules.catalog.tests.watched_store import slow
root, below, act, of = sys.argv[1:]
settings.STORAGES = slow(pathlib.Path(root), below)
if act == "make":
    image_making.make_renditions(image_id=uuid.UUID(of))
else:
    product_images.add_image(product_id=of, file=io.BytesIO(pathlib.Path(act).read_bytes()))
"""
LATER = timedelta(hours=1, seconds=1)


@pytest.fixture
def product(store: Path) -> Product:
    return make_product(slug="tee", title="Tee", images=[])


def test_sizes_that_were_half_made_are_made_again_and_are_the_same(product, store):
    image = add(product, jpeg((1000, 1000)))
    killed_after_a_file(store, "pictures/", "make", str(image.id))

    image.refresh_from_db()
    [half_made] = files_in(store / "pictures")
    assert (image.state, image.lease is None) == ("waiting", False)
    assert f"pictures/{half_made}" in DiscardedFile.objects.values_list("name", flat=True)
    assert Product.objects.get().images == []

    with time_machine.travel(clock.now() + image_making.LEASE + timedelta(seconds=1)):
        tasks.make_due_renditions()
    image.refresh_from_db()
    names = sorted({media.name_of(size["url"]) for size in image.renditions.values()})
    assert (image.state, len(names)) == ("ready", 3)
    assert f"pictures/{half_made}" in names

    with time_machine.travel(clock.now() + LATER + image_making.LEASE):
        tasks.delete_files()
    assert files_in(store) == names


def test_an_upload_that_was_not_finished_leaves_no_picture_and_in_the_end_no_file(product, store, tmp_path):
    file = tmp_path / "tee.jpg"
    file.write_bytes(jpeg())
    killed_after_a_file(store, "originals/", str(file), str(product.id))

    assert ProductImage.objects.count() == 0
    assert files_in(store) == list(DiscardedFile.objects.values_list("name", flat=True))
    assert len(files_in(store)) == 1

    with time_machine.travel(clock.now() + LATER):
        tasks.delete_files()
    assert (files_in(store), DiscardedFile.objects.count()) == ([], 0)


def killed_after_a_file(store: Path, below: str, *arguments: str) -> None:
    """Start the program, and end it by SIGKILL when its first file is there."""
    database = connections[alias_of("catalog")].settings_dict
    url = f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(store), below, *arguments],
        cwd=settings.BASE_DIR,
        env=environment | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "ecommerce.settings"},
        stdout=subprocess.DEVNULL,
    ) as process:
        until = time.monotonic() + 60
        while not (store / below).exists() or not files_in(store / below):
            assert process.poll() is None, "it ended before it wrote anything"
            assert time.monotonic() < until, "it writes nothing"
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
