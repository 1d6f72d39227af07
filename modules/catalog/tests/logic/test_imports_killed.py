"""An import that is killed goes on where it stopped, and what comes of it is what would have come of it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

from ecommerce.kernel.db import alias_of
from modules.catalog.logic import imports
from modules.catalog.logic.product_files import export_products
from modules.catalog.models import ImportJob, PriceChange, StockMovement
from modules.catalog.tests.factories import CategoryFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("invariants_hold"),
]

PRODUCTS = 3000
HEADER = "key,title,category,status,sku,price.EUR,on_hand\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Three thousand products, every hundredth of them without a category."""
    CategoryFactory.create(slug="shelf")
    path = tmp_path / "products.csv"
    path.write_text(HEADER + "".join(_row(number) for number in range(PRODUCTS)))
    return path


def test_a_killed_import_goes_on_with_the_same_result(file):
    with started(file) as process:
        job = wait_for_first_batch()
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    job.refresh_from_db()
    assert 0 < job.lines < PRODUCTS, "it was killed in the middle"
    assert job.status == "running"
    # Whoever was killed cannot give his lease back: it runs out.
    ImportJob.objects.update(leased_until=job.created_at)

    with file.open("rb") as content:
        again = imports.resume_import(job_id=job.id, file=content)
        done = imports.run_import(job=again, file=content, watch=lambda *_: None)

    assert (done.status, counts(done), done.error_count) == ("done", (2970, 0, 0, 30), 30)
    assert [error["line"] for error in done.errors] == [number + 2 for number in range(0, PRODUCTS, 100)]
    whole = b"".join(export_products(format="jsonl"))
    assert whole == uninterrupted()
    assert (PriceChange.objects.count(), StockMovement.objects.count()) == (2970, 2970)


def test_what_was_begun_with_one_file_does_not_go_on_with_another(file, tmp_path):
    with file.open("rb") as content:
        job = begin(content)
    other = tmp_path / "other.csv"
    other.write_text(HEADER)

    with other.open("rb") as content, pytest.raises(imports.AnotherFile):
        imports.resume_import(job_id=job.id, file=content)
    assert ImportJob.objects.get().lines == 0


def test_two_do_not_run_one_import_at_once(file):
    with file.open("rb") as content:
        job = begin(content)
        seen: list[str] = []

        def meanwhile(running: ImportJob, _: Any) -> None:
            if not seen:
                with pytest.raises(imports.ImportRuns):
                    imports.run_import(job=ImportJob.objects.get(), file=content, watch=lambda *_: None)
                seen.append(running.status)

        imports.run_import(job=job, file=content, watch=meanwhile)

    assert seen == ["running"]


def test_who_lost_the_lease_writes_nothing_more(file):
    with file.open("rb") as content:
        job = begin(content)

        def taken_over(running: ImportJob, _: Any) -> None:
            ImportJob.objects.update(lease=running.id)

        imports.run_import(job=job, file=content, watch=taken_over)

    kept = ImportJob.objects.get()
    assert (kept.status, sum(counts(kept))) == ("running", 500)
    assert PriceChange.objects.count() == 495


def started(file: Path) -> subprocess.Popen[bytes]:
    """The command in a process of its own, on this test's database."""
    database = connections[alias_of("catalog")].settings_dict
    url = f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    command = [sys.executable, "manage.py", "import_products", str(file)]
    return subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        env=environment | {"DATABASE_URL": url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_for_first_batch() -> ImportJob:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if job := ImportJob.objects.filter(lines__gt=0).first():
            return job
        time.sleep(0.002)
    raise AssertionError("the import does not get on")


def begin(content: Any) -> ImportJob:
    return imports.begin_import(
        file=content, file_name="products.csv", dry_run=False, created_by=None, is_uploaded=False
    )


def counts(job: ImportJob) -> tuple[int, ...]:
    return tuple(getattr(job, name) for name in imports.COUNTS)


def uninterrupted() -> bytes:
    """The export that comes of the file, written down without an import."""
    lines = [_document(number) for number in range(PRODUCTS) if number % 100]
    return "".join(lines).encode()


def _row(number: int) -> str:
    category = "shelf" if number % 100 else "nowhere"
    return f"K{number:05},Thing {number},{category},published,S{number:05},{number + 1}.00,{number + 1}\n"


def _document(number: int) -> str:
    return (
        f'{{"key":"K{number:05}","slug":"thing-{number}","title":"Thing {number}","category":"shelf",'
        '"status":"published","tax_class":"standard","attributes":{},"seo":{},"translations":{},"variants":'
        f'[{{"sku":"S{number:05}","weight_g":0,"position":0,"on_hand":{number + 1},"options":{{}},'
        f'"prices":[{{"currency":"EUR","amount":"{number + 1}.00"}}]}}]}}\n'
    )
