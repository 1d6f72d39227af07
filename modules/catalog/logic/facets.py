"""What a list can be narrowed by further, and how much would be left: each facet leaves its own filter out.

Counted are the products among those that are looked through (hits.looked_through), at most 1,000 of them, so that a
facet costs the same in a shop of any size; where there are more, `exact` is false.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from ecommerce.kernel.money import Money
from modules.catalog.logic.database import fetch
from modules.catalog.logic.hits import among_looked, looked_through
from modules.catalog.logic.shelf_counts import CategoryCount, count_shelves
from modules.catalog.logic.wishes import CATEGORY, PRICE, Wish, expressions_of, parameters_of

MOST_HITS, MOST_VALUES = 1000, 50


class Value(msgspec.Struct, frozen=True):
    """A value of an attribute, as filters take it and as people read it."""

    value: str
    name: str
    count: int


class AttributeFacet(msgspec.Struct, frozen=True):
    """An attribute or an option with its values, the most frequent first."""

    code: str
    name: str
    kind: str
    unit: str
    values: list[Value]


class Facets(NamedTuple):
    """Shelves, attributes, and the lowest and highest price."""

    categories: list[CategoryCount]
    attributes: list[AttributeFacet]
    price: tuple[Money, Money] | None
    exact: bool


class _Names(NamedTuple):
    name: str
    kind: str
    unit: str
    choices: dict[str, str]


def get_facets(wish: Wish) -> Facets:
    """The facets of a wish, by three statements."""
    if wish.search:
        wish = replace(wish, search=wish.search.of_best(MOST_HITS + 1))
    counted = _count(wish)
    shelves = {UUID(row[1]): row[2] for row in counted if row[0] == "shelf"} if wish.search else None
    categories, shelves_are_exact = count_shelves(wish, most=MOST_HITS, found=shelves)
    lowest, highest = next((row[3:5] for row in counted if row[0] == "price"), (None, None))
    return Facets(
        categories=categories,
        attributes=list(_attributes([row for row in counted if row[0] == "token"], wish.language)),
        price=None if lowest is None else (_money(lowest, wish), _money(highest, wish)),
        exact=shelves_are_exact and not any(row[2] for row in counted if row[0] == "cut"),
    )


def _money(minor: int, wish: Wish) -> Money:
    return Money(minor=minor, currency=wish.currency)


def _count(wish: Wish) -> list[tuple[Any, ...]]:
    """Rows of (what, token, count, lowest, highest): one question for what is not filtered by, one for each filter."""
    answers = ["SELECT 'cut', NULL, is_cut::int, NULL::bigint, NULL::bigint FROM cut", *_answers(wish)]
    if wish.search:
        answers.append(f"SELECT 'shelf', category_id::text, count(*), NULL, NULL {_hits(wish, CATEGORY)} GROUP BY 2")
    sql = f"{expressions_of(wish, looked_through(wish, most=MOST_HITS))} {' UNION ALL '.join(answers)}"
    return fetch(sql, parameters_of(wish) | {"filtered_codes": list(wish.attributes), "values": MOST_VALUES})


def _answers(wish: Wish) -> Iterator[str]:
    yield _TOKENS.format(hits=_hits(wish), which="<> ALL(%(filtered_codes)s::text[])")
    for place, code in enumerate(wish.attributes):
        yield _TOKENS.format(hits=_hits(wish, f"attr.{code}"), which=f"= (%(filtered_codes)s::text[])[{place + 1}]")
    yield f"SELECT 'price', NULL, count(*), min(price.from_minor), max(price.from_minor) {_hits(wish, PRICE)}"


def _hits(wish: Wish, *without: str) -> str:
    return among_looked(wish, without, most=MOST_HITS)


def _attributes(counted: list[tuple[Any, ...]], language: str) -> Iterator[AttributeFacet]:
    by_code: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for _, token, count, *_ in counted:
        code, _, value = token.partition("=")
        by_code[code].append((value, count))
    for code, names in _names(list(by_code), language).items():
        values = sorted(by_code[code], key=lambda one: (-one[1], one[0]))
        found = [Value(value, names.choices.get(value, value), count) for value, count in values]
        yield AttributeFacet(code, names.name, names.kind, names.unit, found)


def _names(codes: list[str], language: str) -> dict[str, _Names]:
    """What the codes are called, in the order they are offered; those that are no filter are left out."""
    rows = fetch(_NAMES, {"codes": codes, "language": language}) if codes else []
    return {code: _Names(name, kind, unit, _choices(own, words)) for code, name, kind, unit, own, words in rows}


def _choices(own: str, words: str) -> dict[str, str]:
    """What choices are called, by their values: as in the language asked for, where that has a word for it."""
    names = {choice["value"]: choice.get("name", choice["value"]) for choice in msgspec.json.decode(own)}
    return names | {value: name for value, name in msgspec.json.decode(words).items() if name}


# Counted first (OFFSET 0 says so), and then split: there are a hundred times as many before.
_TOKENS = """
    SELECT 'token', token, number, NULL::bigint, NULL::bigint FROM (
        SELECT token, number,
               row_number() OVER (PARTITION BY split_part(token, '=', 1) ORDER BY number DESC, token) AS place
        FROM (
            SELECT token, count(*) AS number FROM (SELECT unnest(listing.tokens) AS token {hits}) hit GROUP BY token
            OFFSET 0
        ) counted
        WHERE split_part(token, '=', 1) {which}
    ) placed
    WHERE place <= %(values)s
"""
# An option that is no attribute is called what the products call it.
_NAMES = """
    SELECT asked.code,
           coalesce(nullif(attribute.translations #>> ARRAY[%(language)s, 'name'], ''), attribute.name, option.name,
                    asked.code),
           coalesce(attribute.kind, 'choice'), coalesce(attribute.unit, ''), coalesce(attribute.choices, '[]'),
           coalesce(attribute.translations #> ARRAY[%(language)s, 'choices'], '{}')
    FROM unnest(%(codes)s::text[]) asked (code)
    LEFT JOIN catalog_attribute attribute ON attribute.code = asked.code
    LEFT JOIN LATERAL (
        SELECT substr(word, length('O:' || asked.code || '=') + 1) AS name FROM catalog_searchword
        WHERE word > 'O:' || asked.code || '=' AND word < 'O:' || asked.code || '>' ORDER BY word LIMIT 1
    ) option ON true
    WHERE attribute.is_filterable IS DISTINCT FROM false
    ORDER BY attribute.position NULLS LAST, asked.code
"""
