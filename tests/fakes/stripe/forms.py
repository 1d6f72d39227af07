"""Nested parameters as forms write them (`a[b][0]=c`), and their validation. Stripe docs: "Errors", parameter_…"""

from typing import Any
from urllib.parse import parse_qsl

from tests.fakes.stripe.refusals import malformed

Params = dict[str, Any]
TRUTH = {"true": True, "false": False}


def parse(text: str) -> Params:
    """A query or a body as nested dictionaries and lists; every leaf is text."""
    parsed: Params = {}
    for key, value in parse_qsl(text, keep_blank_values=True, strict_parsing=False):
        _put(parsed, key.replace("]", "").split("["), value)
    return {key: _lists(value) for key, value in parsed.items()}


def _put(target: Params, path: list[str], value: str) -> None:
    *parents, leaf = path
    for parent in parents:
        target = target.setdefault(parent, {})
    target[leaf or str(len(target))] = value


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdecimal() for key in value):
        return [_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _lists(inner) for key, inner in value.items()}


def check(params: Params, takes: frozenset[str], needs: tuple[str, ...]) -> None:
    """Refuses what the endpoint does not know and misses what it needs, before anything is carried out."""
    for name in params:
        if name not in takes and name != "expand":
            raise malformed(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)
    for name in needs:
        if params.get(name, "") == "":
            raise malformed(f"Missing required param: {name}.", code="parameter_missing", param=name)


def whole(params: Params, name: str, default: int | None = None) -> int | None:
    """A whole number."""
    if name not in params:
        return default
    if not str(params[name]).lstrip("-").isdecimal():
        raise malformed(f"Invalid integer: {params[name]}", code="parameter_invalid_integer", param=name)
    return int(params[name])


def positive(params: Params, name: str) -> int:
    """A whole number of at least one."""
    number = whole(params, name)
    if number is None or number < 1:
        raise malformed("This value must be greater than or equal to 1.", code="parameter_invalid_integer", param=name)
    return number


def truth(params: Params, name: str) -> bool:
    """true or false; false where it is not given."""
    if name not in params:
        return False
    if params[name] not in TRUTH:
        raise malformed(f"Invalid boolean: {params[name]}", code="parameter_invalid_boolean", param=name)
    return TRUTH[params[name]]
