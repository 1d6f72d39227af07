"""Tax rates, edited in the admin."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ecommerce.kernel.admin_testing import signed_in
from modules.orders.models import TaxRate
from modules.orders.tests.admin import office
from modules.orders.tests.admin.office import RATES, errors_of

pytestmark = office.pytestmark


@pytest.fixture
def staff() -> Any:
    return signed_in("orders.read", "orders.write")


def typed(**changed: str) -> dict[str, str]:
    """A form for German VAT, as a browser sends it."""
    filled = {"country": "DE", "tax_class": "standard", "title": "MwSt. 19 %", "rate": "0.19"}
    return {"region": "", "valid_from": "", "valid_until": ""} | filled | changed


def test_a_rate_is_written_changed_and_deleted(staff: Any) -> None:
    answer = staff.post(f"{RATES}add/", typed(country="us", region="ca", rate="0.0725", valid_from="2026-01-01"))

    assert (answer.status_code, answer["Location"]) == (302, RATES)
    made = TaxRate.objects.get()
    assert (made.country, made.region, made.rate) == ("US", "CA", Decimal("0.0725"))
    assert (made.valid_from, made.valid_until) == (date(2026, 1, 1), None)

    staff.post(f"{RATES}{made.pk}/change/", typed(valid_until="2026-12-31"))
    assert TaxRate.objects.get().valid_until == date(2026, 12, 31)
    assert b"MwSt. 19 %" in staff.get(RATES).content

    staff.post(f"{RATES}{made.pk}/delete/", {"post": "yes"})
    assert TaxRate.objects.count() == 0


def test_a_second_rate_on_the_same_days_is_told_with_the_one_in_the_way(staff: Any) -> None:
    staff.post(f"{RATES}add/", typed())

    answer = staff.post(f"{RATES}add/", typed(rate="0.20", title="New", valid_from="2027-01-01"))

    assert errors_of(answer) == {"valid_from": ["MwSt. 19 % is in force then: end it the day before."]}
    assert TaxRate.objects.get().title == "MwSt. 19 %"


@pytest.mark.parametrize(
    ("changed", "field", "complaint"),
    [
        ({"country": "XX"}, "country", "XX is no country (ISO 3166-1 alpha-2)."),
        ({"country": "US", "region": "BY"}, "region", "US has no region BY (ISO 3166-2)."),
        ({"rate": "19"}, "rate", "A fraction from 0 to below 1: 0.19 is 19 %."),
        ({"valid_from": "2026-02-01", "valid_until": "2026-01-01"}, "valid_until", "Not before its first day."),
    ],
)
def test_what_cannot_be_a_rate_is_told_at_its_field(
    staff: Any, changed: dict[str, str], field: str, complaint: str
) -> None:
    assert errors_of(staff.post(f"{RATES}add/", typed(**changed))) == {field: [complaint]}
    assert TaxRate.objects.count() == 0
