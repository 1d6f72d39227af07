"""What catalog gives to a user's export."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ecommerce.kernel import driver
from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import Step
from ecommerce.kernel.testing import stand_in
from modules.catalog.handlers import HANDLERS
from modules.catalog.logic.moderation import reject
from modules.catalog.logic.stock import adjust_stock
from modules.catalog.models import ReviewPermit, StockMovement
from modules.catalog.tests.factories import make_product, make_variant
from modules.catalog.tests.reviewing import make_buyer, make_review
from modules.users.contracts import ExportNotFound
from modules.users.events import ExportRequested

pytestmark = pytest.mark.django_db(transaction=True)

Asked = list[tuple[str, dict[str, Any]]]
NOTHING: dict[str, Any] = {"stock_movements": [], "reviews": [], "review_permits": [], "review_decisions": []}


@pytest.fixture
def users() -> Iterator[Asked]:
    with stand_in("users", contribute_to_export=lambda **_: None) as asked:
        yield asked


def instant(at: Any) -> str:
    return str(at.isoformat().replace("+00:00", "Z"))


def request_export(user_id: UUID) -> UUID:
    """As the inbox does it: all handlers in one transaction."""
    event = ExportRequested(export_id=new_id(), user_id=user_id)
    with atomic(StockMovement):
        for handler in HANDLERS[ExportRequested]:
            handler(event)
    return event.export_id


def test_the_stock_that_a_member_of_staff_moved_is_given_and_nobody_elses(users: Asked) -> None:
    variant, staff_id = make_variant(on_hand=10), new_id()
    adjust_stock(variant_id=variant.id, delta=-2, reason="damaged", actor_id=staff_id)
    adjust_stock(variant_id=variant.id, delta=5, reason="received", actor_id=new_id())

    export_id = request_export(staff_id)
    driver.run_due("default")

    moved = StockMovement.objects.get(actor_id=staff_id)
    expected = {
        "id": str(moved.pk),
        "sku": variant.sku,
        "kind": "damaged",
        "delta": -2,
        "reason": "damaged",
        "created_at": instant(moved.created_at),
    }
    document = NOTHING | {"stock_movements": [expected]}
    part = {"module": "catalog", "document": document, "parcel": 0, "is_last": True}
    assert users == [("contribute_to_export", {"export_id": str(export_id)} | part)]


def test_a_customer_has_moved_nothing(users: Asked) -> None:
    make_variant(on_hand=10)

    request_export(new_id())
    driver.run_due("default")

    assert [(asked["document"], asked["is_last"]) for _, asked in users] == [(NOTHING, True)]


def test_a_buyers_reviews_are_given_with_what_became_of_them_and_nobody_elses(users: Asked) -> None:
    product, unreviewed, moderator_id = make_product(slug="red"), make_product(slug="blue"), new_id()
    author_id = make_buyer(product, unreviewed)
    words: dict[str, Any] = {"title": "So so", "body": "It shrinks.", "author_name": "Ada"}
    review = make_review(product, author_id=author_id, stars=2, **words)
    make_review(product, title="Another's")
    reject(review_id=review.id, moderator_id=moderator_id, reason="Unkind")

    request_export(author_id)
    request_export(moderator_id)
    driver.run_due("default")

    review.refresh_from_db()
    expected = {
        "product": "red",
        "id": str(review.id),
        "stars": 2,
        "language": "en",
        "status": "rejected",
        "reason": "Unkind",
        "created_at": instant(review.created_at),
        **words,
    }
    permits = ReviewPermit.objects.filter(customer_id=author_id).order_by("id").select_related("product")
    bought = [{"product": permit.product.slug, "created_at": instant(permit.created_at)} for permit in permits]
    assert len(bought) == 2
    decision = {
        "id": str(review.id),
        "status": "rejected",
        "reason": "Unkind",
        "moderated_at": instant(review.moderated_at),
    }
    documents = [asked["document"] for _, asked in users]
    assert sorted(documents, key=lambda document: len(document["reviews"])) == [
        NOTHING | {"review_decisions": [decision]},
        NOTHING | {"reviews": [expected], "review_permits": bought},
    ]


def test_more_movements_cost_no_more_statements(users: Asked) -> None:
    def statements(count: int) -> int:
        staff_id = new_id()
        for _ in range(count):
            adjust_stock(variant_id=make_variant(on_hand=0).id, delta=1, reason="received", actor_id=staff_id)
        request_export(staff_id)
        with CaptureQueriesContext(connection) as captured:
            driver.run_due("default")
        return len(captured)

    assert statements(2) == statements(6)
    assert [len(asked["document"]["stock_movements"]) for _, asked in users] == [2, 6]


def test_an_export_that_is_gone_wants_nothing_any_more() -> None:
    def gone(**_: Any) -> None:
        raise ExportNotFound

    with stand_in("users", contribute_to_export=gone):
        request_export(new_id())
        driver.run_due("default")

    assert Step.objects.using("default").get(name="catalog.contribute").status == "done"


def test_an_actors_movements_are_found_by_an_index() -> None:
    with connection.cursor() as cursor:
        # Few rows would be read whole, or in their order; what matters is that the index serves at all.
        cursor.execute("SET enable_seqscan = off")
        plan = StockMovement.objects.filter(actor_id=new_id()).order_by().explain()
        cursor.execute("RESET enable_seqscan")
    assert "movement_by_actor" in plan
