"""Imports and exports over HTTP: for staff."""

from datetime import timedelta
from typing import Any, cast

import pytest
from celery import current_app
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from ecommerce.kernel import clock
from ecommerce.kernel.db import alias_of
from ecommerce.kernel.identity import Principal
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import IdempotencyKey
from modules.catalog import tasks
from modules.catalog.models import ImportChunk, ImportJob, Product, Variant
from modules.catalog.tests.factories import CategoryFactory, make_product

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invariants_hold")]

STAFF = Principal(id=new_id(), is_staff=True, scopes=frozenset({"catalog.write"}))
ROWS = b"key,title,category,sku,price.EUR\nA,One,shelf,A-1,10.00\nB,Two,hats,B-1,10.00\n"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any) -> list[Any]:
    """What the broker would have been given."""
    tasks_sent: list[Any] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **_: tasks_sent.append((name, args)))
    return tasks_sent


def test_an_upload_is_a_job_that_a_worker_carries_out(sent, django_capture_on_commit_callbacks):
    CategoryFactory.create(slug="shelf")

    with django_capture_on_commit_callbacks(execute=True):
        answer = upload(ROWS)

    job = answer.json()
    assert (answer.status_code, answer["Location"]) == (202, f"http://testserver/api/v1/catalog/imports/{job['id']}/")
    assert job | {"id": "", "created_at": ""} == {
        "id": "",
        "status": "queued",
        "format": "csv",
        "file_name": "spring.csv",
        "dry_run": False,
        "rows": {"read": 0, "created": 0, "updated": 0, "unchanged": 0, "failed": 0},
        "error_count": 0,
        "created_by": str(STAFF.id),
        "created_at": "",
        "started_at": None,
        "finished_at": None,
        "errors": [],
        "changes": [],
    }
    assert sent == [("catalog.run_import", [job["id"]])]
    assert Product.objects.count() == 0

    tasks.run_import(job["id"])

    done = client().get(answer["Location"]).json()
    assert (done["status"], done["rows"]) == (
        "done",
        {"read": 2, "created": 1, "updated": 0, "unchanged": 0, "failed": 1},
    )
    assert done["errors"] == [
        {
            "line": 3,
            "column": "category",
            "code": "unknown_category",
            "detail": "There is no category 'hats'.",
        }
    ]
    assert Variant.objects.get().sku == "A-1"
    assert ImportChunk.objects.count() == 0


def test_a_task_that_comes_twice_imports_once():
    CategoryFactory.create(slug="shelf")
    job = upload(ROWS).json()

    tasks.run_import(job["id"])
    tasks.run_import(job["id"])

    assert ImportJob.objects.get().created == 1


def test_the_sweep_carries_out_what_nobody_began_and_what_was_left():
    CategoryFactory.create(slug="shelf")
    left, waiting, running = (upload(ROWS.replace(b"A", sku)).json()["id"] for sku in (b"C", b"D", b"E"))
    past, later = clock.now().replace(year=2020), clock.now().replace(year=2099)
    ImportJob.objects.filter(id=left).update(status="running", lease=new_id(), leased_until=past)
    ImportJob.objects.filter(id=running).update(status="running", lease=new_id(), leased_until=later)

    tasks.run_imports()

    statuses = {str(job.id): job.status for job in ImportJob.objects.all()}
    assert statuses == {left: "done", waiting: "done", running: "running"}


def test_what_kills_its_worker_again_and_again_is_given_up():
    CategoryFactory.create(slug="shelf")
    job_id = upload(ROWS).json()["id"]
    ImportJob.objects.update(attempts=5)

    tasks.run_import(job_id)

    job = ImportJob.objects.get()
    assert (job.status, [error["code"] for error in job.errors]) == ("failed", ["server_error"])
    assert Product.objects.count() == 0


def test_what_was_finished_half_a_year_ago_is_forgotten(sent):
    old, young, open_ = (upload(b"sku,weight_g\n").json()["id"] for _ in range(3))
    for job_id, days in ((old, 181), (young, 179)):
        ended = clock.now() - timedelta(days=days)
        ImportJob.objects.filter(id=job_id).update(status="done", finished_at=ended)

    tasks.forget_old_rows()

    assert {str(i) for i in ImportJob.objects.values_list("id", flat=True)} == {young, open_}


