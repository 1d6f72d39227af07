"""What products are described by: attributes, each of one type in the whole shop, and the values that fit it."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError

from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Conflict, Invalid, NotFound, PreconditionFailed
from ecommerce.kernel.ids import new_id
from modules.catalog.logic.editions import begin_change
from modules.catalog.models import Attribute, Product

CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}", re.ASCII)
MAX_ATTRIBUTES = 100
MAX_VALUES = 50
MAX_TEXT = 5000
# Beyond it a JSON number is not read alike by every program.
MAX_NUMBER = 2**53

Kind = Attribute.Kind


class InvalidAttributes(Invalid):
    """Some attributes have values that do not fit them."""

    # details: errors, a field, code and detail for each
    code = "invalid_attributes"


class AttributeTaken(Conflict):
    """Another attribute has this code."""

    code = "attribute_taken"


class AttributeInUse(Conflict):
    """Products are described by this attribute."""

    code = "attribute_in_use"


class Unfit(Exception):
    """A value that its attribute does not take."""

    def __init__(self, code: str, detail: str) -> None:
        self.code, self.detail = code, detail


@dataclass(frozen=True, kw_only=True)
class AttributeDraft:
    """An attribute as it is to be; `choices` are `{value, name, hex?}`, in the order they are offered."""

    code: str
    name: str
    kind: str
    unit: str = ""
    choices: list[dict[str, str]] = field(default_factory=list)
    translations: dict[str, Any] = field(default_factory=dict)
    is_filterable: bool = True
    position: int = 0


def check(values: Mapping[str, Any]) -> dict[str, Any]:
    """A product's attributes, each value as its attribute's type wants it; refuses what does not fit, naming each.

    In the open transaction of the product's change. A code that is new to the shop is defined by its first value: a
    number, a boolean or a text, by the value's JSON type.
    """
    if len(values) > MAX_ATTRIBUTES:
        raise InvalidAttributes(errors=[_error("attributes", "max_length", f"At most {MAX_ATTRIBUTES} attributes.")])
    known = {attribute.code: attribute for attribute in Attribute.objects.filter(code__in=list(values))}
    fitting, errors, new = {}, [], []
    for code, value in values.items():
        try:
            attribute = known.get(code) or _first(code, value)
            fitting[code] = _fit(attribute, value)
        except Unfit as unfit:
            errors.append(_error(f"attributes.{code}", unfit.code, unfit.detail))
        else:
            new += [attribute] if code not in known else []
    if errors:
        raise InvalidAttributes(errors=errors)
    if new:
        keep_new(new)
    return fitting


def fit(known: dict[str, Attribute], code: str, value: Any) -> Any:
    """One value as its attribute's type wants it; one that is not known yet is defined by it, and known from here on.

    Refuses what does not fit (Unfit); `keep_new` keeps what was defined.
    """
    attribute = known.get(code) or _first(code, value)
    fitting = _fit(attribute, value)
    known.setdefault(code, attribute)
    return fitting


def keep_new(attributes: Iterable[Attribute]) -> None:
    """In the open transaction, keep those that were defined by a first value; repeatable."""
    # Somebody may define the same at the same time; in one order for everyone.
    new = sorted((one for one in attributes if one._state.adding), key=lambda one: one.code)
    Attribute.objects.bulk_create(new, ignore_conflicts=True)


def define_attribute(draft: AttributeDraft) -> Attribute:
    """Make an attribute; refuses a code that is taken."""
    attribute = Attribute(id=new_id(), **vars(draft))
    try:
        with atomic(Attribute):
            attribute.save(force_insert=True)
            begin_change()
    except IntegrityError as error:
        raise AttributeTaken from error
    return attribute


def change_attribute(*, code: str, changes: Mapping[str, Any], versions: Iterable[int] | None = None) -> Attribute:
    """Change how an attribute is shown and offered, its type never; refuses another version than `versions`."""
    with atomic(Attribute):
        attribute = _locked(code)
        if versions is not None and attribute.version not in versions:
            raise PreconditionFailed(version=attribute.version)
        for name, value in changes.items():
            setattr(attribute, name, value)
        attribute.version += 1
        attribute.save()
        begin_change()
    return attribute


def delete_attribute(*, code: str) -> None:
    """Forget an attribute; refuses one that a product is described by."""
    with atomic(Attribute):
        attribute = _locked(code)
        if Product.objects.filter(attributes__has_key=code).order_by().exists():
            raise AttributeInUse
        attribute.delete()
        begin_change()


def _locked(code: str) -> Attribute:
    if attribute := Attribute.objects.select_for_update().filter(code=code).first():
        return attribute
    raise NotFound("There is no such attribute.")


def _error(where: str, code: str, detail: str) -> dict[str, str]:
    return {"field": where, "code": code, "detail": detail}


def _first(code: str, value: Any) -> Attribute:
    if not CODE.fullmatch(code):
        raise Unfit("invalid_code", "A code is made of a to z, 0 to 9, _ and -, 60 at most, a letter or digit first.")
    kind = Kind.BOOLEAN if isinstance(value, bool) else Kind.NUMBER if isinstance(value, int | float) else Kind.TEXT
    return Attribute(code=code, name=code.replace("_", " ").replace("-", " ").capitalize(), kind=kind)


def _fit(attribute: Attribute, value: Any) -> Any:
    if attribute.kind == Kind.BOOLEAN:
        return _boolean(value)
    if attribute.kind == Kind.NUMBER:
        return _number(value)
    if not isinstance(value, list):
        return _word(attribute, value)
    if not 1 <= len(value) <= MAX_VALUES:
        raise Unfit("invalid", f"Give 1 to {MAX_VALUES} values.")
    return list(dict.fromkeys(_word(attribute, one) for one in value))


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unfit("not_a_boolean", "Give true or false.")
    return value


def _number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unfit("not_a_number", "Give a number.")
    if not math.isfinite(value) or abs(value) > MAX_NUMBER:
        raise Unfit("max_value", f"Give a number between -{MAX_NUMBER} and {MAX_NUMBER}.")
    # 2.0 and 2 are the same to who filters by it.
    return int(value) if value == int(value) else value


def _word(attribute: Attribute, value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise Unfit("not_a_text", "Give a text, or a list of texts.")
    if len(value) > MAX_TEXT:
        raise Unfit("max_length", f"At most {MAX_TEXT} characters.")
    offered = [choice["value"] for choice in attribute.choices]
    if attribute.kind in (Kind.CHOICE, Kind.COLOUR) and offered and value not in offered:
        raise Unfit("not_a_choice", f"Give one of: {', '.join(offered[:MAX_VALUES])}.")
    return value.strip()
