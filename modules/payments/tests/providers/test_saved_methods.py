"""Methods that buyers save with Stripe: over our API, in their browser, paid with, and forgotten."""

from typing import Any

import pytest

from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.identity import Principal
from ecommerce.kernel.ids import new_id
from modules.payments.handlers import forget_payer
from modules.payments.logic.saved_methods import begin_saving
from modules.payments.logic.starting import start_payment
from modules.payments.models import ProviderCustomer
from modules.payments.tests.api.test_payments import client
from modules.payments.tests.factories import make_steps_due, run_steps, start_arguments
from modules.users.events import UserErased
from tests.fakes.stripe import StripeServer

pytestmark = pytest.mark.django_db

URL = "/api/v1/payments/saved-methods/"


@pytest.fixture
def ada() -> Principal:
    return Principal(id=new_id())


def save(server: StripeServer, who: Principal, method: str = "pm_card_visa") -> None:
    answer = client(who).post(URL, {"provider": "stripe"}, format="json")
    assert answer.status_code == 201
    server.browser.confirm(answer.json()["client_secret"], method)


def saved(who: Principal) -> list[dict[str, Any]]:
    answer = client(who).get(URL)
    assert answer.status_code == 200
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def test_a_saved_card_is_shown_to_its_holder_alone(server: StripeServer, ada: Principal) -> None:
    save(server, ada)
    [card] = saved(ada)
    assert (card["provider"], card["brand"], card["last4"]) == ("stripe", "visa", "4242")
    assert saved(Principal(id=new_id())) == []
    assert client().get(URL).status_code == 401


def test_a_saved_card_pays_without_the_buyers_browser(server: StripeServer, ada: Principal) -> None:
    save(server, ada)
    [card] = saved(ada)
    payment = start_payment(**start_arguments(provider="stripe", method=card["id"], payer_id=ada.id))
    assert payment.status == "captured"
    [intent] = server.objects("payment_intent")
    assert intent["customer"] == ProviderCustomer.objects.get().reference


def test_nobody_pays_with_a_card_of_somebody_else(server: StripeServer, ada: Principal) -> None:
    save(server, ada)
    [card] = saved(ada)
    payment = start_payment(**start_arguments(provider="stripe", method=card["id"], payer_id=new_id()))
    assert (payment.status, payment.captured.minor) == ("failed", 0)


def test_a_user_is_one_customer_however_often_he_saves(server: StripeServer, ada: Principal) -> None:
    save(server, ada)
    save(server, ada, "pm_card_mastercard")
    assert len(saved(ada)) == 2
    assert len(server.objects("customer")) == 1 == ProviderCustomer.objects.count()


def test_a_customer_that_was_deleted_at_the_provider_is_made_known_anew(server: StripeServer, ada: Principal) -> None:
    save(server, ada)
    ProviderCustomer.objects.update(reference="cus_gone")
    assert saved(ada) == []
    save(server, ada)
    assert ProviderCustomer.objects.get().reference != "cus_gone"


def test_a_card_is_forgotten_and_somebody_elses_is_not(server: StripeServer, ada: Principal) -> None:
    save(server, ada)
    [card] = saved(ada)
    eve = Principal(id=new_id())
    save(server, eve)
    url = f"{URL}stripe/{card['id']}/"
    assert client(eve).delete(url).status_code == 204
    assert saved(ada) == [card]
    assert [client(ada).delete(url).status_code for _ in range(2)] == [204, 204]
    assert saved(ada) == []


@pytest.mark.parametrize(("provider", "code"), [("sandbox", "methods_not_saved"), ("visa", "provider_not_available")])
def test_a_provider_that_saves_nothing_is_refused(
    server: StripeServer, ada: Principal, provider: str, code: str
) -> None:
    answer = client(ada).post(URL, {"provider": provider}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert client(ada).delete(f"{URL}{provider}/pm_1/").status_code in (204, 400)


def test_a_provider_that_is_away_is_named(server: StripeServer, ada: Principal) -> None:
    assert ada.id
    begin_saving(user_id=ada.id, provider="stripe")
    with server.down():
        answer = client(ada).get(URL)
    assert (answer.status_code, answer.json()["dependency"]) == (503, "stripe")


def test_who_erases_his_account_is_forgotten_by_the_provider_too(server: StripeServer, ada: Principal) -> None:
    save(server, ada)
    assert ada.id
    with atomic(ProviderCustomer):
        forget_payer(UserErased(user_id=ada.id))
    with server.down():
        run_steps()
    assert ProviderCustomer.objects.count() == 1
    make_steps_due()
    assert ProviderCustomer.objects.count() == 0
    assert [customer.get("deleted") for customer in server.objects("customer")] == [True]


def test_a_provider_whose_answer_is_lost_may_be_asked_again(server: StripeServer, ada: Principal) -> None:
    assert ada.id
    with server.down(), pytest.raises(Unavailable):
        begin_saving(user_id=ada.id, provider="stripe")
    assert begin_saving(user_id=ada.id, provider="stripe").startswith("seti_")
