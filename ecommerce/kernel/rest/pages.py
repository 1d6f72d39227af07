"""Lists a page at a time by keyset: no COUNT, no OFFSET, the same cost on page one and page ten thousand."""

import base64
import hashlib
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Generic, TypeVar

import msgspec
from django.core.exceptions import ValidationError
from django.db.models import F, Field, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from rest_framework.request import Request
from rest_framework.response import Response

from ecommerce.kernel import secrets
from ecommerce.kernel.errors import Invalid

DEFAULT_LIMIT = 24
MAX_LIMIT = 100
PURPOSE = "cursor"
SIGNATURE_LENGTH = 22
# The query parameters that are read here.
PAGING = frozenset(("limit", "cursor"))
# What may differ between the pages of one list.
UNBOUND = frozenset(("cursor", "limit", "count", "facets"))

Row = TypeVar("Row")
Values = tuple[Any, ...]


class InvalidCursor(Invalid):
    """The cursor is not one of ours."""

    code = "invalid_cursor"


class CursorMismatch(Invalid):
    """The cursor belongs to a list with other filters or another order."""

    code = "cursor_mismatch"


class InvalidLimit(Invalid):
    """The limit is a number from 1 to 100."""

    code = "invalid_limit"


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where a page begins: after the row with these values of the ordering, or before it when read backwards."""

    values: Values
    backwards: bool = False


@dataclass(frozen=True, kw_only=True)
class Page(Generic[Row]):
    """The rows of one page and the absolute URLs of its neighbours."""

    rows: list[Row]
    next: str | None
    previous: str | None


def paginate(request: Request, queryset: QuerySet[Any, Row], *, ordering: Sequence[str]) -> Page[Row]:
    """The page a request asks for. The ordering ends in a unique field; rows with a null in it are left out.

    Refuses a bad limit, a cursor that is not ours, and one that belongs to other filters (400).
    """
    limit, position = limit_of(request), position_of(request, ordering)
    queryset = _without_nulls(queryset, ordering).order_by(*ordering)
    if position:
        position = _typed(position, queryset, ordering)
        ordering_now = [_reversed(name) for name in ordering] if position.backwards else list(ordering)
        queryset = queryset.filter(_beyond(position.values, ordering_now)).order_by(*ordering_now)
    return cut(request, list(queryset[: limit + 1]), limit, position, ordering)


def page_answer(page: Page[Any], results: Any, **extra: Any) -> Response:
    """`{results, next, previous}` and what else the view adds."""
    return Response({"results": results, "next": page.next, "previous": page.previous} | extra)


def limit_of(request: Request) -> int:
    """How many rows a page is to have: `?limit=`, from 1 to 100, 24 when not given."""
    text = request.query_params.get("limit")
    if text is None:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_LIMIT)) and 1 <= int(text) <= MAX_LIMIT):
        raise InvalidLimit
    return int(text)


def position_of(request: Request, ordering: Sequence[str]) -> Position | None:
    """Where `?cursor=` stands (its values as plain JSON), or None for the first page."""
    cursor = request.query_params.get("cursor")
    if cursor is None:
        return None
    binding, backwards, *values = _open(cursor)
    if binding != _binding(request, ordering):
        raise CursorMismatch
    return Position(values=tuple(values), backwards=backwards)


def cut(
    request: Request,
    rows: list[Row],
    limit: int,
    position: Position | None,
    ordering: Sequence[str],
    values_of: Callable[[Row, Sequence[str]], Values] | None = None,
) -> Page[Row]:
    """A page of rows that were read one more than `limit`, in the direction of `position`; for queries of one's own."""
    more, rows = len(rows) > limit, rows[:limit]
    backwards = position is not None and position.backwards
    if backwards:
        rows.reverse()
    read = values_of or _values
    link = _Links(request, _binding(request, ordering))
    if not rows:
        return _empty(link, position)
    before = link.to(read(rows[0], ordering), backwards=True) if (more if backwards else position) else None
    after = link.to(read(rows[-1], ordering), backwards=False) if (more or backwards) else None
    return Page(rows=rows, next=after, previous=before)


