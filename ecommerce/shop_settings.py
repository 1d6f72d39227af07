"""Where the shop is, as its settings say it: what will not do is told when it starts."""

from zoneinfo import ZoneInfo

from ecommerce.kernel.rest.countries import CODES
from ecommerce.kernel.vat_ids import read_vat_id


def check_country(code: str) -> str:
    """An ISO 3166-1 alpha-2 code."""
    if code not in CODES:
        raise ValueError("an ISO 3166-1 alpha-2 code: DE")
    return code


def check_vat_id(number: str) -> str:
    """The shop's VAT identification number as it is written officially, or none."""
    if not number:
        return ""
    if (found := read_vat_id(number)) is None:
        raise ValueError("a VAT identification number with its country's letters: DE136695976")
    return found.number


def check_time_zone(name: str) -> str:
    """A name of the IANA time zone database."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("a name of the IANA time zone database: Europe/Berlin") from error
    return name