def test_a_dry_run_answers_what_would_change_and_changes_nothing():
    make_product(slug="red", title="Red")

    job_id = upload(b"slug,title\nred,Crimson\n", {"dry_run": "true"}).json()["id"]
    tasks.run_import(job_id)

    job = client().get(f"/api/v1/catalog/imports/{job_id}/").json()
    assert (job["dry_run"], job["rows"]["updated"]) == (True, 1)
    assert job["changes"] == [
        {
            "line": 2,
            "key": "red",
            "action": "updated",
            "changes": [{"sku": None, "column": "title", "old": "Red", "new": "Crimson"}],
        }
    ]
    assert Product.objects.get().title == "Red"


def test_a_file_in_pieces_is_read_as_one():
    CategoryFactory.create(slug="shelf")
    words = "é" * 1000
    content = "key,title,description,category\n" + "".join(f"K{n},T{n},{words},shelf\n" for n in range(1100))

    tasks.run_import(upload(content.encode()).json()["id"])

    assert (ImportJob.objects.get().created, ImportJob.objects.get().errors) == (1100, [])
    assert set(Product.objects.values_list("description", flat=True)) == {words}


def test_a_file_that_cannot_be_used_is_refused_at_once_with_every_reason():
    answer = upload(b"sku,colour,weight\n")

    assert (answer.status_code, answer.json()["code"]) == (400, "unusable_file")
    assert [(error["field"], error["column"], error["code"]) for error in answer.json()["errors"]] == [
        ("file", "colour", "unknown_column"),
        ("file", "weight", "unknown_column"),
    ]
    assert ImportJob.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "file"),
        ({"dry_run": "yes"}, "dry_run"),
        ({"format": "xlsx"}, "format"),
        ({"delimiter": '"'}, "delimiter"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_makes_no_sense_is_refused(body, field):
    file = {"file": SimpleUploadedFile("a.csv", ROWS)} if body else {"dry_run": "true"}

    answer = client().post("/api/v1/catalog/imports/", {**file, **body}, format="multipart")

    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, [field])
    assert ImportJob.objects.count() == 0


def test_the_file_may_be_the_body_itself(sent):
    CategoryFactory.create(slug="shelf")
    lines = b'{"key": "L", "title": "Lines", "category": "shelf", "variants": [{"sku": "L-1"}]}\n'

    csv = post("?dry_run=true&delimiter=,", ROWS, content_type="text/csv; charset=utf-8").json()
    jsonl = post("", lines, content_type="application/x-ndjson").json()

    assert (csv["format"], csv["dry_run"], csv["file_name"]) == ("csv", True, "products.csv")
    assert (jsonl["format"], jsonl["dry_run"], jsonl["file_name"]) == ("jsonl", False, "products.jsonl")
    tasks.run_import(jsonl["id"])
    assert Product.objects.get().title == "Lines"


@pytest.mark.parametrize(
    ("query", "content", "headers", "status"),
    [
        ("?dry_run=yes", ROWS, {}, 400),
        ("?colour=red", ROWS, {}, 400),
        ("", b"", {}, 400),
        ("", ROWS, {"HTTP_CONTENT_ENCODING": "gzip"}, 415),
        ("", b"x" * (10 * 1024 * 1024 + 1), {}, 413),
    ],
)
def test_a_body_that_is_no_import_is_refused(query, content, headers, status):
    assert post(query, content, content_type="text/csv", **headers).status_code == status
    assert ImportJob.objects.count() == 0


def test_a_repeated_upload_is_the_job_there_is(sent):
    first, again = (upload(ROWS, HTTP_IDEMPOTENCY_KEY="spring") for _ in range(2))

    assert (again.status_code, again.content) == (202, first.content)
    assert (again["Idempotent-Replayed"], again["Location"]) == ("true", first["Location"])
    assert ImportJob.objects.count() == 1


def test_the_key_of_a_dry_run_imports_afterwards(sent):
    def posted(query: str) -> Any:
        return post(query, ROWS, content_type="text/csv", HTTP_IDEMPOTENCY_KEY="spring").json()

    dry, real, again = posted("?dry_run=true"), posted(""), posted("")

    assert (dry["dry_run"], real["dry_run"], again["id"] == real["id"]) == (True, False, True)
    assert ImportJob.objects.count() == 2


