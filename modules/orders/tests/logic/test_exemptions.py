"""Who in the EU is charged no tax."""

import pytest

from ecommerce.kernel.vat_ids import read_vat_id
from modules.orders.logic.exemptions import Seller, exemption_of, note_of, taxed_at, vat_state
from modules.orders.logic.places import Place, place_of

GERMAN, FRENCH, DUTCH, GREEK = "DE136695976", "FR40303265045", "NL123456789B13", "EL094259216"
NORTHERN_IRISH, BRITISH, SWISS = "XI432525179", "GB980780684", "CHE107787577IVA"
SELLER = Seller(place=Place(country="DE"), vat_id=GERMAN)
EXEMPT = "intra_community_supply"


@pytest.mark.parametrize(
    ("buyer", "to", "exemption"),
    [
        (FRENCH, {"country": "FR"}, EXEMPT),
        (GREEK, {"country": "GR", "postal_code": "10431"}, EXEMPT),
        # Any state's number but that of where the goods leave: art. 138(1)(b).
        (DUTCH, {"country": "FR"}, EXEMPT),
        (FRENCH, {"country": "MC"}, EXEMPT),
        (NORTHERN_IRISH, {"country": "GB", "postal_code": "BT1 5GS"}, EXEMPT),
        ("", {"country": "FR"}, ""),
        (GERMAN, {"country": "FR"}, ""),
        (FRENCH, {"country": "DE"}, ""),
        (FRENCH, {"country": "US"}, ""),
        (FRENCH, {"country": "CH"}, ""),
        (SWISS, {"country": "FR"}, ""),
        (BRITISH, {"country": "FR"}, ""),
        (BRITISH, {"country": "GB", "postal_code": "BT1 5GS"}, ""),
        (NORTHERN_IRISH, {"country": "GB", "postal_code": "SW1A 1AA"}, ""),
        # Outside of the directive's territory: art. 6.
        (FRENCH, {"country": "ES", "postal_code": "35001"}, ""),
        (FRENCH, {"country": "IT", "postal_code": "23041"}, ""),
        (FRENCH, {"country": "FI", "postal_code": "22100"}, ""),
        (FRENCH, {"country": "AX"}, ""),
        (FRENCH, {"country": "GF"}, ""),
    ],
)
def test_goods_for_a_business_in_another_state_are_exempt(buyer: str, to: dict[str, str], exemption: str) -> None:
    assert exemption_of(SELLER, buyer=read_vat_id(buyer), to=place_of(to)) == exemption


@pytest.mark.parametrize(
    "seller",
    [
        Seller(place=Place(country="DE"), vat_id=""),
        Seller(place=Place(country="DE"), vat_id=DUTCH),
        Seller(place=Place(country="CH"), vat_id=SWISS),
        Seller(place=Place(country="US"), vat_id=""),
    ],
)
def test_a_shop_that_is_not_registered_where_its_goods_leave_charges_tax(seller: Seller) -> None:
    assert exemption_of(seller, buyer=read_vat_id(FRENCH), to=Place(country="FR")) == ""


@pytest.mark.parametrize(
    ("buyer", "to", "country"),
    [
        ("", "FR", "FR"),
        (FRENCH, "FR", "FR"),
        (GERMAN, "FR", "DE"),
        (GERMAN, "DE", "DE"),
        (GERMAN, "US", "US"),
        (SWISS, "CH", "CH"),
    ],
)
def test_goods_are_taxed_where_they_arrive_but_a_domestic_business_s_where_they_leave(
    buyer: str, to: str, country: str
) -> None:
    assert taxed_at(SELLER, buyer=read_vat_id(buyer), to=Place(country=to)).country == country


def test_the_note_is_in_the_readers_language_or_else_in_the_shops() -> None:
    english = "Exempt intra-Community supply of goods: Article 138(1) of Directive 2006/112/EC."

    assert (note_of(EXEMPT, "en"), note_of(EXEMPT, "fr"), note_of("", "en")) == (english, english, None)
    german = note_of(EXEMPT, "de") or ""
    assert german.startswith("Steuerfreie innergemeinschaftliche Lieferung")


def test_northern_ireland_and_monaco_are_of_the_territory_and_heligoland_is_not() -> None:
    asked = [("GB", "BT15GS"), ("MC", ""), ("DE", "27498"), ("DE", "10115"), ("GB", "SW1A1AA"), ("US", "")]
    states = [vat_state(Place(country=country, postal_code=code)) for country, code in asked]
    assert states == ["XI", "FR", None, "DE", None, None]
