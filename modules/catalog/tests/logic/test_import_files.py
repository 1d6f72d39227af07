"""Files as they come: good, strange and unusable ones."""

import io
import json
from typing import Any

import pytest

from modules.catalog.logic import imports
from modules.catalog.models import (
    Category,
    ImportJob,
    Product,
)
from modules.catalog.tests.factories import (
    CategoryFactory,
)
from modules.catalog.tests.importing import SHIRT, bring_in, counts, prices

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invariants_hold")]


@pytest.fixture
def shelf() -> Category:
    return CategoryFactory.create(slug="shelf")


@pytest.mark.parametrize(
    ("content", "errors"),
    [
        ("", [("", "no_header")]),
        ("sku,colour,price.XXX\n", [("colour", "unknown_column"), ("price.XXX", "unknown_column")]),
        ("sku,title,title\n", [("title", "repeated_column")]),
        ("title,status\n", [("", "no_key")]),
        ("key,on_hand\n", [("sku", "no_key")]),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_names_every_column(content, errors):
    with pytest.raises(imports.UnusableImport) as refused:
        bring_in(content)

    assert [(error["column"], error["code"]) for error in refused.value.details["errors"]] == errors
    assert ImportJob.objects.count() == 0


@pytest.mark.parametrize("delimiter", ['"', "\n", "", ";;"])
def test_a_delimiter_is_one_character_and_no_quote(delimiter):
    with pytest.raises(imports.UnusableImport) as refused:
        bring_in("sku\n", delimiter=delimiter)

    assert [error["code"] for error in refused.value.details["errors"]] == ["invalid_delimiter"]


def test_names_that_cannot_be_kept_are_refused_and_told():
    with pytest.raises(imports.UnusableImport) as refused:
        bring_in(b"sku,attr.a\xffb,option.a\0b\n")
    job = bring_in(r'{"key": "A", "attributes": {"a\u0000b": 1}, "col\u0000our": 2}' + "\n", format="jsonl")

    assert [error["column"] for error in refused.value.details["errors"]] == ["attr.a?b", "option.a?b"]
    assert {error["column"] for error in ImportJob.objects.get(id=job.id).errors} == {"attributes.a?b", "col?our"}


def test_whoever_is_interrupted_gives_the_job_back():
    file = io.BytesIO(b"sku,weight_g\nA,1\n")
    job = imports.begin_import(file=file, file_name="", dry_run=False, created_by=None, is_uploaded=False)

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        imports.run_import(job=job, file=file, watch=interrupt)

    done = imports.run_import(job=job, file=file, watch=lambda *_: None)
    assert (done.status, counts(done)) == ("done", (0, 0, 0, 1))


@pytest.mark.usefixtures("shelf")
def test_a_byte_order_mark_and_windows_line_ends_are_read():
    assert counts(bring_in("\ufeff" + SHIRT.replace("\n", "\r\n"))) == (2, 0, 0, 0)
    assert Product.objects.get().description == "A shirt,\r\nblue"


@pytest.mark.usefixtures("shelf")
def test_broken_quotes_and_bytes_cost_only_their_rows():
    content = b'key,title,category\nA,"One"x,shelf\nB,T\xffwo,shelf\nC,Three,shelf\n'

    job = bring_in(content)

    assert [(error["line"], error["column"], error["code"]) for error in job.errors] == [
        (2, "", "invalid_csv"),
        (3, "title", "not_utf8"),
    ]
    assert list(Product.objects.values_list("external_key", flat=True)) == ["C"]


@pytest.mark.usefixtures("shelf")
def test_json_lines_are_read_like_the_api_and_their_faults_named_by_path():
    good = {
        "key": "A", "title": "One", "category": "shelf", "options": ["Size"], "attributes": {"wash": 30},
        "translations": {"de": {"title": "Eins"}},
        "variants": [{"sku": "A-1", "options": {"Size": "S"}, "on_hand": 2,
                      "prices": [{"amount": "20.00", "currency": "EUR", "sale_amount": "10.00"}]}],
    }  # fmt: skip
    bad = {"key": "B", "title": 5, "colour": "red", "variants": [{"prices": [{"amount": "1", "currency": "XXX"}]}]}

    job = bring_in(f"{json.dumps(good)}\n\n{json.dumps(bad)}\n[1]\nnonsense\n", format="jsonl")

    assert counts(job) == (1, 0, 0, 3)
    assert {(error["line"], error["column"], error["code"]) for error in job.errors} == {
        (3, "title", "invalid"),
        (3, "colour", "unknown_field"),
        (3, "variants.0.sku", "required"),
        (3, "variants.0.prices.0.currency", "invalid_choice"),
        (4, "", "invalid"),
        (5, "", "invalid_json"),
    }
    assert prices() == [("A-1", "EUR", 1000)]
    assert Product.objects.get().attributes == {"wash": 30}
