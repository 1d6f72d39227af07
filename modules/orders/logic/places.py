"""Where an order goes: what decides how it is shipped, and which tax is charged."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ecommerce.kernel.postal import is_region, region_of
from ecommerce.kernel.rest.countries import CODES

# "US", "US-CA", "DE 27498", "GB BT*".
_WRITTEN = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,3})| ([A-Z0-9]{1,10})(\*?))?")


@dataclass(frozen=True, kw_only=True)
class Place:
    """A country (ISO 3166-1 alpha-2), its region (ISO 3166-2 without the country) and a postal code without spaces;
    the last two are blank where they are not known."""

    country: str
    region: str = ""
    postal_code: str = ""

    @property
    def codes(self) -> list[str]:
        """Everything it may be called in a shipping zone, the most specific first: postal code, region, country."""
        country, code = self.country, self.postal_code
        begins = [f"{country} {code[:length]}*" for length in range(len(code), 0, -1)]
        return [
            *([f"{country} {code}"] if code else []),
            *begins,
            *([f"{country}-{self.region}"] if self.region else []),
            country,
        ]


def place_of(address: Mapping[str, str]) -> Place:
    """The place of an address, or of what of one is known already."""
    code = compact(address.get("postal_code", ""))
    return Place(country=address["country"], region=region_of(address), postal_code=code)


def compact(postal_code: str) -> str:
    """A postal code as it is compared: capitals and digits."""
    return "".join(letter for letter in postal_code.upper() if letter.isascii() and letter.isalnum())[:10]


def read_place(text: str) -> str:
    """A place as staff write it, in the form that is stored; ValueError says what is wrong with it."""
    country, gap, postal_code = text.strip().upper().partition(" ")
    code = country + gap + "".join(letter for letter in postal_code if letter.isalnum() or letter == "*")
    if not (found := _WRITTEN.fullmatch(code)):
        raise ValueError(f"{text.strip()}: write US, US-CA, DE 27498 or GB BT*.")
    require_region(found[1], found[2] or "")
    return code


def require_region(country: str, region: str) -> None:
    """ValueError where there is no such country, or where it has no such region."""
    if country not in CODES:
        raise ValueError(f"{country} is no country (ISO 3166-1 alpha-2).")
    if region and not is_region(country, region):
        raise ValueError(f"{country} has no region {region} (ISO 3166-2).")
