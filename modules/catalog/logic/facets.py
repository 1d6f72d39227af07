"""What a list can be narrowed by further, and how much would be left: each facet leaves its own filter out.

Counts are of at most 5,000 hits for each question, so that a facet costs the same in a shop of any size; where there
are more, `exact` is false.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from ecommerce.kernel.money import Money
from modules.catalog.logic.database import fetch
from modules.catalog.logic.hits import rows
from modules.catalog.logic.shelf_counts import CategoryCount, count_shelves
from modules.catalog.logic.wishes import PRICE, Wish, expressions_of, parameters_of

MOST_HITS, MOST_VALUES = 5000, 50


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
    counted = _count(wish)
    categories, shelves_are_exact = count_shelves(wish, most=MOST_HITS)
    lowest, highest = next((row[3:5] for row in counted if row[0] == "price"), (None, None))
    return Facets(
        categories=categories,
        attributes=list(_attributes([row for row in counted if row[0] == "token"], wish.language)),
        price=None if lowest is None else (_money(lowest, wish), _money(highest, wish)),
        exact=shelves_are_exact and all(row[2] <= MOST_HITS for row in counted if row[0] == "size"),
    )


def _money(minor: int, wish: Wish) -> Money:
    return Money(minor=minor, currency=wish.currency)


def _count(wish: Wish) -> list[tuple[Any, ...]]:
    """Rows of (what, token, count, lowest, highest): one question for what is not filtered by, one for each filter."""
    asked = {"everything": ()} | {name: (name,) for name in wish.filtered if name == PRICE or name.startswith("attr.")}
    relations: list[str] = []
    answers: list[str] = []
    for number, (name, without) in enumerate(asked.items()):
        columns = "listing.tokens, price.from_minor"
        relations.append(
            f"asked_{number} AS MATERIALIZED ({rows(wish, columns, limit=MOST_HITS + 1, without=without)})"
        )
        answers += _answers(number, name, is_priced=PRICE in wish.filtered, wish=wish)
    before = expressions_of(wish)
    sql = f"{before + ', ' if before else 'WITH '}{', '.join(relations)} {' UNION ALL '.join(answers)}"
    codes = [f"{code}=" for code in wish.attributes]
    return fetch(sql, parameters_of(wish) | {"filtered_codes": [code[:-1] for code in codes], "values": MOST_VALUES})


def _answers(number: int, name: str, *, is_priced: bool, wish: Wish) -> Iterator[str]:
    hits = f"(SELECT * FROM asked_{number} LIMIT {MOST_HITS})"  # noqa: S608  (numbers of ours)
    yield f"SELECT 'size', NULL, count(*), NULL::bigint, NULL::bigint FROM asked_{number}"  # noqa: S608  (likewise)
    if name == "everything":
        yield _TOKENS.format(hits=hits, which="<> ALL(%(filtered_codes)s::text[])")
    elif name != PRICE:
        place = list(wish.attributes).index(name.removeprefix("attr."))
        yield _TOKENS.format(hits=hits, which=f"= (%(filtered_codes)s::text[])[{place + 1}]")
    if name == (PRICE if is_priced else "everything"):
        yield f"SELECT 'price', NULL, count(*), min(from_minor), max(from_minor) FROM {hits} hit"  # noqa: S608  (this file's own fragment)


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


_TOKENS = """
    SELECT 'token', token, number, NULL::bigint, NULL::bigint FROM (
        SELECT token, number,
               row_number() OVER (PARTITION BY split_part(token, '=', 1) ORDER BY number DESC, token) AS place
        FROM (
            SELECT token, count(*) AS number FROM {hits} hit, unnest(tokens) token
            WHERE split_part(token, '=', 1) {which} GROUP BY token
        ) counted
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
