"""Zones and ways to ship, edited in the admin."""

from typing import Any

import pytest

from ecommerce.kernel.admin_testing import signed_in
from modules.orders.logic.shipping import prices_of
from modules.orders.models import ShippingMethod, ShippingPlace, ShippingPrice, ShippingZone
from modules.orders.tests.admin import office
from modules.orders.tests.admin.office import METHODS, ZONES, errors_of
from modules.orders.tests.shipping import method, zone

pytestmark = office.pytestmark


@pytest.fixture
def staff() -> Any:
    return signed_in("orders.read", "orders.write")


def typed(**changed: Any) -> dict[str, Any]:
    """A form for a parcel, as a browser sends it."""
    return {
        "code": "parcel",
        "title": "Parcel",
        "kind": "shipping",
        "priced_by": "weight",
        "min_days": "2",
        "max_days": "4",
        "position": "0",
        "is_active": "on",
        "prices": "EUR 4.90, 2000 = 6.90, free from 50.00",
    } | changed


def test_a_zone_is_its_lines(staff: Any) -> None:
    answer = staff.post(f"{ZONES}add/", {"title": "West", "places": "us-ca\r\n\r\nUS-WA\r\nDE 274*"})

    assert (answer.status_code, answer["Location"]) == (302, ZONES)
    made = ShippingZone.objects.get()
    assert sorted(made.places.values_list("code", flat=True)) == ["DE 274*", "US-CA", "US-WA"]
    page = staff.get(f"{ZONES}{made.pk}/change/")
    assert page.context["adminform"].form["places"].value() == "DE 274*\nUS-CA\nUS-WA"
    assert b"none: not shipped to" in staff.get(ZONES).content


def test_what_is_no_place_or_anothers_is_told_at_the_places(staff: Any) -> None:
    made = zone("Europe", "DE", "AT")

    wrong = staff.post(f"{ZONES}add/", {"title": "New", "places": "Germany\nUS-XX\nFR"})
    taken = staff.post(f"{ZONES}add/", {"title": "New", "places": "FR\nDE"})
    changed = staff.post(f"{ZONES}{made.pk}/change/", {"title": "Neighbours", "places": "FR\nDE"})

    assert errors_of(wrong) == {
        "places": [
            "Germany: write US, US-CA, DE 27498 or GB BT*.",
            "US has no region XX (ISO 3166-2).",
        ]
    }
    assert errors_of(taken) == {"places": ["DE is in Europe: a place is in one zone."]}
    assert changed.status_code == 302
    assert sorted(ShippingPlace.objects.values_list("code", "zone__title")) == [
        ("DE", "Neighbours"),
        ("FR", "Neighbours"),
    ]


def test_a_zone_in_use_is_kept_and_staff_are_told_by_what(staff: Any) -> None:
    germany = zone("Germany", "DE")
    method("standard", germany)

    answer = staff.post(f"{ZONES}{germany.pk}/delete/", {"post": "yes"}, follow=True)

    assert b"It is where these are offered: standard." in answer.content
    assert ShippingZone.objects.count() == 1

    ShippingMethod.objects.get().zones.clear()
    staff.post(f"{ZONES}{germany.pk}/delete/", {"post": "yes"})
    assert ShippingZone.objects.count() == 0


def test_a_method_is_written_with_its_zones_and_prices_and_read_back(staff: Any) -> None:
    germany = zone("Germany", "DE")

    answer = staff.post(f"{METHODS}add/", typed(zones=[str(germany.pk)]))

    assert (answer.status_code, answer["Location"]) == (302, METHODS)
    made = ShippingMethod.objects.get()
    assert list(made.zones.all()) == [germany]
    ((currency, tariff),) = prices_of(made)
    assert (currency, tariff.price.minor, tariff.tiers[0].at_least) == ("EUR", 490, 2000)
    page = staff.get(f"{METHODS}{made.pk}/change/")
    assert page.context["adminform"].form["prices"].value() == "EUR 4.90, 2000 = 6.90, free from 50.00"
    assert b"Germany" in staff.get(METHODS).content

    staff.post(f"{METHODS}{made.pk}/change/", typed(kind="pick_up", priced_by="flat", prices="EUR 0\nUSD 1"))
    assert ShippingMethod.objects.get().kind == "pick_up"
    assert [(price.currency, price.price_minor) for price in ShippingPrice.objects.order_by("currency")] == [
        ("EUR", 0),
        ("USD", 100),
    ]


@pytest.mark.parametrize(
    ("changed", "field", "complaint"),
    [
        ({"max_days": "1"}, "max_days", "Not fewer than at least."),
        ({"zones": []}, "zones", "Choose where it is offered; only a pick-up may be offered everywhere."),
        ({"prices": "EUR five"}, "prices", "Line 1: 'five' is no amount in EUR."),
        ({"priced_by": "flat"}, "prices", "Tiers are for prices by weight or by subtotal."),
    ],
)
def test_a_method_that_makes_no_sense_is_told_at_its_field(
    staff: Any, changed: dict[str, Any], field: str, complaint: str
) -> None:
    germany = zone("Germany", "DE")

    answer = staff.post(f"{METHODS}add/", typed(**{"zones": [str(germany.pk)]} | changed))

    assert errors_of(answer) == {field: [complaint]}
    assert ShippingMethod.objects.count() == 0


def test_a_code_that_another_has_is_told(staff: Any) -> None:
    germany = zone("Germany", "DE")
    method("parcel", germany)

    errors = errors_of(staff.post(f"{METHODS}add/", typed(zones=[str(germany.pk)])))

    assert list(errors) in (["code"], ["__all__"])
    assert ShippingMethod.objects.count() == 1


def test_a_method_is_deleted(staff: Any) -> None:
    made = method("parcel", zone("Germany", "DE"))

    staff.post(f"{METHODS}{made.pk}/delete/", {"post": "yes"})

    assert ShippingMethod.objects.count() == 0


def test_who_may_only_read_changes_nothing() -> None:
    reader, made = signed_in("orders.read"), zone("Germany", "DE")

    parcel = method("parcel", made, price=490)

    assert b"parcel" in reader.get(f"{ZONES}{made.pk}/change/").content
    assert b"EUR 4.90" in reader.get(f"{METHODS}{parcel.pk}/change/").content
    assert reader.post(f"{ZONES}{made.pk}/change/", {"title": "X", "places": "FR"}).status_code == 403
    assert signed_in("catalog.read").get(ZONES).status_code == 403
    assert ShippingZone.objects.get().title == "Germany"
