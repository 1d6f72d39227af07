"""What was typed, as the products it finds: the port behind which another search engine could stand.

Lists, facets and suggestions know only `search`, whose answer is a relation `found (product_id, score)` of bounded
size: another engine would name its hits there. The documents are written by `documents.refresh_documents`.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from typing import Any, NamedTuple

from modules.catalog.logic.questions import Lexeme, Question, Word, understand

# So many are ranked, the most popular first; with filters so many are looked through for those; and so many will do for
# a first page, which is what nearly everyone sees.
RANKED, LOOKED_THROUGH, FIRST = 2000, 4000, 200
# What matched, the best first: an article number, its beginning, the very title, the title's words as typed, its words
# in some way, all that is said about it but the description, the description too; then all words but one, one of them
# in the title, one of them anywhere.
NUMBER, BEGINNING, VERY_TITLE, TITLE, LIKE_TITLE, SAID, DESCRIBED, SOME, FEW, FEWEST = range(9, -1, -1)
SHORTEST_BEGINNING, MOST_NUMBERS = 4, 50
# A next level of popularity is looked through where it holds so many times as many documents.
STEP = 2


class Search(NamedTuple):
    """The hits, as common table expressions of which the last is `found (product_id, score)`, and their parameters."""

    question: Question
    expressions: str
    parameters: dict[str, Any]

    def of_best(self, reach: int) -> "Search":
        """Only so many hits."""
        return find(self.question, reach=min(reach, self.parameters["reach"]))

    def of_first_page(self) -> "Search | None":
        """Only as many hits as a first page needs; None where there are not many more anyway.

        Without the last of them: of those with the same score, which come in another order, some may be missing.
        """
        documents = sum(lexeme.documents for word in self.question.words for lexeme in word.loose)
        return find(self.question, reach=FIRST, found=_ALL_BUT_THE_LAST) if documents > FIRST else None


def search(text: str, *, reach: int = RANKED) -> Search:
    """The products that have all the words, the best and most popular first; where none has, those with the most.

    Takes any text; asks one statement for what the words mean.
    """
    return find(understand(text), reach=reach)


def find(question: Question, *, reach: int, found: str = "SELECT * FROM matching") -> Search:
    """The products that a question finds; or those of them that `found` selects."""
    begins = _beginning(question.text)
    by_text = [_NUMBER, *([_NUMBERS] if begins else []), _VERY_TITLE]
    by_words, some = (_branches(attempts(question.words), reach, question) for attempts in (_all, _some))
    meeting = _meeting(question)
    if meeting:
        by_words = [f"{branch} WHERE EXISTS (SELECT FROM meeting)" for branch in by_words]
    strict = _STRICT.format(branches=_UNION.join(by_text + by_words))
    expressions = [meeting, strict, _LOOSE.format(branches=_UNION.join(some or [_NOTHING]))]
    expressions.append(_FOUND.format(found=found))
    parameters = {"reach": reach, "begins": begins, "text": question.text}
    return Search(question, ", ".join(expression for expression in expressions if expression), parameters)


def find_by_title(question: Question, *, reach: int) -> Search:
    """Only the products that have every word in their title."""
    attempts = [attempt for attempt in _all(question.words) if attempt.kind in (TITLE, LIKE_TITLE)]
    strict = _STRICT.format(branches=_UNION.join(_branches(attempts, reach, question) or [_NOTHING]))
    found = _FOUND.format(found="SELECT * FROM matching")
    return Search(question, f"{strict}, {_LOOSE.format(branches=_NOTHING)}, {found}", {"reach": reach})


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


def _meeting(question: Question) -> str:
    """One product that has all of several words, likely a popular one: where there is none, no attempt looks for it."""
    words = [word.loose for word in question.words]
    if len(words) < 2 or not all(words):
        return ""
    levels = _levels(question.levels[0] if question.levels else 0, RANKED, question)
    branch = _BRANCH.format(kind=DESCRIBED, query=_literal(_every(words, "")), levels=levels, reach=1)
    return f"meeting AS MATERIALIZED ({branch})"


def _branches(attempts: Iterable[_Attempt], reach: int, question: Question) -> list[str]:
    """SELECTs to be tried one after the other until enough is found: what one has found, the next leaves out."""
    made: list[str] = []
    before = ""
    for attempt in attempts:
        levels, query = _levels(attempt.documents, reach, question), _literal(attempt.query + before)
        made.append(_BRANCH.format(kind=attempt.kind, query=query, levels=levels, reach=reach))
        before = f" & !{attempt.query}" if attempt.holds_those_before else f"{before} & !{attempt.query}"
    return made


def _levels(documents: int, reach: int, question: Question) -> list[int]:
    """The levels of popularity to look through one after the other: the first that may hold enough, at the end all."""
    counted = question.levels or [0]
    chosen = [max((level for level, there in enumerate(counted) if documents * there >= reach * counted[0]), default=0)]
    for level in range(chosen[0] - 1, -1, -1):
        if counted[level] >= STEP * counted[chosen[-1]]:
            chosen.append(level)
    if STEP * counted[chosen[-1]] > counted[0]:
        chosen.pop()
    return [*chosen, 0]


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
# By what matched, then by how popular it is.
_SCORE = "(class::bigint << 32) + popularity"
# The function is of migration 0015.
_BRANCH = """
    SELECT product_id, {kind} AS class, popularity FROM catalog_matching({query}, ARRAY{levels}, {reach})
"""
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
_UNION = " UNION ALL "
_STRICT = "strict AS MATERIALIZED (SELECT * FROM ({branches}) tried LIMIT %(reach)s)"
_LOOSE = """
    loose AS MATERIALIZED (
        SELECT * FROM ({branches}) tried WHERE NOT EXISTS (SELECT FROM strict) LIMIT %(reach)s
    )
"""
_FOUND = f"""
    matching AS MATERIALIZED (
        SELECT product_id, max({_SCORE}) AS score FROM (SELECT * FROM strict UNION ALL SELECT * FROM loose) tried
        GROUP BY product_id
    ),
    found AS MATERIALIZED ({{found}})
"""  # noqa: S608  (this file's own fragment)
_ALL_BUT_THE_LAST = "SELECT * FROM matching WHERE score > (SELECT min(score) FROM matching)"
