"""Importing products in the admin. There is an admin only where users are."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ecommerce.kernel.testing import local
from modules.catalog import tasks
from modules.catalog.models import ImportJob, Product
from modules.catalog.tests.factories import make_product

pytestmark = [
    pytest.mark.skipif(not local("users"), reason="the admin lives where users live"),
    pytest.mark.django_db,
    pytest.mark.usefixtures("invariants_hold"),
]

ADD = "/admin/catalog/importjob/add/"


@pytest.fixture
def staff() -> Any:
    user: Any = get_user_model()(email="staff@example.com", is_staff=True, is_superuser=True)
    user.save()
    client = Client()
    client.force_login(user)
    return client


def test_a_dry_run_shows_what_would_change(staff):
    make_product(slug="red", title="Red")

    answer = upload(staff, b"slug,title,category\nred,<b>Crimson</b>,\nx,X,hats\n", dry_run="on")

    job = ImportJob.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/catalog/importjob/{job.id}/change/")
    assert (job.dry_run, job.is_uploaded, str(job.created_by)) == (True, True, staff.session["_auth_user_id"])
    tasks.run_import(str(job.id))
    page = staff.get(answer["Location"]).content.decode()
    assert "red  title: Red → &lt;b&gt;Crimson&lt;/b&gt;" in page
    assert "line 3 category There is no category &#x27;hats&#x27;." in page
    assert Product.objects.get().title == "Red"


def test_an_import_is_carried_out(staff):
    make_product(slug="red", title="Red")

    upload(staff, b"slug;title\nred;Crimson\n", delimiter=";")
    tasks.run_import(str(ImportJob.objects.get().id))

    assert Product.objects.get().title == "Crimson"
    assert b"x.csv" in staff.get("/admin/catalog/importjob/").content


def test_a_file_that_cannot_be_used_is_refused_on_the_page(staff):
    answer = upload(staff, b"colour\n")

    assert answer.status_code == 200
    assert "There is no column &#x27;colour&#x27;." in answer.content.decode()
    assert ImportJob.objects.count() == 0


def test_the_page_begins_with_a_dry_run(staff):
    assert b'name="dry_run"' in (page := staff.get(ADD).content)
    assert b"checked" in page


def upload(client: Any, content: bytes, **fields: str) -> Any:
    return client.post(ADD, {"file": SimpleUploadedFile("x.csv", content), "delimiter": ",", **fields})
