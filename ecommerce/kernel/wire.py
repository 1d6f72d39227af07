"""The wire form of contracts and events: JSON built from their annotations by msgspec."""

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, get_type_hints

import msgspec

T = TypeVar("T")


def encode(value: Any) -> bytes:
    """The JSON of a contract, an event or plain values."""
    return msgspec.json.encode(value)


def decode(data: bytes, kind: type[T]) -> T:
    """Read `kind` back; msgspec.ValidationError names what does not fit."""
    return msgspec.json.decode(data, type=kind)


def to_plain(value: Any) -> Any:
    """The same as `encode`, as lists, dicts, strings and numbers: for a JSON column."""
    return msgspec.to_builtins(value)


def from_plain(value: Any, kind: type[T]) -> T:
    """What `to_plain` made, as `kind` again."""
    return msgspec.convert(value, type=kind)


@cache
def arguments_of(function: Callable[..., Any]) -> type[msgspec.Struct]:
    """A struct of a function's keyword-only arguments. Unknown ones are refused: the callee could not honour them."""
    hints = get_type_hints(function)
    fields: list[Any] = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            continue
        field = (parameter.name, hints[parameter.name])
        fields.append(field if parameter.default is parameter.empty else (*field, _default(parameter.default)))
    return msgspec.defstruct(function.__name__, fields, kw_only=True, forbid_unknown_fields=True)


def decode_arguments(function: Callable[..., Any], data: bytes) -> dict[str, Any]:
    """The keyword arguments for `function` from their JSON object."""
    arguments = msgspec.json.decode(data, type=arguments_of(function))
    return {name: getattr(arguments, name) for name in arguments.__struct_fields__}


@cache
def result_of(function: Callable[..., Any]) -> Any:
    """What `function` is annotated to return."""
    return get_type_hints(function)["return"]


def _default(value: Any) -> Any:
    return msgspec.field(default_factory=lambda: value) if isinstance(value, (list, dict, set)) else value
