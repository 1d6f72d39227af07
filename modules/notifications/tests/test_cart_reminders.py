"""The reminder of a cart: to whom it goes, and to whom not."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid5

import pytest

from ecommerce.kernel import driver
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from ecommerce.kernel.testing import stand_in
from modules.cart.contracts import CartLine, CartNotFound, CartSnapshot
from modules.cart.events import CartAbandoned
from modules.notifications.handlers import HANDLERS
from modules.notifications.logic import deliveries, preferences, unsubscribing
from modules.notifications.models import Message
from modules.notifications.tests.factories import a_contact, eur

pytestmark = pytest.mark.django_db(transaction=True)

CART, ADA, LEFT_AT = new_id(), new_id(), datetime(2026, 11, 27, 18, tzinfo=UTC)
LINE = CartLine(
    variant_id=new_id(),
    sku="LAMP-1",
    title="Lamp <b>",
    options={"Colour": "Green"},
    image=None,
    quantity=2,
    unit_price=eur(100),
    line_total=eur(200),
    discount=eur(0),
    tax_class="standard",
    weight_g=1,
    available=5,
)


def snapshot(*lines: CartLine) -> CartSnapshot:
    return CartSnapshot(
        cart_id=CART,
        version=1,
        currency="EUR",
        owner_id=ADA,
        lines=list(lines),
        discounts=[],
        codes=[],
        free_shipping=False,
        subtotal=eur(200),
        discount_total=Money.zero("EUR"),
        total=eur(200),
        requirements=[],
    )


def no_cart(**_: Any) -> CartSnapshot:
    raise CartNotFound


@pytest.fixture
def world():
    """What users and cart answer; tests change it."""
    world = SimpleNamespace(contacts=[a_contact(ADA)], cart=lambda **_: snapshot(LINE))

    def get_snapshot(**asked: Any) -> Any:
        return world.cart(**asked)

    with stand_in("users", get_contacts=lambda ids: world.contacts), stand_in("cart", get_snapshot=get_snapshot):
        yield world


def left_standing(changed_at: datetime = LEFT_AT) -> Message:
    event = CartAbandoned(cart_id=CART, user_id=ADA, changed_at=changed_at)
    with atomic(Message):
        for handler in HANDLERS[CartAbandoned]:
            handler(event)
    driver.run_due("default")
    return Message.objects.get(reference_id=uuid5(CART, changed_at.isoformat()))


def sent(message: Message) -> str:
    deliveries.deliver(message.pk)
    message.refresh_from_db()
    return message.status


def test_its_owner_is_reminded_once_with_a_way_out(broker: list[UUID], provider: Any, world: Any) -> None:
    message = left_standing()
    assert left_standing() == message
    assert (message.status, broker) == ("ready", [message.pk])
    assert "2 x Lamp <b> (Green)\n" in message.text
    assert "2 × Lamp &lt;b&gt;" in message.html
    assert sent(message) == "sent"
    (mail,) = provider.taken
    way_out = unsubscribing.link(message.pk)
    assert mail.extra_headers["List-Unsubscribe"] == f"<{way_out}>"
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert way_out in mail.body
    assert f'href="{way_out}"' in mail.alternatives[0][0]


def test_a_cart_that_is_left_again_is_told_of_again(broker: list[UUID], world: Any) -> None:
    first, second = left_standing(), left_standing(LEFT_AT.replace(day=28))
    assert broker == [first.pk, second.pk]


@pytest.mark.parametrize("language", ["en", "de", "ru"])
def test_in_his_language(broker: list[UUID], world: Any, language: str) -> None:
    world.contacts = [a_contact(ADA, language=language)]
    message = left_standing()
    assert (message.language, "\n\n\n" in message.text) == (language, False)


@pytest.mark.parametrize(
    "change",
    [
        {"contacts": []},
        {"contacts": [a_contact(ADA, accepts_marketing=False)]},
        {"cart": lambda **_: snapshot()},
        {"cart": no_cart},
    ],
    ids=["account gone", "wants no marketing", "cart empty", "cart ordered"],
)
def test_who_is_not_to_be_reminded_is_not(broker: list[UUID], world: Any, change: dict[str, Any]) -> None:
    vars(world).update(change)
    assert (left_standing().status, broker) == ("skipped", [])


def test_who_has_turned_it_off_is_not_either(broker: list[UUID], provider: Any, world: Any) -> None:
    before = left_standing()
    preferences.turn_off(ADA, "cart_abandoned", "mail")
    assert sent(before) == "skipped"
    assert left_standing(LEFT_AT.replace(day=28)).status == "skipped"
    assert provider.taken == []


def test_who_takes_his_consent_back_before_it_leaves_gets_none(broker: list[UUID], provider: Any, world: Any) -> None:
    message = left_standing()
    world.contacts = [a_contact(ADA, accepts_marketing=False)]
    assert (sent(message), provider.taken) == ("skipped", [])


def test_users_that_does_not_answer_is_asked_again(broker: list[UUID], provider: Any, world: Any) -> None:
    message = left_standing()

    def away(ids: Any) -> None:
        raise Unavailable

    with stand_in("users", get_contacts=away):
        assert sent(message) == "ready"
    assert message.deliveries.get().code == Unavailable.code
    assert provider.taken == []
