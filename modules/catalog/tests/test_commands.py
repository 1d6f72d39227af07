"""Files of products from the command line."""

import io
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from modules.catalog.models import ImportJob, Product
from modules.catalog.tests.factories import CategoryFactory, make_product

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invariants_hold")]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    CategoryFactory.create(slug="shelf")
    path = tmp_path / "products.csv"
    path.write_text("key,title,category\nA,One,shelf\nB,Two,shelf\n")
    return path


def test_a_file_is_imported_and_summed_up(file):
    out = run(file)

    assert [line.split() for line in out.splitlines()[-5:]] == [
        ["read", "2"],
        ["created", "2"],
        ["updated", "0"],
        ["unchanged", "0"],
        ["failed", "0"],
    ]
    assert Product.objects.count() == 2


def test_failed_rows_are_listed_and_make_the_exit_status_1(file):
    file.write_text(file.read_text() + "C,Three,hats\n")

    with pytest.raises(SystemExit) as ended:
        run(file)

    assert ended.value.code == 1
    assert Product.objects.count() == 2


@pytest.mark.parametrize(("content", "told"), [("colour\n", "There is no column 'colour'."), (None, "No such file")])
def test_a_file_that_cannot_be_used_makes_the_exit_status_2(tmp_path, content, told):
    path = tmp_path / "x.csv"
    if content:
        path.write_text(content)

    with pytest.raises(CommandError, match=told) as refused:
        run(path)

    assert refused.value.returncode == 2
    assert ImportJob.objects.count() == 0


def test_a_dry_run_shows_each_difference_and_changes_nothing(file):
    make_product(slug="a", title="Old")
    file.write_text("slug,title\na,New\n")

    lines = run(file, "--dry-run").splitlines()

    assert lines[:2] == ["updated a (line 2)", "  title: 'Old' -> 'New'"]
    assert Product.objects.get().title == "Old"


def test_a_program_gets_one_document(file):
    file.write_text("key;title;category\nA;One;shelf\nB;Two;hats\n")

    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("import_products", str(file), "--format=json", "--delimiter=;", stdout=out, stderr=io.StringIO())

    told = json.loads(out.getvalue())
    assert (UUID(told["id"]), told["status"], told["rows"]["created"]) == (ImportJob.objects.get().id, "done", 1)
    assert [error["line"] for error in told["errors"]] == [3]


def test_what_is_done_is_not_resumed(file):
    run(file)

    with pytest.raises(CommandError) as refused:
        run(file, f"--resume={ImportJob.objects.get().id}")

    assert refused.value.returncode == 2


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_what_is_exported_to_a_file_is_imported_unchanged(tmp_path, ending):
    make_product(slug="red")
    path = tmp_path / f"out.{ending}"

    call_command("export_products", str(path))

    assert [line.split() for line in run(path).splitlines()[-2:]] == [["unchanged", "1"], ["failed", "0"]]


def test_an_unknown_category_is_not_exported(tmp_path):
    with pytest.raises(CommandError, match="There is no such category"):
        call_command("export_products", str(tmp_path / "x.csv"), "--category=hats")

    assert not (tmp_path / "x.csv").exists()


def run(file: Path, *arguments: Any) -> str:
    out = io.StringIO()
    call_command("import_products", str(file), *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()
