"""Pictures of categories over HTTP: sent by staff, shown in the place of the one before once they are ready."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from ecommerce.kernel import clock
from modules.catalog import tasks
from modules.catalog.models import Category, CategoryImage, DiscardedFile
from modules.catalog.tests.api.staff import OTHERS, client, refusal, send
from modules.catalog.tests.factories import CategoryFactory
from modules.catalog.tests.pictures import files_in, in_directory, jpeg

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("invariants_hold")]

CATEGORIES = "/api/v1/catalog/categories/"
IMAGE = f"{CATEGORIES}tees/image/"


@pytest.fixture
def category(store: Path) -> Category:
    return CategoryFactory.create(slug="tees")


def test_a_picture_is_shown_when_a_worker_has_made_its_sizes(category):
    answer = upload(jpeg((2000, 1000)))

    image = answer.json()
    assert (answer.status_code, image["state"], image["failure"]) == (201, "waiting", None)
    assert shown() is None

    tasks.make_renditions(image["id"])

    assert send("GET", IMAGE).json() == image | {"state": "ready"}
    path = shown().removeprefix("http://localhost:8000")
    assert APIClient().get(path)["Content-Type"] == "image/webp"
    assert Category.objects.get().version == category.version + 1


def test_the_one_before_is_shown_until_the_next_is_ready_and_then_its_files_go(category, store):
    tasks.make_renditions(upload(jpeg()).json()["id"])
    first = shown()

    second = upload(jpeg((80, 80))).json()
    assert shown() == first

    tasks.make_due_renditions()
    assert shown() != first
    assert [str(image.id) for image in CategoryImage.objects.all()] == [second["id"]]
    assert delete_later(store) == [f"pictures/{shown().removeprefix('http://localhost:8000/media/')}"]


def test_of_two_that_wait_the_last_is_made(category, store):
    upload(jpeg())
    second = upload(jpeg()).json()

    tasks.make_due_renditions()

    assert [(str(image.id), image.state) for image in CategoryImage.objects.all()] == [(second["id"], "ready")]
    assert len(delete_later(store)) == 1


def test_one_that_cannot_be_made_leaves_the_one_before(category, store):
    tasks.make_renditions(upload(jpeg()).json()["id"])
    first = shown()
    image = CategoryImage.objects.get(id=upload(jpeg()).json()["id"])
    (store / image.original).write_bytes(jpeg()[:-200])

    tasks.make_renditions(str(image.id))

    assert (send("GET", IMAGE).json()["state"], send("GET", IMAGE).json()["failure"]) == ("failed", "broken_image")
    assert shown() == first
    assert upload(jpeg()).status_code == 201
    assert CategoryImage.objects.count() == 2


def test_a_category_loses_its_picture_as_often_as_it_is_asked(category, store):
    tasks.make_renditions(upload(jpeg()).json()["id"])

    assert [send("DELETE", IMAGE).status_code for _ in range(2)] == [204, 204]

    assert (shown(), send("GET", IMAGE).status_code) == (None, 404)
    assert delete_later(store) == []


def test_a_category_that_is_deleted_takes_its_pictures_along(category, store):
    tasks.make_renditions(upload(jpeg()).json()["id"])
    upload(jpeg())

    assert send("DELETE", f"{CATEGORIES}tees/").status_code == 204

    assert (CategoryImage.objects.count(), Category.objects.count()) == (0, 0)
    assert delete_later(store) == []


def test_what_is_no_picture_is_refused(category, store):
    assert refusal(upload(b"<svg/>")) == (400, "unsupported_image")
    assert (CategoryImage.objects.count(), files_in(store)) == (0, [])


def test_a_category_that_is_not_there_has_none(category, store):
    path = f"{CATEGORIES}hats/image/"

    answers = [client().post(path, {"file": SimpleUploadedFile("x", jpeg())}, format="multipart")]
    answers += [send(method, path) for method in ("GET", "DELETE")]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert files_in(store) == []


def test_while_the_store_is_away_nothing_is_taken(category, settings, tmp_path):
    (tmp_path / "file").write_text("")
    settings.STORAGES = in_directory(tmp_path / "file")

    answer = upload(jpeg())

    assert (answer.status_code, answer.json()["dependency"]) == (503, "media")
    assert CategoryImage.objects.count() == 0


@pytest.mark.parametrize(("principal", "status"), OTHERS)
def test_others_see_and_change_nothing(category, store, principal, status):
    upload(jpeg())

    answers = [
        client(principal).post(IMAGE, {"file": SimpleUploadedFile("x", jpeg())}, format="multipart"),
        send("GET", IMAGE, principal=principal),
        send("DELETE", IMAGE, principal=principal),
    ]

    assert [answer.status_code for answer in answers] == [status] * 3
    assert (CategoryImage.objects.count(), DiscardedFile.objects.count()) == (1, 0)


def upload(content: bytes) -> Any:
    return client().post(IMAGE, {"file": SimpleUploadedFile("tees.jpg", content)}, format="multipart")


def shown() -> Any:
    """The address that shoppers are given."""
    return APIClient().get(f"{CATEGORIES}tees/").json()["image"]


def delete_later(store: Path) -> list[str]:
    with time_machine.travel(clock.now() + timedelta(hours=1, seconds=1)):
        tasks.delete_files()
    return files_in(store)
