"""What is answered twice is read once, and no committed change is ever hidden by what is kept."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
import time_machine
from django.db import connection, connections, transaction
from django_redis import get_redis_connection
from redis.exceptions import ConnectionError as RedisDown
from rest_framework.test import APIClient

from ecommerce.kernel import clock, editions
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.testing import relay_until_quiet, statements
from modules.catalog.logic import stock
from modules.catalog.logic.editions import EDITION, begin_change
from modules.catalog.logic.products import change_product
from modules.catalog.models import Category, Product, Variant
from modules.catalog.tests.factories import CategoryFactory, make_product

pytestmark = pytest.mark.django_db(transaction=True)

PRODUCTS = "/api/v1/catalog/products/"


@pytest.fixture(autouse=True)
def kept(settings: Any) -> Iterator[None]:
    settings.KEEP_ANSWERS = 600
    _forget()
    yield
    _forget()


@pytest.fixture
def product() -> Product:
    made = make_product(slug="tee", title="Tee", category_id=CategoryFactory.create(slug="tees").id)
    _settle()
    return made


@pytest.mark.parametrize(
    "path", [PRODUCTS, PRODUCTS + "tee/", "/api/v1/catalog/categories/", "/api/v1/catalog/categories/tees/"]
)
def test_the_second_reader_costs_no_statement_and_neither_does_a_304(product, path):
    first = APIClient().get(path)

    with statements() as sql:
        second = APIClient().get(path)
        third = APIClient().get(path, HTTP_IF_NONE_MATCH=first["ETag"])

    assert sql == []
    assert (first.status_code, second.content, second["ETag"]) == (200, first.content, first["ETag"])
    assert (third.status_code, third.content) == (304, b"")
    assert second["Cache-Control"] == third["Cache-Control"] == "public, no-cache"


@pytest.mark.parametrize(
    "path", [PRODUCTS, PRODUCTS + "?facets=true", PRODUCTS + "tee/", "/api/v1/catalog/search/suggest/?q=t"]
)
def test_what_is_kept_for_one_language_is_never_shown_in_another(product, path):
    change_product(key="tee", translations={"de": {"title": "T-Shirt"}, "ru": {"title": "Футболка"}})
    _settle()
    client = APIClient()

    fresh, kept = (
        {code: client.get(path, headers={"Accept-Language": code}) for code in ("en", "de", "ru")} for _ in range(2)
    )

    assert {code: answer.content for code, answer in kept.items()} == {
        code: answer.content for code, answer in fresh.items()
    }
    assert [word in kept[code].content.decode() for code, word in (("en", "Tee"), ("de", "T-Shirt"), ("ru", "Фу"))] == [
        True,
        True,
        True,
    ]
    german = {"Accept-Language": "de"}
    with statements() as sql:
        assert client.get(path, headers=german | {"If-None-Match": kept["de"]["ETag"]}).status_code == 304
        assert client.get(path, headers=german | {"If-None-Match": kept["en"]["ETag"]}).status_code == 200
    assert sql == []


def test_of_what_is_hardly_asked_twice_only_the_tag_is_kept(product):
    path = f"{PRODUCTS}?price_min=10"
    first = APIClient().get(path)

    with statements() as known:
        assert APIClient().get(path, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304
    with statements() as unknown:
        assert APIClient().get(path).content == first.content

    assert (len(known), len(unknown)) == (0, 1)


def test_other_parameters_are_another_answer(product):
    euros = APIClient().get(PRODUCTS + "tee/").json()
    yen = APIClient().get(PRODUCTS + "tee/?currency=JPY").json()

    assert (euros["price_from"]["currency"], yen["price_from"]["currency"]) == ("EUR", "JPY")
    assert APIClient().get(PRODUCTS + "tee/").json() == euros


def test_a_committed_change_shows_at_the_next_read(product):
    card = APIClient().get(PRODUCTS).json()["results"][0]
    [variant] = Variant.objects.all()
    assert card["in_stock"] is True

    stock.count_stock(variant_id=variant.id, on_hand=0, reason="gone", actor_id=None)

    assert APIClient().get(PRODUCTS).json()["results"][0]["in_stock"] is False
    assert APIClient().get(PRODUCTS + "tee/").json()["in_stock"] is False


def test_the_last_few_are_seen_at_the_next_read(product):
    assert APIClient().get(PRODUCTS + "tee/").json()["variants"][0]["low_stock"] is False

    stock.adjust_stock(variant_id=Variant.objects.get().id, delta=-7, reason="gone", actor_id=None)

    assert APIClient().get(PRODUCTS + "tee/").json()["variants"][0]["low_stock"] is True


def test_stock_that_changes_nothing_to_be_seen_drops_nothing(product):
    APIClient().get(PRODUCTS)

    stock.adjust_stock(variant_id=Variant.objects.get().id, delta=-1, reason="gone", actor_id=None)

    with statements() as sql:
        APIClient().get(PRODUCTS)
    assert sql == []


def test_while_a_change_is_being_written_nothing_is_kept_and_nothing_kept_is_served(product):
    written, commit = Event(), Event()
    APIClient().get(PRODUCTS)

    def rename() -> None:
        with atomic(Product):
            begin_change()
            Product.objects.update(title="Shirt")
            written.set()
            commit.wait(10)
        connections.close_all()

    writer = Thread(target=rename)
    writer.start()
    written.wait(10)
    with statements() as sql:
        before = APIClient().get(PRODUCTS + "tee/").json()
        assert APIClient().get(PRODUCTS + "tee/").json() == before
    commit.set()
    writer.join()

    assert (before["title"], len(sql)) == ("Tee", 6)
    assert APIClient().get(PRODUCTS + "tee/").json()["title"] == "Shirt"


def test_a_writer_that_dies_after_its_commit_hides_nothing(product):
    APIClient().get(PRODUCTS + "tee/")

    _rename_and_die()

    assert APIClient().get(PRODUCTS + "tee/").json()["title"] == "Shirt"
    # Its mark is still there, so nothing is kept; once it is old, the next reader takes it away, and what was kept too.
    assert editions.look(EDITION, "any").edition is None
    with time_machine.travel(clock.now() + editions.OLD + timedelta(seconds=1)):
        assert APIClient().get(PRODUCTS + "tee/").json()["title"] == "Shirt"
        assert editions.look(EDITION, "any").edition is not None
        assert APIClient().get(PRODUCTS + "tee/").json()["title"] == "Shirt"


def test_the_changes_own_event_drops_what_was_kept_while_redis_was_away(product, monkeypatch):
    APIClient().get(PRODUCTS + "tee/")
    with monkeypatch.context() as away:
        away.setattr(editions, "get_redis_connection", _refuse)
        make_product(slug="other")
        Product.objects.filter(slug="tee").update(title="Shirt")
        assert APIClient().get(PRODUCTS + "tee/").json()["title"] == "Shirt"
        with pytest.raises(Unavailable):
            editions.renew(EDITION)
    _trust_redis()
    assert APIClient().get(PRODUCTS + "tee/").json()["title"] == "Tee"

    relay_until_quiet()

    assert APIClient().get(PRODUCTS + "tee/").json()["title"] == "Shirt"


def test_a_change_that_is_undone_is_not_announced(product):
    with atomic(Category):
        begin_change()
        transaction.set_rollback(True)

    with time_machine.travel(clock.now() + editions.OLD + timedelta(seconds=1)):
        APIClient().get(PRODUCTS)
        assert editions.look(EDITION, "any").edition is not None


def test_refusals_are_not_kept(product):
    assert APIClient().get(PRODUCTS + "shirt/").status_code == 404

    Product.objects.filter(slug="tee").update(slug="shirt")

    assert APIClient().get(PRODUCTS + "shirt/").status_code == 200


def test_what_another_version_of_the_program_kept_is_read_as_nothing(product):
    answer = APIClient().get(PRODUCTS)
    redis = get_redis_connection("default")
    for key in redis.keys("shop:kept:catalog:*"):
        redis.set(key, b"\xc1")

    assert APIClient().get(PRODUCTS).content == answer.content


def _rename_and_die() -> None:
    with atomic(Product):
        begin_change()
        Product.objects.update(title="Shirt")
        connection.run_on_commit.clear()


def _refuse(_: str) -> Any:
    raise RedisDown("refused")


def _settle() -> None:
    """Let the events of what was made be over, so that what is kept from here on stays."""
    relay_until_quiet()


def _trust_redis() -> None:
    editions._redis.answered()


def _forget() -> None:
    redis = get_redis_connection("default")
    for key in (*redis.keys("shop:kept:*"), *redis.keys("shop:edition:*")):
        redis.delete(key)
    _trust_redis()
