"""What was typed, as the products it finds: the port behind which another search engine could stand.

Lists, facets and suggestions know only `search`, whose answer is a relation `found (product_id, score)` of bounded
size: another engine would name its hits there. The documents are written by `documents.refresh_documents`.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from typing import Any, NamedTuple

from modules.catalog.logic.questions import Lexeme, Question, Word, understand

# So many are ranked, the most popular first; with filters so many are looked through for those.
RANKED, LOOKED_THROUGH = 2000, 10_000
# What matched, the best first: an article number, its beginning, the very title, the title's words as typed, the title's
# words in some way, all that is said about it but the description, the description too; then all words but one, one of
# them in the title, one of them anywhere.
NUMBER, BEGINNING, VERY_TITLE, TITLE, LIKE_TITLE, SAID, DESCRIBED, SOME, FEW, FEWEST = range(9, -1, -1)
SHORTEST_BEGINNING, MOST_NUMBERS = 4, 50
# The levels of popularity are made so that the most popular alone are about so many times as many as are needed.
MARGIN = 2


class Search(NamedTuple):
    """The hits, as common table expressions of which the last is `found (product_id, score)`, and their parameters."""

    expressions: str
    parameters: dict[str, Any]


def search(text: str, *, reach: int = RANKED) -> Search:
    """The products that have all the words, the best and most popular first; where none has, those with the most.

    Takes any text; asks one statement for what the words mean.
    """
    return find(understand(text), reach=reach)


def find(question: Question, *, reach: int) -> Search:
    """The products that a question finds."""
    begins = _beginning(question.text)
    every = [_NUMBER, *([_NUMBERS] if begins else []), _VERY_TITLE, *_branches(_all(question.words), reach, question)]
    some = _branches(_some(question.words), reach, question)
    hits = "SELECT * FROM strict" + (" UNION ALL SELECT * FROM loose" if some else "")
    expressions = f"""
        strict AS MATERIALIZED (SELECT * FROM ({" UNION ALL ".join(every)}) tried LIMIT %(reach)s),
        {_LOOSE.format(some=" UNION ALL ".join(some)) if some else ""}
        found AS MATERIALIZED (SELECT product_id, max({_SCORE}) AS score FROM ({hits}) hit GROUP BY product_id)
    """  # noqa: S608  (this module's own fragments; words are quoted, other values are parameters)
    return Search(expressions, {"reach": reach, "begins": begins, "text": question.text})


def find_by_title(question: Question, *, reach: int) -> Search:
    """Only the products that have every word in their title."""
    attempts = [attempt for attempt in _all(question.words) if attempt.kind in (TITLE, LIKE_TITLE)]
    branches = _branches(attempts, reach, question) or [_NOTHING]
    tried = f"SELECT product_id, {_SCORE} AS score FROM ({' UNION ALL '.join(branches)}) tried"  # noqa: S608  (this file's own fragments)
    expressions = f"found AS MATERIALIZED ({tried} LIMIT %(reach)s)"
    return Search(expressions, {"reach": reach})


def query_of_names(question: Question) -> str:
    """A tsquery over the plain words of a name: every word of the question in some way; matches nothing without any."""
    loose = [word.loose for word in question.words]
    return _every(loose, "") if loose and all(loose) else ""


class _Attempt(NamedTuple):
    """A query over the documents, its class, and of how many documents its rarest word is."""

    kind: int
    query: str
    documents: int
    # Whether it finds all that the attempts before it do.
    holds_those_before: bool = True


def _all(words: list[Word]) -> Iterator[_Attempt]:
    """Every word, in the title, then anywhere; nothing where a word means nothing here."""
    if not words or not all(word.loose for word in words):
        return
    exact, loose = [word.exact for word in words], [word.loose for word in words]
    titles = _rarest(loose, lambda lexeme: lexeme.titles)
    if all(exact):
        yield _Attempt(TITLE, _every(exact, "A:"), titles)
    yield _Attempt(LIKE_TITLE, _every(loose, "A:"), titles)
    yield _Attempt(SAID, _every(loose, "B:"), _rarest(loose, lambda lexeme: lexeme.documents))
    yield _Attempt(DESCRIBED, _every(loose, ""), _rarest(loose, lambda lexeme: lexeme.documents))


def _some(words: list[Word]) -> Iterator[_Attempt]:
    """All words but one, then any of them."""
    known = [word.loose for word in words if word.loose]
    if len(known) < len(words) and known:
        yield _Attempt(SOME, _every(known, ""), _rarest(known, lambda lexeme: lexeme.documents))
    elif len(known) > 2:
        subsets = [_every(subset, "") for subset in combinations(known, len(known) - 1)]
        yield _Attempt(SOME, _or(subsets), _rarest(known, lambda lexeme: lexeme.documents))
    if len(known) > 1:
        anything = [lexeme for lexemes in known for lexeme in lexemes]
        yield _Attempt(FEW, _any(anything, "A:"), sum(lexeme.titles for lexeme in anything), holds_those_before=False)
        yield _Attempt(FEWEST, _any(anything, ""), sum(lexeme.documents for lexeme in anything))


def _branches(attempts: Iterable[_Attempt], reach: int, question: Question) -> list[str]:
    """SELECTs to be tried one after the other until enough is found: what one has found, the next leaves out."""
    made: list[str] = []
    before = ""
    for attempt in attempts:
        level = _level(attempt.documents, reach, question.levels)
        steps = [f"{attempt.query} & 'T:{level}'", f"{attempt.query} & !'T:{level}'"] if level else [attempt.query]
        made += [_BRANCH.format(kind=attempt.kind, query=_literal(step + before)) for step in steps]
        before = f" & !{attempt.query}" if attempt.holds_those_before else f"{before} & !{attempt.query}"
    return made


def _level(documents: int, reach: int, levels: list[int]) -> int:
    """The level of popularity above which there are still enough; 0 for all."""
    if not levels or documents <= reach * MARGIN:
        return 0
    enough = [level for level, there in enumerate(levels) if documents * there >= reach * MARGIN * levels[0]]
    return max(enough, default=0)


def _rarest(words: list[list[Lexeme]], figure: Callable[[Lexeme], int]) -> int:
    return min(sum(figure(lexeme) for lexeme in lexemes) for lexemes in words)


def _every(words: Iterable[list[Lexeme]], mark: str) -> str:
    return "(" + " & ".join(_any(lexemes, mark) for lexemes in words) + ")"


def _any(lexemes: list[Lexeme], mark: str) -> str:
    return _or([_quoted(mark + lexeme.text) for lexeme in lexemes])


def _or(queries: list[str]) -> str:
    return "(" + " | ".join(queries) + ")"


def _quoted(lexeme: str) -> str:
    """In the notation of tsquery."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def _literal(query: str) -> str:
    """In SQL, within a statement that has parameters."""
    return "E'" + query.replace("\\", "\\\\").replace("'", "''").replace("%", "%%") + "'"


