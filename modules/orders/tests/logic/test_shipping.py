"""Which ways to ship a destination is offered, and how staff write them."""

from typing import Any

import pytest
from django.db import IntegrityError

from ecommerce.kernel.errors import Invalid
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import statements
from modules.orders.logic.places import place_of
from modules.orders.logic.shipping import options_for, prices_of
from modules.orders.logic.shipping_methods import delete_method, write_method
from modules.orders.logic.tariffs import Tariff, Tier
from modules.orders.logic.zones import ZoneInUse, delete_zone, write_zone
from modules.orders.models import ShippingMethod, ShippingPlace, ShippingPrice, ShippingTier, ShippingZone
from modules.orders.tests.shipping import draft, eur, method, zone

pytestmark = pytest.mark.django_db(transaction=True)


def offered(country: str, *, subtotal: int = 1000, weight_g: int = 500, **address: str) -> list[tuple[str, int]]:
    place = place_of({"country": country, **address})
    options = options_for(place=place, subtotal=eur(subtotal), weight_g=weight_g)
    return [(option.code, option.price.minor) for option in options]


def refused(call: Any) -> list[dict[str, str]]:
    with pytest.raises(Invalid) as refusal:
        call()
    found: list[dict[str, str]] = refusal.value.details["errors"]
    return found


def test_of_the_zones_a_destination_lies_in_the_most_exact_one_counts() -> None:
    method("national", zone("USA", "US"))
    method("west", zone("West", "US-CA", "US-WA"))
    method("hollywood", zone("Hollywood", "US 90028"), price=100)
    method("la", zone("Los Angeles", "US 900*"))

    assert offered("US") == [("national", 500)]
    assert offered("US", region="Texas") == [("national", 500)]
    assert offered("US", region="California") == [("west", 500)]
    assert offered("US", region="CA", postal_code="90001") == [("la", 500)]
    assert offered("US", region="CA", postal_code="90028") == [("hollywood", 100)]
    assert offered("DE") == []


def test_a_place_in_a_zone_without_methods_is_not_shipped_to() -> None:
    method("national", zone("USA", "US"))
    zone("Not shipped to", "US-HI", "US-AK")

    assert offered("US", region="HI") == []
    assert offered("US", region="NY") == [("national", 500)]


def test_one_method_is_offered_in_several_zones_and_each_only_once() -> None:
    method("standard", zone("Germany", "DE", "DE 10*"), zone("Austria", "AT"), position=2)
    method("express", ShippingZone.objects.get(title="Germany"), price=900, position=1)

    assert offered("DE", postal_code="10115") == [("express", 900), ("standard", 500)]
    assert offered("AT") == [("standard", 500)]


def test_what_is_picked_up_is_offered_everywhere_or_in_its_zones() -> None:
    method("shop", kind="pick_up", price=0)
    method("locker", zone("Germany", "DE"), kind="pick_up", price=100, position=1)

    assert offered("FR") == [("shop", 0)]
    assert offered("DE") == [("shop", 0), ("locker", 100)]
    (option, _) = options_for(place=place_of({"country": "DE"}), subtotal=eur(1), weight_g=0)
    assert option.is_pick_up


def test_inactive_ones_and_other_currencies_are_not_offered() -> None:
    germany = zone("Germany", "DE")
    method("asleep", germany, is_active=False)
    method("euros", germany)

    place = place_of({"country": "DE"})
    assert offered("DE") == [("euros", 500)]
    assert options_for(place=place, subtotal=type(eur(0))(minor=1, currency="USD"), weight_g=0) == []


def test_tiers_are_kept_per_currency_and_asked_in_one_statement() -> None:
    tiers = [Tier(at_least=2000, price=eur(690)), Tier(at_least=10000, price=eur(1490))]
    tariff = Tariff(priced_by="weight", price=eur(490), tiers=tiers, free_from=eur(5000))
    made = method("parcel", zone("Germany", "DE"), priced_by="weight", tariffs={"EUR": tariff})

    assert prices_of(made) == [("EUR", tariff)]
    assert [offered("DE", weight_g=grams)[0][1] for grams in (1999, 2000, 20000)] == [490, 690, 1490]
    assert offered("DE", weight_g=20000, subtotal=5000) == [("parcel", 0)]
    with statements() as sql:
        offered("DE", postal_code="10115")
    assert len(sql) == 1


