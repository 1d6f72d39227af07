"""Pictures at their addresses: only what the shop made, as nothing else than a picture, for ever."""

from typing import Any

import pytest
from django.test import Client

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import statements
from modules.catalog.logic import media, product_images
from modules.catalog.models import Product
from modules.catalog.tests.factories import make_product
from modules.catalog.tests.pictures import add, add_ready

pytestmark = pytest.mark.django_db


@pytest.fixture
def product(store: Any) -> Product:
    return make_product(slug="tee", images=[])


def test_a_picture_is_answered_as_what_it_is_and_may_be_kept_for_ever(product, store):
    path = add_ready(product).renditions["large"]["url"]

    with statements() as sql:
        answer = Client().get(path)

    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert answer.content == (store / media.name_of(path)).read_bytes()
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'"
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert sql == []


def test_who_has_it_is_told_so(product):
    path = add_ready(product).renditions["large"]["url"]
    first = Client().get(path)

    again = Client().get(path, headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    head = Client().head(path)
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_picture_is_only_read(product, method):
    path = add_ready(product).renditions["large"]["url"]

    assert getattr(Client(), method)(path).status_code == 405
    assert Client().get(path).status_code == 200


def test_what_waits_has_no_address(product):
    image = add(product)

    for path in (image.original, image.original.removeprefix("originals/"), f"../{image.original}", str(image.id)):
        assert Client().get(f"/media/{path}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "",
        "../settings.py",
        "..%2f..%2fecommerce/settings.py",
        "aa/../../ecommerce/settings.py",
        "aa/01936d6e-5a3c-7c3e-9a52-0e7b3b8f9d10-0123456789abcdef0123456789abcdef.webp",
        "aa/01936d6e-5a3c-7c3e-9a52-0e7b3b8f9d10-0123456789abcdef0123456789abcdef.webp.html",
        "aa/------------------------------------0123456789abcdef0123456789abcdef.webp",
    ],
)
def test_there_is_nothing_else(store, path):
    assert Client().get(f"/media/{path}").status_code == 404


def test_who_has_the_page_open_still_sees_a_picture_that_was_removed(product):
    image = add_ready(product)
    path = image.renditions["large"]["url"]

    product_images.remove_image(image_id=image.id)

    assert Client().get(path).status_code == 200
    assert Client().get(path.replace(str(image.id), str(new_id()))).status_code == 404
