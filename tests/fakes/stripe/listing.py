"""Pages of objects, newest first. Stripe docs: "Pagination"."""

from collections.abc import Iterable
from typing import Any

from tests.fakes.stripe import forms
from tests.fakes.stripe.account import Object
from tests.fakes.stripe.refusals import malformed, missing

LISTS = "limit starting_after ending_before created"
COMPARISONS = {
    "gte": lambda value, bound: value >= bound,
    "gt": lambda value, bound: value > bound,
    "lte": lambda value, bound: value <= bound,
    "lt": lambda value, bound: value < bound,
}


def page(url: str, found: Iterable[Object], params: dict[str, Any]) -> Object:
    """One page of what was found: ten unless asked, 100 at most."""
    limit = forms.whole(params, "limit", 10) or 0
    if not 1 <= limit <= 100:
        raise malformed("Limit is between 1 and 100.", code="parameter_invalid_integer", param="limit")
    rows = [row for row in found if _within(row, params, "created")]
    if after := params.get("starting_after"):
        ids = [row["id"] for row in rows]
        if after not in ids:
            raise missing("object", after, "starting_after")
        rows = rows[ids.index(after) + 1 :]
    return {"object": "list", "url": url, "has_more": len(rows) > limit, "data": rows[:limit]}


def within(rows: Iterable[Object], params: dict[str, Any], name: str) -> list[Object]:
    """Those whose instant `name` lies in the interval that was asked for."""
    return [row for row in rows if _within(row, params, name)]


def _within(row: Object, params: dict[str, Any], name: str) -> bool:
    interval = params.get(name, {})
    if not isinstance(interval, dict):
        return bool(row[name] == int(interval))
    return all(COMPARISONS[bound](row[name], int(value)) for bound, value in interval.items())