def _beginning(text: str) -> str | None:
    """The pattern of article numbers that begin so; a word without a digit is none."""
    if len(text) < SHORTEST_BEGINNING or not any(character.isdigit() for character in text):
        return None
    return text.upper().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


# By what matched, then by how popular it is.
_SCORE = "(class::bigint << 32) + popularity"
# The function is of migration 0015.
_BRANCH = "SELECT product_id, {kind} AS class, popularity FROM catalog_matching({query}, %(reach)s)"
_NOTHING = "SELECT NULL::uuid AS product_id, 0 AS class, 0 AS popularity WHERE false"
_NUMBER = f"""(
    SELECT variant.product_id, {NUMBER} AS class, document.popularity
    FROM catalog_variant variant JOIN catalog_searchdocument document ON document.product_id = variant.product_id
    WHERE upper(variant.sku) = upper(%(text)s) AND variant.archived_at IS NULL
)"""  # noqa: S608  (this file's own number)
_NUMBERS = f"""(
    SELECT variant.product_id, {BEGINNING} AS class, document.popularity
    FROM catalog_variant variant JOIN catalog_searchdocument document ON document.product_id = variant.product_id
    WHERE upper(variant.sku) LIKE %(begins)s AND variant.archived_at IS NULL
    ORDER BY upper(variant.sku) LIMIT {MOST_NUMBERS}
)"""  # noqa: S608  (this file's own numbers)
_VERY_TITLE = f"""(
    SELECT product_id, {VERY_TITLE} AS class, popularity FROM catalog_listing
    WHERE lower(title) = lower(%(text)s) ORDER BY popularity DESC, product_id LIMIT %(reach)s
)"""  # noqa: S608  (this file's own number)
_LOOSE = """
    loose AS MATERIALIZED (
        SELECT * FROM ({some}) tried WHERE NOT EXISTS (SELECT FROM strict) LIMIT %(reach)s
    ),
"""
