"""Which rates are in force where and when, and how staff write them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError

from ecommerce.kernel.errors import Invalid
from ecommerce.kernel.testing import statements
from ecommerce.kernel.vat_ids import read_vat_id
from modules.orders.logic.places import Place
from modules.orders.logic.pricing import Rounding
from modules.orders.logic.tax_rates import RateDraft, delete_rate, write_rate
from modules.orders.logic.taxes import rates_in, taxation_of, today
from modules.orders.models import TaxRate

pytestmark = pytest.mark.django_db(transaction=True)

NOW = date(2026, 11, 28)


def rate(country: str, of: str, *, region: str = "", tax_class: str = "standard", **days: Any) -> TaxRate:
    draft = RateDraft(
        country=country, region=region, tax_class=tax_class, title=f"{of} {country}{region}", rate=Decimal(of), **days
    )
    return write_rate(draft, rate_id=None)


def at(country: str, region: str = "", on: date = NOW) -> dict[str, str]:
    return {name: one.title for name, one in rates_in(Place(country=country, region=region), on=on).items()}


def refused(call: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as refusal:
        call()
    (error,) = refusal.value.details["errors"]
    return {error["field"]: error["detail"]}


def test_a_regions_rate_stands_in_for_its_countrys_and_is_not_added() -> None:
    rate("US", "0.02")
    rate("US", "0.01", tax_class="reduced")
    rate("US", "0.0725", region="CA")

    assert at("US") == {"standard": "0.02 US", "reduced": "0.01 US"}
    assert at("US", "CA") == {"standard": "0.0725 USCA", "reduced": "0.01 US"}
    assert at("US", "NY") == {"standard": "0.02 US", "reduced": "0.01 US"}
    assert at("DE") == {}


def test_a_rate_is_in_force_from_its_first_to_its_last_day() -> None:
    # Germany's lower rates of 2020: § 28 UStG.
    rate("DE", "0.19", valid_until=date(2020, 6, 30))
    rate("DE", "0.16", valid_from=date(2020, 7, 1), valid_until=date(2020, 12, 31))
    rate("DE", "0.1900", valid_from=date(2021, 1, 1))

    days = [date(2007, 1, 1), date(2020, 6, 30), date(2020, 7, 1), date(2020, 12, 31), date(2021, 1, 1)]
    assert [at("DE", on=day)["standard"] for day in days] == [
        "0.19 DE",
        "0.19 DE",
        "0.16 DE",
        "0.16 DE",
        "0.1900 DE",
    ]


@pytest.mark.parametrize(
    ("zone", "day"),
    [("UTC", date(2020, 6, 30)), ("Europe/Berlin", date(2020, 7, 1)), ("America/New_York", date(2020, 6, 30))],
)  # fmt: skip
def test_the_day_is_the_shops(settings: Any, zone: str, day: date) -> None:
    settings.SHOP_TIME_ZONE = zone
    with time_machine.travel(datetime(2020, 6, 30, 22, 30, tzinfo=UTC), tick=False):
        assert today() == day


def test_two_rates_of_a_place_and_class_are_never_in_force_on_one_day() -> None:
    first = rate("DE", "0.19", valid_until=date(2026, 12, 31))

    detail = "0.19 DE is in force then: end it the day before."
    assert refused(lambda: rate("DE", "0.20")) == {"valid_from": detail}
    assert refused(lambda: rate("DE", "0.20", valid_from=date(2026, 12, 31))) == {"valid_from": detail}
    assert TaxRate.objects.get() == first

    rate("DE", "0.20", valid_from=date(2027, 1, 1))
    rate("DE", "0.07", tax_class="reduced")
    rate("DE", "0.07", region="BY")
    rate("AT", "0.20")
    assert TaxRate.objects.count() == 5


def test_the_database_itself_refuses_them() -> None:
    rate("DE", "0.19")
    with pytest.raises(IntegrityError, match="tax_rate_once_a_day"):
        TaxRate.objects.create(
            country="DE", tax_class="standard", title="", rate=Decimal("0.1"), valid_from=date(2030, 1, 1)
        )
    days = {"valid_from": date(2030, 1, 2), "valid_until": date(2030, 1, 1)}
    with pytest.raises(IntegrityError, match="tax_rate_days_in_order"):
        TaxRate.objects.create(country="AT", tax_class="standard", title="", rate=Decimal("0.1"), **days)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"country": "XX"}, {"country": "XX is no country (ISO 3166-1 alpha-2)."}),
        ({"region": "BY"}, {"region": "US has no region BY (ISO 3166-2)."}),
        ({"rate": Decimal(19)}, {"rate": "A fraction from 0 to below 1: 0.19 is 19 %."}),
        (
            {"valid_from": date(2026, 1, 2), "valid_until": date(2026, 1, 1)},
            {"valid_until": "Not before its first day."},
        ),
    ],
)
def test_what_cannot_be_a_rate_is_refused_at_its_field(changed: dict[str, Any], told: dict[str, str]) -> None:
    fields: dict[str, Any] = {
        "country": "US",
        "tax_class": "standard",
        "title": "Tax",
        "rate": Decimal("0.1"),
    } | changed

    assert refused(lambda: write_rate(RateDraft(**fields), rate_id=None)) == told
    assert TaxRate.objects.count() == 0


def test_a_rate_may_be_ended_and_deleted() -> None:
    made = rate("DE", "0.19")
    draft = RateDraft(country="DE", tax_class="standard", title="Old", rate=Decimal("0.19"), valid_until=NOW)

    write_rate(draft, rate_id=made.pk)
    assert (at("DE"), at("DE", on=date(2026, 11, 29))) == ({"standard": "Old"}, {})

    delete_rate(rate_id=made.pk)
    assert at("DE") == {}


def test_what_is_picked_up_is_taxed_where_the_shop_is(settings: Any) -> None:
    settings.SHOP_COUNTRY, settings.SHOP_VAT_ID = "DE", "DE136695976"
    rate("DE", "0.19")
    rate("FR", "0.20")
    buyer = read_vat_id("FR40303265045")

    def taxed(*, is_pick_up: bool) -> tuple[Fraction, str]:
        place = Place(country="FR")
        taxation = taxation_of(currency="EUR", to=place, buyer=buyer, is_pick_up=is_pick_up)
        return taxation.rates["standard"].rate, taxation.exemption

    assert taxed(is_pick_up=True) == (Fraction(19, 100), "")
    assert taxed(is_pick_up=False) == (Fraction(20, 100), "intra_community_supply")


def test_the_shops_settings_decide_and_the_rates_are_asked_once(settings: Any) -> None:
    settings.CURRENCIES_WITHOUT_TAX = frozenset({"EUR"})
    settings.TAX_ROUNDING, settings.SHIPPING_TAXED = "total", False

    with statements() as sql:
        taxation = taxation_of(currency="EUR", to=Place(country="FR"), buyer=None, is_pick_up=False)

    assert (taxation.prices_include_tax, taxation.rounding, taxation.shipping_taxed) == (False, Rounding.TOTAL, False)
    assert len(sql) == 1
