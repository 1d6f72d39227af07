"""Every endpoint that moves money, called twice at once and once more after a lost answer, moves it once.

Which those are is read from our own OpenAPI document: a new one without a case here fails.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings
from rest_framework.test import APIClient

from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.identity import Principal
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import InboxEvent, Step
from tests.journeys.buyer import ADDRESS
from tests.races.test_endings import DB, application, come_to_rest, query
from tests.races.test_purchases import at_once, new_cart, stock_up, variant

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(bool(settings.REMOTE_MODULES), reason="a purchase needs every module"),
]

OPENAPI = Path(__file__).parents[2] / "docs" / "openapi.yaml"
# What such an endpoint answers with.
ANSWERS = {"Payment", "Order", "PlacedOrder", "BegunEdit", "Edit", "Return", "Drafted"}
# These answer with an order or a return as well, and no money moves by them.
WITHOUT_MONEY = {
    "orders_deliver",
    "orders_request_return",
    "orders_approve_return",
    "orders_reject_return",
}


@dataclass
class Scene:
    """A shop with one thing on the shelf, its staff, and an order of two units."""

    staff: APIClient
    bought: str
    order: dict[str, Any]
    payment: dict[str, Any]

    @property
    def own(self) -> str:
        return f"/api/v1/orders/{self.order['id']}/"

    @property
    def paying(self) -> str:
        return f"/api/v1/payments/{self.payment['id']}/"

    @property
    def token(self) -> str:
        return f"?token={self.order['access_token']}"

    def units(self, quantity: int) -> list[dict[str, Any]]:
        return [{"line_id": self.order["lines"][0]["id"], "quantity": quantity}]

    def do(self, path: str, body: dict[str, Any]) -> Any:
        """Something that the case needs, as staff."""
        answer = self.staff.post(path, body, format="json", headers={"Idempotency-Key": str(new_id())})
        assert answer.status_code < 300, answer.content
        come_to_rest()
        return answer.json()


@dataclass(frozen=True)
class Call:
    """One request: its address and body, and whose it is."""

    path: str
    body: dict[str, Any]
    by_staff: bool = True


@dataclass(frozen=True)
class Case:
    """How one endpoint comes to be called, and what the provider has in the end: charges, captures and refunds, by the
    order's total or by the unit's price."""

    call: Callable[[Scene], Call]
    charges: int
    captured: Callable[[int, int], int]
    refunded: Callable[[int, int], int]
    method: str = "sandbox_ok"
    at_shipment: bool = False


def nothing(total: int, unit: int) -> int:
    return 0


def all_of_it(total: int, unit: int) -> int:
    return total


def a_unit_more(total: int, unit: int) -> int:
    return total + unit


def a_unit(total: int, unit: int) -> int:
    return unit


def goods(scene: Scene) -> dict[str, Any]:
    payment = {"provider": "sandbox", "method": "sandbox_ok"}
    return {"add": [{"variant_id": scene.bought, "quantity": 1}], "payment": payment}


def checkout_of(scene: Scene) -> Call:
    body = {"cart_id": new_cart(scene.bought, 2)} | buyer()
    return Call("/api/v1/checkout/", body, by_staff=False)


def buyer(method: str = "sandbox_ok") -> dict[str, Any]:
    return {
        "email": "ada@example.com",
        "shipping_address": ADDRESS,
        "shipping_method": "standard",
        "payment": {"provider": "sandbox", "method": method},
    }


def draft_of(scene: Scene) -> Call:
    items = [{"variant_id": scene.bought, "quantity": 2}]
    return Call("/api/v1/orders/drafts/", {"items": items} | buyer())


def returned(scene: Scene) -> str:
    """The order is sent and delivered, and one unit of it is on its way back."""
    shipped = scene.do(f"{scene.own}shipments/", {"carrier": "DHL", "tracking_number": "1"})
    scene.do(f"{scene.own}shipments/{shipped['shipments'][0]['id']}/deliver/", {})
    items = [item | {"reason": "small"} for item in scene.units(1)]
    asked = scene.do(f"{scene.own}returns/", {"items": items})
    scene.do(f"{scene.own}returns/{asked['id']}/approve/", {})
    return f"{scene.own}returns/{asked['id']}/"


def open_edit(scene: Scene) -> Call:
    """An edit that waits to be paid."""
    payment = {"provider": "sandbox", "method": "sandbox_3ds"}
    begun = scene.do(f"{scene.own}edits/", goods(scene) | {"payment": payment})
    return Call(f"{scene.own}edits/{begun['edit']['id']}/call-off/", {})


CASES: dict[str, Case] = {
    "checkout": Case(checkout_of, 2, lambda total, unit: 2 * total, nothing),
    "orders_draft": Case(draft_of, 2, lambda total, unit: 2 * total, nothing),
    "orders_cancel": Case(
        lambda scene: Call(f"{scene.own}cancel/{scene.token}", {}, by_staff=False), 1, all_of_it, all_of_it
    ),
    "orders_refund": Case(
        lambda scene: Call(f"{scene.own}refunds/", {"items": scene.units(1), "reason": "lost"}), 1, all_of_it, a_unit
    ),
    "orders_edit": Case(lambda scene: Call(f"{scene.own}edits/", goods(scene)), 2, a_unit_more, nothing),
    "orders_call_off_edit": Case(open_edit, 2, all_of_it, nothing),
    "orders_receive_return": Case(lambda scene: Call(f"{returned(scene)}receive/", {}), 1, all_of_it, a_unit),
    "orders_exchange": Case(lambda scene: Call(f"{returned(scene)}exchange/", goods(scene)), 1, all_of_it, nothing),
    "orders_ship": Case(
        lambda scene: Call(f"{scene.own}shipments/", {"carrier": "DHL", "tracking_number": "1"}),
        1,
        all_of_it,
        nothing,
        at_shipment=True,
    ),
    "payments_confirm": Case(
        lambda scene: Call(f"{scene.paying}confirm/{scene.token}", {}, by_staff=False),
        1,
        all_of_it,
        nothing,
        method="sandbox_3ds",
    ),
    "payments_retry": Case(
        lambda scene: Call(f"{scene.paying}retry/{scene.token}", {"method": "sandbox_ok"}, by_staff=False),
        2,
        all_of_it,
        nothing,
        method="sandbox_declined",
    ),
    "payments_capture": Case(
        lambda scene: Call(f"{scene.paying}capture/", {}), 1, all_of_it, nothing, at_shipment=True
    ),
    "payments_void": Case(lambda scene: Call(f"{scene.paying}void/", {}), 1, nothing, nothing, at_shipment=True),
    "payments_refund": Case(
        lambda scene: Call(f"{scene.paying}refunds/", {"reason": "kindness"}), 1, all_of_it, all_of_it
    ),
}

CHARGES = (
    "SELECT count(*), coalesce(sum(captured_minor), 0), coalesce(sum(refunded_minor), 0) FROM payments_sandboxpayment"
)
IN_THE_BOOKS = """
    SELECT coalesce(sum(entry.amount_minor), 0) FROM payments_entry entry
    WHERE entry.account = 'provider:sandbox:clearing'