def _empty(link: "_Links", position: Position | None) -> Page[Any]:
    # The rows around the cursor are gone. Before it there is nothing left: the list begins anew.
    if position is None:
        return Page(rows=[], next=None, previous=None)
    if position.backwards:
        return Page(rows=[], next=link.to_first(), previous=None)
    return Page(rows=[], next=None, previous=link.to(position.values, backwards=True))


class _Links:
    def __init__(self, request: Request, binding: str) -> None:
        self._request, self._binding = request, binding

    def to(self, values: Values, *, backwards: bool) -> str:
        payload = msgspec.json.encode([self._binding, backwards, *values])
        signature = secrets.sign(PURPOSE, payload.decode())[:SIGNATURE_LENGTH]
        return self._url(signature + base64.urlsafe_b64encode(payload).rstrip(b"=").decode())

    def to_first(self) -> str:
        return self._url(None)

    def _url(self, cursor: str | None) -> str:
        query = self._request.query_params.copy()
        query.pop("cursor", None)
        if cursor:
            query["cursor"] = cursor
        location = f"{self._request.path}?{query.urlencode()}" if query else self._request.path
        return self._request.build_absolute_uri(location)


def _open(cursor: str) -> list[Any]:
    signature, text = cursor[:SIGNATURE_LENGTH], cursor[SIGNATURE_LENGTH:]
    try:
        payload = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
    except ValueError as error:
        raise InvalidCursor from error
    if not secrets.verify(signature, PURPOSE, payload, length=SIGNATURE_LENGTH):
        raise InvalidCursor
    members: list[Any] = msgspec.json.decode(payload)
    return members


def _binding(request: Request, ordering: Sequence[str]) -> str:
    filters = sorted((name, request.query_params.getlist(name)) for name in request.query_params if name not in UNBOUND)
    text = msgspec.json.encode([request.path, list(ordering), filters])
    return hashlib.sha256(text).hexdigest()[:16]


def _values(row: Any, ordering: Sequence[str]) -> Values:
    names = [name.lstrip("-") for name in ordering]
    if isinstance(row, dict):
        return tuple(row[name] for name in names)
    return tuple(reduce(getattr, name.split("__"), row) for name in names)


def _typed(position: Position, queryset: QuerySet[Any, Any], ordering: Sequence[str]) -> Position:
    fields = [_field(queryset, name.lstrip("-")) for name in ordering]
    try:
        values = [field.to_python(value) for field, value in zip(fields, position.values, strict=True)]
    except (ValidationError, ValueError, TypeError) as error:
        raise InvalidCursor from error
    return Position(values=tuple(values), backwards=position.backwards)


def _field(queryset: QuerySet[Any, Any], name: str) -> Any:
    if name in queryset.query.annotations:
        return queryset.query.annotations[name].output_field
    first, *path = name.split("__")
    field: Any = queryset.model._meta.pk if first == "pk" else queryset.model._meta.get_field(first)
    for step in path:
        field = field.related_model._meta.get_field(step)
    return field


def _without_nulls(queryset: QuerySet[Any, Row], ordering: Sequence[str]) -> QuerySet[Any, Row]:
    for name in (name.lstrip("-") for name in ordering):
        field = _field(queryset, name)
        if name not in queryset.query.annotations and isinstance(field, Field) and field.null:
            queryset = queryset.filter(**{f"{name}__isnull": False})
    return queryset


def _reversed(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _beyond(values: Values, ordering: Sequence[str]) -> Any:
    """The rows that come after these values; a row comparison where one direction lets an index serve it whole."""
    names, down = [name.lstrip("-") for name in ordering], [name.startswith("-") for name in ordering]
    if len(names) > 1 and len(set(down)) == 1:
        compare = TupleLessThan if down[0] else TupleGreaterThan
        return compare(Tuple(*(F(name) for name in names)), values)
    lookups = ["lt" if descends else "gt" for descends in down]
    branches = []
    for i, name in enumerate(names):
        equal = Q(**dict(zip(names[:i], values[:i], strict=True)))
        branches.append(equal & Q(**{f"{name}__{lookups[i]}": values[i]}))
    # Said twice, for the index on the first column.
    return Q(**{f"{names[0]}__{lookups[0]}e": values[0]}) & reduce(operator.or_, branches)
