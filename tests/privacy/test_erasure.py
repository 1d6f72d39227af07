"""A user is erased: nothing that names him is left anywhere, and every figure is.

Canaries are planted in every field that may hold personal data. A field that is added to a model's PERSONAL without one
fails the first test: plant it in life.py, through the API where there is a way in.
"""

from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, models
from django.test import override_settings

from ecommerce.kernel import registry
from ecommerce.kernel.models import IdempotencyKey
from modules.cart.logic import storage
from modules.orders.models import Document, Order
from modules.payments.models import Entry, Payment
from tests.architecture.test_personal_data import doubtful, personal, tables
from tests.privacy.canaries import Canaries, everything_in_redis, everything_in_the_database, written_logs
from tests.privacy.life import Life, deliver

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(bool(settings.REMOTE_MODULES), reason="a purchase needs every module"),
]

# Digests, ids, what is encrypted, what is too short: no word can be seen in them. What becomes of each is tested where
# it is at home.
UNSEEN = {
    "cart.CustomerUse.customer_key",
    "cart.Redemption.customer_key",
    "kernel.IdempotencyKey.body",
    "kernel.IdempotencyKey.fingerprint",
    "orders.Order.fingerprint",
    "payments.Payment.token_hash",
    "users.Address.country",
    "users.Address.postal_code",
    "users.ExportPart.document",
}

# Filled by the erasure itself, and emptied once its owner has been told: looked at below.
OF_THE_ERASURE = {"users.Farewell.email"}

# What the law wants kept as it was: an erasure must not touch it (GDPR art. 17(3)(b)).
KEPT_BY_LAW = {
    # Invoices: Directive 2006/112/EC art. 244 and 247; § 14b UStG.
    "default:orders_document",
}


@pytest.fixture
def canaries() -> Canaries:
    return Canaries()


@pytest.fixture
def life(transactional_db: None, canaries: Canaries) -> Life:
    with override_settings(DEBUG=True):
        call_command("seed", products=30, verbosity=0)
    return Life(canaries)


def left_in_the_database(canaries: Canaries) -> dict[str, set[str]]:
    found = {table: canaries.found_in(text) for table, text in everything_in_the_database().items()}
    return {table: words for table, words in found.items() if words}


def fields_with_a_canary(canaries: Canaries) -> set[str]:
    return {
        f"{model._meta.label}.{name}"
        for model in (table.values[0] for table in tables())
        for name in personal(model)
        if any(canaries.found_in(_text(value)) for value in _values(model, name))
    }


def _values(model: type[models.Model], name: str) -> Any:
    return model._base_manager.using("default").values_list(name, flat=True)


def _text(value: Any) -> str:
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)


def figures() -> list[Any]:
    order = ("id", "number", "status", "total_minor", "tax_minor", "captured_minor", "refunded_minor", "customer_id")
    payment = ("id", "status", "amount_minor", "captured_minor", "refunded_minor", "payer_id")
    return [
        list(Order.objects.order_by("id").values(*order)),
        list(Payment.objects.order_by("id").values(*payment)),
        list(Entry.objects.order_by("id").values()),
    ]


def kept_by_law() -> list[Any]:
    return list(Document.objects.order_by("number").values())


def broken_invariants() -> list[str]:
    with connection.cursor() as cursor:
        return [one.name for one in registry.invariants if cursor.execute(one.sql) and cursor.fetchall()]


def test_nothing_is_left_of_an_erased_user_but_the_figures(life: Life, canaries: Canaries) -> None:
    with written_logs() as logs:
        cancelled, delivered, under_way = (life.buys(name) for name in ("cancelled", "delivered", "under_way"))
        life.cancels("cancelled", cancelled)
        deliver(delivered, canaries.plant("delivered.tracking_number"))
        life.sends_something_back("delivered", delivered)
        life.reviews_what_he_bought()
        life.leaves_a_cart()
        life.keeps_an_address_book()

        # They were all there, else finding none later would mean nothing.
        before = left_in_the_database(canaries)
        assert set().union(*before.values()) == set(canaries.planted.values())
        named = {
            f"{t.values[0]._meta.label}.{f}" for t in tables() for f in personal(t.values[0]) & doubtful(t.values[0])
        }
        assert fields_with_a_canary(canaries) | UNSEEN | OF_THE_ERASURE >= named, "a personal field without a canary"
        assert storage.find_basket_of(life.user_id) is not None
        assert IdempotencyKey.objects.using("default").filter(subject_id=life.user_id).exists()
        stood, invoices = figures(), kept_by_law()

        life.erases_the_account()
        assert left_in_the_database(canaries)["default:users_farewell"] == {"email"}
        life.is_told_of_it()

        left = left_in_the_database(canaries)
        assert left.keys() == {"default:orders_order"} | KEPT_BY_LAW
        assert {name.partition(".")[0] for name in left["default:orders_order"]} == {"under_way"}
        assert kept_by_law() == invoices
        assert figures() == stood
        assert Order.objects.get(pk=under_way).email != ""

        deliver(under_way)

    assert left_in_the_database(canaries).keys() == KEPT_BY_LAW
    assert kept_by_law() == invoices
    assert canaries.found_in(everything_in_redis()) == set()
    assert storage.find_basket_of(life.user_id) is None
    assert not IdempotencyKey.objects.using("default").filter(subject_id=life.user_id).exists()
    assert '"event":"request"' in logs.getvalue()
    assert canaries.found_in(logs.getvalue()) == set()
    assert broken_invariants() == []


@pytest.mark.parametrize("form", [str, lambda word: word.encode().hex(), lambda word: word.upper()])
def test_a_word_is_found_in_whatever_form_it_is_kept(canaries: Canaries, form: Any) -> None:
    word = canaries.plant("name")
    assert canaries.found_in(f"before {form(word)} after") == {"name"}
    assert canaries.found_in("before and after") == set()


@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
def test_a_word_is_found_in_base_64_wherever_it_stands(canaries: Canaries, before: str) -> None:
    import base64

    word = canaries.plant("name")
    assert canaries.found_in(base64.b64encode(f"{before}{word}after".encode()).decode()) == {"name"}
