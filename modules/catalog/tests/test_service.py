"""What the other modules are promised, near and far."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from ecommerce.kernel.errors import Invalid
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from modules.catalog import service
from modules.catalog.contracts import (
    Allocation,
    HoldClosed,
    HoldCommitted,
    HoldStatus,
    OutOfStock,
    StockHold,
    StockLine,
    UnknownHold,
    UnknownVariant,
    Variant,
)
from modules.catalog.logic.reviewers import forget_reviewer
from modules.catalog.models import Location, ReviewPermit, StockHoldLine
from modules.catalog.models import StockHold as Hold
from modules.catalog.tests.factories import (
    CategoryFactory,
    VariantDraftFactory,
    figures,
    journal,
    make_product,
    make_variant,
    put,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("both_ends", "invariants_hold")]

UNTIL = datetime(2026, 12, 1, 12, 30, tzinfo=UTC)


def test_a_variant_is_found_by_id_with_everything_a_cart_needs(settings):
    settings.PUBLIC_URL = "https://shop.test"
    root = CategoryFactory.create(slug="clothes")
    shelf = CategoryFactory.create(slug="shirts", parent=root)
    draft = VariantDraftFactory.build(sku="RED-M", options={"Size": "M"}, weight_g=180)
    product = make_product(slug="red-shirt", title="Red shirt", category_id=shelf.id, variants=[draft], on_hand=7)

    assert service.find_variants(currency="EUR", ids=[draft.id]) == [
        Variant(
            id=draft.id,
            product_id=product.id,
            sku="RED-M",
            title="Red shirt",
            options={"Size": "M"},
            image="https://shop.test/api/v1/catalog/drawings/t-shirt/teal/240.svg",
            price=Money(minor=1990, currency="EUR"),
            category_ids=[shelf.id, root.id],
            tax_class="standard",
            weight_g=180,
            available=7,
        )
    ]


def test_variants_are_found_by_sku_too_each_once():
    first, second = make_variant(), make_variant()

    found = service.find_variants(currency="EUR", ids=[first.id], skus=[first.sku, second.sku])

    assert [variant.id for variant in found] == sorted([first.id, second.id])


def test_unpublished_and_unknown_variants_are_left_out():
    draft = make_variant(status="draft")

    assert service.find_variants(currency="EUR", ids=[draft.id, new_id()], skus=[draft.sku, "nothing\0"]) == []


@pytest.mark.parametrize("currency", ["USD", "XXX", "nonsense"])
def test_a_variant_without_a_price_in_that_currency_has_none(currency):
    variant = make_variant()

    [found] = service.find_variants(currency=currency, ids=[variant.id])

    assert found.price is None


def test_available_is_what_is_on_hand_and_not_held():
    variant = make_variant(on_hand=7)
    hold(new_id(), variant.id, 3)

    assert service.find_variants(currency="EUR", ids=[variant.id])[0].available == 4


def test_asking_for_nothing_finds_nothing():
    assert service.find_variants(currency="EUR") == []


def test_holding_puts_every_line_aside():
    order_id, first, second = new_id(), make_variant(), make_variant()

    held = service.hold_stock(order_id=order_id, lines=[line(first.id, 3), line(second.id, 10)], until=UNTIL)

    lines = sorted([line(first.id, 3), line(second.id, 10)], key=lambda one: one.variant_id)
    assert held == StockHold(order_id=order_id, status=HoldStatus.HELD, lines=lines, until=UNTIL)
    assert (figures(first.id), figures(second.id)) == ((10, 3), (10, 10))


def test_two_lines_of_one_variant_are_held_together():
    order_id, variant = new_id(), make_variant(on_hand=5)

    held = service.hold_stock(order_id=order_id, lines=[line(variant.id, 2), line(variant.id, 3)], until=UNTIL)

    assert held.lines == [line(variant.id, 5)]
    assert figures(variant.id) == (5, 5)


def test_holding_more_than_is_left_names_every_short_line_and_holds_nothing():
    plenty, short, none = make_variant(), make_variant(on_hand=2), make_variant(on_hand=0)
    unknown = new_id()

    with pytest.raises(OutOfStock) as refusal:
        service.hold_stock(
            order_id=new_id(), lines=[line(i, 3) for i in (plenty.id, short.id, none.id, unknown)], until=UNTIL
        )

    shortages = {
        short.id: {"variant_id": str(short.id), "sku": short.sku, "requested": 3, "available": 2},
        none.id: {"variant_id": str(none.id), "sku": none.sku, "requested": 3, "available": 0},
        unknown: {"variant_id": str(unknown), "sku": None, "requested": 3, "available": 0},
    }
    assert refusal.value.details["lines"] == [shortages[variant_id] for variant_id in sorted(shortages)]
    assert figures(plenty.id) == (10, 0)
    assert not Hold.objects.exists()


def test_holding_twice_takes_the_stock_once():
    order_id, variant = new_id(), make_variant()

    first, second = hold(order_id, variant.id, 3), hold(order_id, variant.id, 3)

    assert first == second
    assert figures(variant.id) == (10, 3)
    assert StockHoldLine.objects.count() == 1


def test_a_refused_hold_may_be_tried_again():
    order_id, variant = new_id(), make_variant(on_hand=2)
    with pytest.raises(OutOfStock):
        hold(order_id, variant.id, 3)

    assert hold(order_id, variant.id, 2).status == HoldStatus.HELD


@pytest.mark.parametrize("quantities", [[], [0], [-1], [1, 0], [10**12]])
def test_a_hold_without_lines_or_with_an_impossible_quantity_is_refused(quantities):
    variant = make_variant()

    with pytest.raises(Invalid):
        service.hold_stock(order_id=new_id(), lines=[line(variant.id, n) for n in quantities], until=UNTIL)

    assert not Hold.objects.exists()


def test_committing_sells_what_was_held():
    order_id, variant = new_id(), make_variant()
    held = hold(order_id, variant.id, 3)

    sold = service.commit_hold(order_id=order_id)

    assert (sold.status, sold.lines, sold.until) == (HoldStatus.COMMITTED, held.lines, UNTIL)
    assert figures(variant.id) == (7, 0)
    assert journal(variant.id) == [("received", 10), ("sold", -3)]


def test_committing_twice_sells_once():
    order_id, variant = new_id(), make_variant()
    hold(order_id, variant.id, 3)

    assert service.commit_hold(order_id=order_id) == service.commit_hold(order_id=order_id)
    assert figures(variant.id) == (7, 0)
    assert journal(variant.id) == [("received", 10), ("sold", -3)]


def test_a_committed_hold_is_answered_when_it_is_asked_for_again():
    order_id, variant = new_id(), make_variant()
    hold(order_id, variant.id, 3)
    service.commit_hold(order_id=order_id)

    assert hold(order_id, variant.id, 3).status == HoldStatus.COMMITTED
    assert figures(variant.id) == (7, 0)


def test_committing_an_unknown_hold_is_refused():
    with pytest.raises(UnknownHold):
        service.commit_hold(order_id=new_id())


def test_releasing_lets_the_stock_go_once():
    order_id, variant = new_id(), make_variant()
    hold(order_id, variant.id, 3)

    service.release_hold(order_id=order_id)
    service.release_hold(order_id=order_id)

    assert figures(variant.id) == (10, 0)
    assert journal(variant.id) == [("received", 10)]


def test_what_was_released_can_neither_be_held_nor_sold():
    order_id, variant = new_id(), make_variant()
    hold(order_id, variant.id, 3)
    service.release_hold(order_id=order_id)

    with pytest.raises(HoldClosed):
        hold(order_id, variant.id, 3)
    with pytest.raises(HoldClosed):
        service.commit_hold(order_id=order_id)
    assert figures(variant.id) == (10, 0)


def test_releasing_what_was_never_held_leaves_a_tombstone():
    order_id, variant = new_id(), make_variant()

    service.release_hold(order_id=order_id)

    with pytest.raises(HoldClosed):
        hold(order_id, variant.id, 3)
    assert figures(variant.id) == (10, 0)


def test_sold_stock_is_not_released():
    order_id, variant = new_id(), make_variant()
    hold(order_id, variant.id, 3)
    service.commit_hold(order_id=order_id)

    with pytest.raises(HoldCommitted):
        service.release_hold(order_id=order_id)
    assert figures(variant.id) == (7, 0)


def test_returned_stock_is_on_the_shelf_again_once_per_reference():
    order_id, variant = new_id(), make_variant()
    hold(order_id, variant.id, 3)
    service.commit_hold(order_id=order_id)

    for reference in (order_id, order_id, new_id()):
        service.return_stock(reference=reference, lines=[line(variant.id, 1)])

    assert figures(variant.id) == (9, 0)
    assert journal(variant.id) == [("received", 10), ("sold", -3), ("returned", 1), ("returned", 1)]


def test_returning_an_unknown_variant_returns_nothing():
    variant, unknown = make_variant(), new_id()

    with pytest.raises(UnknownVariant) as refusal:
        service.return_stock(reference=new_id(), lines=[line(variant.id, 1), line(unknown, 1)])

    assert refusal.value.details == {"variant_ids": [str(unknown)]}
    assert figures(variant.id) == (10, 0)


def test_holds_are_listed_a_page_at_a_time():
    variant = make_variant()
    order_ids = sorted(new_id() for _ in range(3))
    held = [hold(order_id, variant.id, 1) for order_id in order_ids[:2]]
    service.release_hold(order_id=order_ids[2])
    tombstone = StockHold(order_id=order_ids[2], status=HoldStatus.RELEASED, lines=[], until=None)

    def listed(after: UUID | None) -> list[StockHold]:
        page = service.list_holds(after=after, limit=2)
        assert all(hold.held_at == Hold.objects.get(order_id=hold.order_id).created_at for hold in page)
        return [replace(hold, held_at=None) for hold in page]

    assert listed(None) == held
    assert listed(order_ids[1]) == [tombstone]
    assert listed(order_ids[2]) == []


def test_what_was_held_or_sold_is_told_by_the_location_it_was_taken_from():
    first, second, third = sorted(new_id() for _ in range(3))
    split, whole = make_variant(on_hand=2), make_variant(on_hand=5)
    put(split.id, "Aachen", 3)
    lines = [line(split.id, 4), line(whole.id, 1)]
    service.hold_stock(order_id=first, lines=lines, until=UNTIL)
    service.commit_hold(order_id=first)
    hold(second, split.id, 1)
    hold(third, whole.id, 2)
    places = dict(Location.objects.values_list("name", "id"))

    def taken(order_id: UUID, variant_id: UUID, name: str, quantity: int) -> Allocation:
        return Allocation(
            order_id=order_id, variant_id=variant_id, location_id=places[name], location=name, quantity=quantity
        )

    found = service.find_allocations(order_ids=[second, first, new_id()])

    main = sorted([(split.id, 2), (whole.id, 1)])
    assert found == [
        *(taken(first, variant_id, "Main warehouse", quantity) for variant_id, quantity in main),
        taken(first, split.id, "Aachen", 2),
        taken(second, split.id, "Aachen", 1),
    ]


def test_what_was_let_go_is_taken_from_nowhere():
    order_id, variant = new_id(), make_variant()
    hold(order_id, variant.id, 3)
    service.release_hold(order_id=order_id)

    assert service.find_allocations(order_ids=[order_id, new_id()]) == []
    assert service.find_allocations(order_ids=[]) == []


def test_what_came_back_was_taken_all_the_same():
    order_id, variant = new_id(), make_variant()
    hold(order_id, variant.id, 3)
    service.commit_hold(order_id=order_id)
    service.return_stock(reference=order_id, lines=[line(variant.id, 2)])

    assert [one.quantity for one in service.find_allocations(order_ids=[order_id])] == [3]


def test_a_customer_may_review_each_product_that_he_bought_once_however_often_it_is_told():
    first, second, customer_id = make_product(), make_product(), new_id()
    ids = [variant.id for product in (first, second) for variant in product.variants.all()]

    service.allow_reviews(customer_id=customer_id, variant_ids=[*ids, ids[0], new_id()])
    service.allow_reviews(customer_id=customer_id, variant_ids=ids[:1])

    permits = ReviewPermit.objects.values_list("customer_id", "product_id")
    assert sorted(permits) == sorted((customer_id, product.id) for product in (first, second))


def test_a_customer_who_is_erased_may_review_nothing_any_more():
    variant, customer_id = make_variant(), new_id()
    service.allow_reviews(customer_id=customer_id, variant_ids=[variant.id])
    forget_reviewer(customer_id)

    service.allow_reviews(customer_id=customer_id, variant_ids=[variant.id])

    assert not ReviewPermit.objects.exists()


def line(variant_id: UUID, quantity: int) -> StockLine:
    return StockLine(variant_id=variant_id, quantity=quantity)


def hold(order_id: UUID, variant_id: UUID, quantity: int) -> StockHold:
    return service.hold_stock(order_id=order_id, lines=[line(variant_id, quantity)], until=UNTIL)
