"""VAT identification numbers, judged by their form and check digits (python-stdnum); whether one is in use only its
state's register knows (VIES in the EU). Imports no Django."""

from dataclasses import dataclass

from stdnum import get_cc_module
from stdnum.exceptions import ValidationError

# Directive 2006/112/EC art. 215: the prefix is the country's ISO 3166 code, but EL for Greece. XI is Northern Ireland,
# a member state as far as goods go (Protocol on Ireland/Northern Ireland, art. 8 and annex 3).
EU_STATES = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
     "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "XI"}
)  # fmt: skip
# Others that write their numbers with a prefix, and that many a buyer in Europe has.
OTHERS = frozenset(("CH", "GB", "NO"))
GREECE, SWITZERLAND = "GR", "CH"
GREEK_PREFIXES = ("EL", "GR")


@dataclass(frozen=True, kw_only=True)
class VatId:
    """A number that can be one; `state` is what gave it (ISO 3166-1 alpha-2, or XI), `number` has its prefix."""

    state: str
    number: str

    @property
    def is_of_the_eu(self) -> bool:
        """Whether it identifies its holder for intra-Community trade in goods."""
        return self.state in EU_STATES


def read_vat_id(text: str) -> VatId | None:
    """The number without spaces, dots and hyphens; None where no state gives such numbers."""
    compact = "".join(letter for letter in text.upper() if letter.isalnum())
    state = GREECE if compact.startswith(GREEK_PREFIXES) else compact[:2]
    if not compact.isascii() or state not in EU_STATES | OTHERS:
        return None
    # Switzerland's prefix has three letters, which its module wants to see.
    number = _validated(state, compact if state == SWITZERLAND else compact[2:])
    prefix = {GREECE: GREEK_PREFIXES[0], SWITZERLAND: ""}.get(state, state)
    return VatId(state=state, number=prefix + number) if number else None


def _validated(state: str, number: str) -> str:
    """The number as its state writes it, without a prefix; blank where it is none."""
    # Northern Ireland's numbers are the United Kingdom's.
    module = get_cc_module({"XI": "gb"}.get(state, state.lower()), "vat")
    assert module is not None  # noqa: S101  (each of these has one)
    try:
        return module.validate(number)
    except ValidationError:
        return ""
