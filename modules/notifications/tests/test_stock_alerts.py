"""Back in stock: asked for by the API, told once, to who has waited longest first."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from ecommerce.kernel import clock as shop_clock
from ecommerce.kernel import driver
from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import at_once, stand_in, statements
from modules.catalog.contracts import Variant
from modules.notifications import tasks
from modules.notifications.logic import stock_alerts
from modules.notifications.logic.erasure import forget_customer
from modules.notifications.models import Message, StockAlert
from modules.notifications.tests.api.callers import client, customer
from modules.notifications.tests.factories import a_contact

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/api/v1/notifications/stock-alerts/"
LAMP, PRODUCT = new_id(), new_id()


def a_variant(available: int, variant_id: UUID = LAMP) -> Variant:
    return Variant(
        id=variant_id,
        product_id=PRODUCT,
        sku="LAMP-1",
        title="Lamp <small>",
        options={"Colour": "Green"},
        price=None,
        tax_class="standard",
        weight_g=1,
        available=available,
    )


@pytest.fixture
def world(settings: Any, broker: list[UUID]) -> Any:
    """What catalog and users answer; tests change it."""
    settings.STOREFRONT_URL = "https://shop.example"
    world = SimpleNamespace(variants={LAMP: a_variant(0)}, gone=set(), broker=broker)

    def find_variants(currency: str, ids: list[str], **_: Any) -> list[Variant]:
        return [world.variants[UUID(str(one))] for one in ids if UUID(str(one)) in world.variants]

    def get_contacts(ids: list[str]) -> list[Any]:
        return [a_contact(UUID(str(one))) for one in ids if UUID(str(one)) not in world.gone]

    with stand_in("catalog", find_variants=find_variants), stand_in("users", get_contacts=get_contacts):
        yield world


def ask(user_id: UUID, variant_id: UUID = LAMP) -> Any:
    return client(customer(user_id)).post(URL, {"variant_id": str(variant_id)}, format="json")


def waiting(*user_ids: UUID, since: Any = None) -> None:
    for place, user_id in enumerate(user_ids):
        at = (since or shop_clock.now()) + timedelta(seconds=place)
        StockAlert.objects.create(customer_id=user_id, variant_id=LAMP, created_at=at)


def told() -> set[UUID | None]:
    """To whom a mail goes."""
    driver.run_due("default")
    ready = Message.objects.filter(topic="back_in_stock", status="ready")
    return set(ready.values_list("customer_id", flat=True))


def test_somebody_asks_and_is_told_once_when_it_is_back(world: Any) -> None:
    ada = new_id()
    first, again = ask(ada), ask(ada)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    tasks.tell_back_in_stock()
    assert told() == set()

    world.variants[LAMP] = a_variant(1)
    tasks.tell_back_in_stock()
    tasks.tell_back_in_stock()

    assert told() == {ada}
    message = Message.objects.get()
    assert message.subject == "Lamp <small> is back"
    assert "Lamp <small> (Colour: Green)" in message.text or "Lamp <small> (Green)" in message.text
    assert f"https://shop.example/products/{PRODUCT}/" in message.text
    assert world.broker == [message.pk]
    assert not StockAlert.objects.exists()


def test_what_is_in_stock_unknown_or_too_much_is_refused(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = new_id()
    unknown = ask(ada, new_id())
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_variant")
    world.variants[LAMP] = a_variant(3)
    in_stock = ask(ada)
    assert (in_stock.status_code, in_stock.json()["code"]) == (409, "in_stock")
    world.variants[LAMP] = a_variant(-1)
    monkeypatch.setattr(stock_alerts, "MOST_PER_USER", 0)
    too_many = ask(ada)
    assert (too_many.status_code, too_many.json()["code"]) == (409, "too_many_stock_alerts")
    assert not StockAlert.objects.exists()


def test_strangers_and_malformed_requests_are_refused(world: Any) -> None:
    assert client().post(URL, {"variant_id": str(LAMP)}, format="json").status_code == 401
    assert client(customer(new_id())).post(URL, {"variant_id": "x"}, format="json").status_code == 400
    assert client(customer(new_id())).post(URL, {}, format="json").status_code == 400


def test_who_waits_sees_and_withdraws_only_what_is_his(world: Any) -> None:
    ada, eve = new_id(), new_id()
    alert = ask(ada).json()
    assert client(customer(ada)).get(URL).json()["results"] == [alert]
    assert client(customer(eve)).get(URL).json()["results"] == []
    one = f"{URL}{alert['id']}/"
    assert client(customer(eve)).delete(one).json()["code"] == "not_found"
    assert client(customer(ada)).delete(one).status_code == 204
    assert client(customer(ada)).delete(one).status_code == 404
    assert not StockAlert.objects.exists()


def test_ten_are_called_for_each_unit_and_who_waited_longest_first(world: Any) -> None:
    users = [new_id() for _ in range(25)]
    waiting(*users)
    world.variants[LAMP] = a_variant(2)
    assert stock_alerts.tell() == 20
    assert told() == set(users[:20])
    assert stock_alerts.tell() == 5


def test_workers_at_once_tell_each_once(world: Any) -> None:
    users = [new_id() for _ in range(30)]
    waiting(*users)
    world.variants[LAMP] = a_variant(100)
    at_once(*[stock_alerts.tell] * 4)
    assert Message.objects.count() == 30
    assert told() == set(users)


def test_what_is_gone_again_before_the_mail_is_written_is_waited_for_at_the_same_place(world: Any) -> None:
    ada = new_id()
    since = shop_clock.now() - timedelta(days=3)
    waiting(ada, since=since)
    world.variants[LAMP] = a_variant(1)
    stock_alerts.tell()
    world.variants[LAMP] = a_variant(0)
    assert told() == set()
    assert Message.objects.get().status == "skipped"
    alert = StockAlert.objects.get()
    assert (alert.customer_id, alert.created_at) == (ada, since)

    world.variants[LAMP] = a_variant(1)
    stock_alerts.tell()
    assert told() == {ada}


def test_what_is_not_sold_any_more_and_who_is_gone_are_let_be(world: Any) -> None:
    ada, bob = new_id(), new_id()
    waiting(ada)
    world.variants.clear()
    assert stock_alerts.tell() == 0
    world.variants[LAMP] = a_variant(5)
    world.gone.add(bob)
    waiting(bob)
    assert stock_alerts.tell() == 2
    assert told() == {ada}


def test_asking_for_many_variants_costs_a_fixed_number_of_statements(world: Any) -> None:
    costs = []
    for number in (1, 50):
        StockAlert.objects.all().delete()
        for _ in range(number):
            StockAlert.objects.create(customer_id=new_id(), variant_id=new_id(), created_at=shop_clock.now())
        with statements() as asked:
            stock_alerts.tell()
        costs.append(len(asked))
    assert costs[0] == costs[1]


def test_who_is_erased_waits_for_nothing(world: Any) -> None:
    ada = new_id()
    waiting(ada)
    with atomic(StockAlert):
        forget_customer(ada)
    assert not StockAlert.objects.exists()
