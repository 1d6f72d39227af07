"""Names as staff look for them."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from modules.orders.logic.names import search_name, words_of
from modules.orders.models import Order
from modules.orders.tests.factories import OrderFactory


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Zoë O’Brien-Łoś", ["zoe", "obrien", "los"]),
        ("  Müller & Söhne GmbH ", ["muller", "sohne", "gmbh"]),
        ("STRASSE Straße", ["strasse"]),
        ("İstanbul", ["istanbul"]),
        ("山田 太郎", ["山田", "太郎"]),
        ("김철수", ["김철수"]),
        ("Иван Ёлкин", ["иван", "елкин"]),
        ("a_b", ["a", "b"]),
        ("x" * 60, ["x" * 50]),
        ("…", []),
    ],
)
def test_a_name_is_its_words_without_case_accents_and_apostrophes(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_an_order_is_found_by_names_and_companies_of_both_addresses_each_word_once() -> None:
    shipping = {"full_name": "Ada Lovelace", "city": "Berlin", "country": "DE"}
    billing = {"full_name": "Ada King", "company": "Analytical Engines Ltd.", "country": "GB"}

    assert search_name(shipping, billing) == "ada lovelace king analytical engines ltd"


@pytest.mark.django_db
def test_the_migration_writes_the_words_of_the_orders_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    migration = import_module("modules.orders.migrations.0009_search")
    monkeypatch.setattr(migration, "CHUNK", 2)
    orders = [OrderFactory.create() for _ in range(5)]

    migration.fill(apps, SimpleNamespace(connection=connection))

    assert list(Order.objects.values_list("search_name", flat=True)) == ["ada lovelace"] * len(orders)
