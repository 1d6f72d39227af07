"""When no tax is charged to a business in another state of the EU, and what the invoice then says.

Goods that go from one member state to another are exempt where the buyer, a taxable person, has told the seller a VAT
identification number of a state other than the one they leave (Directive 2006/112/EC art. 138(1), as amended by
Directive (EU) 2018/1910); the buyer taxes the acquisition himself (art. 2(1)(b), 200). Their invoice does not say
"Reverse charge", which is for services and for sellers from abroad (art. 226(11a), 194, 196), but why they are exempt
(art. 226(11)).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ecommerce.kernel.vat_ids import EU_STATES, VatId, read_vat_id
from modules.orders.logic.languages import spoken
from modules.orders.logic.places import Place
from modules.orders.models import TaxExemption

# Countries that are taken for another's territory (art. 7), and where they stand in an address.
PART_OF = {"MC": "FR"}
# Parts of member states where the directive does not hold (art. 6): postal codes of Ceuta, Melilla and the Canary
# Islands, of Heligoland and Büsingen, of Livigno and Campione d'Italia, of Åland, of Mount Athos.
OUTSIDE = {"ES": ("35", "38", "51", "52"), "DE": ("27498", "78266"), "IT": ("23041", "22061"), "FI": ("22",),
           "GR": ("63086",)}  # fmt: skip
# Northern Ireland is a member state as far as goods go: Protocol on Ireland/Northern Ireland, art. 8.
NORTHERN_IRELAND = ("GB", "BT", "XI")

TITLE = "Intra-Community supply"
NOTES: Mapping[str, Mapping[str, str]] = {
    TaxExemption.INTRA_COMMUNITY_SUPPLY: {
        "en": "Exempt intra-Community supply of goods: Article 138(1) of Directive 2006/112/EC.",
        "de": "Steuerfreie innergemeinschaftliche Lieferung: Art. 138 Abs. 1 der Richtlinie 2006/112/EG.",
        "ru": "Поставка внутри ЕС без НДС: статья 138(1) Директивы 2006/112/EC.",
    },
}


@dataclass(frozen=True, kw_only=True)
class Seller:
    """Where the shop's goods leave from, and its own VAT identification number, if it has one."""

    place: Place
    vat_id: str = ""


def exemption_of(seller: Seller, *, buyer: VatId | None, to: Place) -> str:
    """Why goods that are sent there are exempt (TaxExemption); blank where they are not."""
    leaves, arrives = vat_state(seller.place), vat_state(to)
    own = read_vat_id(seller.vat_id)
    # Who is not registered where the goods leave cannot declare the supply (art. 138(1a)).
    if buyer is None or own is None or leaves is None or arrives is None or own.state != leaves:
        return ""
    is_exempt = arrives != leaves and buyer.is_of_the_eu and buyer.state != leaves
    return TaxExemption.INTRA_COMMUNITY_SUPPLY.value if is_exempt else ""


def taxed_at(seller: Seller, *, buyer: VatId | None, to: Place) -> Place:
    """Whose rates apply to goods that are sent there: the destination's, as to consumers (art. 33). But a supply to a
    business is no distance sale (art. 14(4)): one of the seller's own state is taxed where goods leave (art. 32)."""
    leaves, arrives = vat_state(seller.place), vat_state(to)
    is_business_at_home = buyer is not None and leaves is not None and buyer.state == leaves
    return seller.place if is_business_at_home and arrives not in (None, leaves) else to


def note_of(exemption: str, language: str) -> str | None:
    """What is said of an exemption to a reader of this language; None where there is none."""
    words = NOTES.get(exemption)
    return words[spoken(language, words)] if words else None


def vat_state(place: Place) -> str | None:
    """The member state whose VAT territory a place lies in; None outside of the EU's."""
    country, begins, state = NORTHERN_IRELAND
    if place.country == country and place.postal_code.startswith(begins):
        return state
    state = PART_OF.get(place.country, place.country)
    is_outside = place.postal_code.startswith(OUTSIDE.get(state, ())) if place.postal_code else False
    return state if state in EU_STATES and not is_outside else None