def test_another_file_under_the_same_key_is_refused(sent):
    upload(ROWS, HTTP_IDEMPOTENCY_KEY="spring")

    answer = upload(ROWS + b"C,Three,hats,C-1,10.00\n", HTTP_IDEMPOTENCY_KEY="spring")

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert ImportJob.objects.count() == 1


def test_an_upload_that_was_stored_before_its_answer_was_lost_is_not_stored_again(sent):
    job_id = upload(ROWS, HTTP_IDEMPOTENCY_KEY="spring").json()["id"]
    # As a process leaves it that dies before it has kept the answer.
    lost = {"status": None, "body": None, "claim_token": None, "claimed_until": None}
    IdempotencyKey.objects.using(alias_of("catalog")).update(**lost)

    answer = upload(ROWS, HTTP_IDEMPOTENCY_KEY="spring")

    assert (answer.status_code, answer.json()["id"]) == (202, job_id)
    assert ImportJob.objects.count() == 1


def test_json_is_no_upload():
    answer = client().post("/api/v1/catalog/imports/", {"file": "x"}, format="json")

    assert answer.status_code == 415


def test_imports_are_listed_the_latest_first():
    first, second = (upload(b"sku,weight_g\n").json()["id"] for _ in range(2))

    page = client().get("/api/v1/catalog/imports/?limit=1").json()

    assert [job["id"] for job in page["results"]] == [second]
    assert set(page["results"][0]) == {
        "id", "status", "format", "file_name", "dry_run", "rows", "error_count", "created_by", "created_at",
        "started_at", "finished_at",
    }  # fmt: skip
    assert [job["id"] for job in client().get(page["next"]).json()["results"]] == [first]


def test_an_import_that_is_not_there_is_not_found():
    assert client().get(f"/api/v1/catalog/imports/{new_id()}/").status_code == 404


def test_the_export_is_streamed_as_a_file():
    product = make_product(slug="red", title="=Red")

    table: Any = client().get("/api/v1/catalog/exports/products/")
    lines: Any = client().get("/api/v1/catalog/exports/products/?format=jsonl")

    assert (table.status_code, table["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert table["Content-Disposition"] == f'attachment; filename="products-{clock.now():%Y-%m-%d}.csv"'
    header, row = b"".join(table.streaming_content).decode().splitlines()
    assert header.startswith("key,slug,title,")
    # As it is, so that it comes back as it is.
    assert row.startswith("red,red,=Red,")
    assert lines["Content-Type"] == "application/x-ndjson"
    assert b"".join(lines.streaming_content).startswith(b'{"key":"red","slug":"red","title":"=Red"')
    assert product.version == 1


@pytest.mark.parametrize(("query", "status"), [("?format=xlsx", 400), ("?colour=red", 400), ("?category=hats", 404)])
def test_an_export_of_what_there_is_not_is_refused(query, status):
    assert client().get(f"/api/v1/catalog/exports/products/{query}").status_code == status


@pytest.mark.parametrize(
    ("principal", "status"),
    [(None, 401), (Principal(id=new_id()), 403), (Principal(id=new_id(), is_staff=True), 403)],
)
def test_nobody_else_imports_or_exports(principal, status):
    caller = client(principal)
    addresses = ("imports/", f"imports/{new_id()}/", "exports/products/")

    answers = [caller.get(f"/api/v1/catalog/{address}").status_code for address in addresses]
    # Before the body is looked at.
    answers.append(caller.post("/api/v1/catalog/imports/", {"x": "y"}, format="multipart").status_code)

    assert answers == [status] * 4
    assert ImportJob.objects.count() == 0


def client(principal: Principal | None = STAFF) -> APIClient:
    made = APIClient()
    if principal:
        made.force_authenticate(user=cast(Any, principal))
    return made


def upload(content: bytes, fields: dict[str, str] | None = None, **headers: Any) -> Any:
    body = {"file": SimpleUploadedFile("spring.csv", content), **(fields or {})}
    return client().post("/api/v1/catalog/imports/", body, format="multipart", **headers)


def post(query: str, content: bytes, **headers: Any) -> Any:
    return client().post(f"/api/v1/catalog/imports/{query}", cast(Any, content), **headers)