def test_a_method_that_is_written_again_is_what_it_was_written_as() -> None:
    germany = zone("Germany", "DE")
    made = method("standard", germany)

    write_method(draft("standard", zone("France", "FR"), price=700, title="New"), method_id=made.pk)

    assert (offered("DE"), offered("FR")) == ([], [("standard", 700)])
    assert ShippingMethod.objects.get().title == "New"
    assert ShippingPrice.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"min_days": 3}, "max_days"),
        ({"zone_ids": []}, "zones"),
        (
            {"tariffs": {"EUR": Tariff(priced_by="flat", price=eur(1), tiers=[Tier(at_least=1, price=eur(2))])}},
            "prices",
        ),
        ({"code": "express"}, "code"),
    ],
)
def test_a_method_that_makes_no_sense_is_refused_at_its_field(changed: dict[str, Any], field: str) -> None:
    germany = zone("Germany", "DE")
    method("express", germany)

    fields = {"code": "new", "zone_ids": [germany.pk]} | changed
    errors = refused(lambda: write_method(draft(**fields), method_id=None))

    assert [error["field"] for error in errors] == [field]
    assert ShippingMethod.objects.get().code == "express"


def test_a_deleted_method_is_gone_with_its_prices() -> None:
    tariff = Tariff(priced_by="weight", price=eur(1), tiers=[Tier(at_least=1, price=eur(2))])
    made = method("standard", zone("Germany", "DE"), priced_by="weight", tariffs={"EUR": tariff})

    delete_method(method_id=made.pk)

    assert (ShippingMethod.objects.count(), ShippingPrice.objects.count(), ShippingTier.objects.count()) == (0, 0, 0)
    assert offered("DE") == []


def test_a_zone_is_its_places_and_keeps_those_it_had() -> None:
    made = zone("Europe", "DE", "AT")
    before = ShippingPlace.objects.get(code="DE").pk

    write_zone(zone_id=made.pk, title="Neighbours", places=["DE", "FR", "FR"])

    assert ShippingZone.objects.get().title == "Neighbours"
    assert sorted(ShippingPlace.objects.values_list("code", flat=True)) == ["DE", "FR"]
    assert ShippingPlace.objects.get(code="DE").pk == before


def test_a_place_and_a_title_are_one_zones() -> None:
    zone("Europe", "DE", "AT")

    assert refused(lambda: zone("Germany", "CH", "DE")) == [
        {"field": "places", "code": "invalid", "detail": "DE is in Europe: a place is in one zone."}
    ]
    assert refused(lambda: zone("Europe", "CH"))[0]["field"] == "title"
    assert ShippingZone.objects.count() == 1
    with pytest.raises(IntegrityError):
        ShippingPlace.objects.create(zone=ShippingZone.objects.get(), code="DE")
    with pytest.raises(IntegrityError):
        ShippingPlace.objects.create(zone=ShippingZone.objects.get(), code="Germany")


def test_a_zone_in_use_is_not_deleted() -> None:
    germany = zone("Germany", "DE")
    made = method("standard", germany)

    with pytest.raises(ZoneInUse) as refusal:
        delete_zone(zone_id=germany.pk)
    assert refusal.value.details == {"methods": ["standard"]}
    assert offered("DE") == [("standard", 500)]

    delete_method(method_id=made.pk)
    delete_zone(zone_id=germany.pk)
    assert (ShippingZone.objects.count(), ShippingPlace.objects.count()) == (0, 0)


def test_the_database_refuses_tiers_that_make_no_sense() -> None:
    price = method("standard", zone("Germany", "DE")).prices.get()
    for at_least, minor in ((0, 1), (1, -1)):
        with pytest.raises(IntegrityError):
            ShippingTier.objects.create(id=new_id(), price=price, at_least=at_least, price_minor=minor)