"""


@pytest.fixture(autouse=True)
def shop(transactional_db: None) -> Iterator[None]:
    with override_settings(DEBUG=True):
        call_command("seed", products=1, verbosity=0)
    application()
    yield
    call_command("check_invariants", verbosity=0)


def money_endpoints() -> set[str]:
    """The operations that answer with what money moves for, by our own document."""
    paths = yaml.safe_load(OPENAPI.read_text())["paths"]
    found = set()
    for operations in paths.values():
        for method, operation in operations.items():
            bodies = [
                content.get("schema", {}).get("$ref", "").rpartition("/")[2]
                for code, answer in operation["responses"].items()
                if code.startswith("2")
                for content in answer.get("content", {}).values()
            ]
            if method != "get" and ANSWERS & set(bodies):
                found.add(operation["operationId"])
    return found


def test_each_endpoint_that_moves_money_has_a_case() -> None:
    assert money_endpoints() == CASES.keys() | WITHOUT_MONEY


@contextmanager
def answers_are_lost(times: int) -> Iterator[None]:
    """The provider does what it is asked for, and its answer does not arrive: so many times."""
    from modules.payments.logic.providers.sandbox import Sandbox  # only where payments is installed

    left = [times]

    def losing(act: Callable[..., Any]) -> Callable[..., Any]:
        def lost(self: Sandbox, *arguments: Any) -> Any:
            answer = act(self, *arguments)
            if left[0] > 0:
                left[0] -= 1
                raise Unavailable("The answer was lost.", dependency="sandbox")
            return answer

        return lost

    acts = {name: losing(getattr(Sandbox, name)) for name in ("create", "confirm", "capture", "cancel", "refund")}
    with patch.multiple(Sandbox, **cast(Any, acts)):
        yield


def opened(case: Case) -> Scene:
    """The scene, at rest: its order paid, authorised or waiting, as the case's method has it."""
    bought = variant()["id"]
    stock_up(bought, 100)
    staff = APIClient()
    staff.force_authenticate(cast(Any, Principal(id=new_id(), is_staff=True, scopes=frozenset({"*"}))))
    body = {"cart_id": new_cart(bought, 2)} | buyer(case.method)
    placed = APIClient().post("/api/v1/checkout/", body, format="json", headers={"Idempotency-Key": "first"}).json()
    come_to_rest()
    return Scene(staff=staff, bought=bought, order=placed["order"], payment=placed["payment"])


@pytest.mark.parametrize("lost", [0, 2])
@pytest.mark.parametrize("operation", sorted(CASES))
def test_what_is_asked_twice_at_once_and_once_more_moves_money_once(operation: str, lost: int) -> None:
    case = CASES[operation]
    with override_settings(PAYMENTS_CAPTURE="at_shipment" if case.at_shipment else "at_once"):
        scene = opened(case)
        call = case.call(scene)
        client = scene.staff if call.by_staff else APIClient()
        ask = partial(client.post, call.path, call.body, format="json", headers={"Idempotency-Key": "the-key"})

        with answers_are_lost(lost):
            answers = at_once([ask, ask])
        come_to_rest()
        last = ask()
        come_to_rest()

    if operation == "payments_void":
        # Nobody will pay for it any more, which the checks of the whole shop would rightly say.
        scene.do(f"{scene.own}cancel/", {})
    assert {answer.status_code for answer in answers} <= {200, 201, 409, 503}, [one.content for one in answers]
    assert last.status_code in (200, 201), last.content
    total = minor(scene.order["total"])
    unit = minor(scene.order["lines"][0]["unit_price"])
    captured, refunded = case.captured(total, unit), case.refunded(total, unit)
    assert query(CHARGES) == [(case.charges, captured, refunded)]
    assert query(IN_THE_BOOKS) == [(captured - refunded,)]
    assert list(Step.objects.using(DB).filter(status__in=["pending", "parked"]).values_list("name", "last_error")) == []
    assert not InboxEvent.objects.using(DB).filter(handled_at=None).exists()


def minor(money: dict[str, str]) -> int:
    return round(float(money["amount"]) * 100)
