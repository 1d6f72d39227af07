"""What a shopper typed, understood word by word: by the languages of the shop and the words that its goods have."""

import re
from typing import Any, NamedTuple

import msgspec

from modules.catalog.logic.database import fetch
from modules.catalog.logic.languages import PLAIN, configurations, own_configuration
from modules.catalog.logic.spelling import meant

# What is longer is cut; nobody searches for an essay.
LONGEST, MOST_WORDS = 200, 10
WORD = re.compile(r"[0-9]+[.,][0-9]+|[^\W_]+(?:-[^\W_]+)*")
# How many words a beginning may stand for, and how many are looked at for one that is mistyped.
BEGINNINGS, ALIKE = 12, 30


class Lexeme(NamedTuple):
    """A word as documents hold it, and in how many documents and titles that is."""

    text: str
    documents: int
    titles: int


class Word(NamedTuple):
    """One word that was typed: as it stands, and what else it may mean."""

    exact: list[Lexeme]
    loose: list[Lexeme]


class Question(NamedTuple):
    """All that was typed, its words, and how many documents there are by how popular they are."""

    text: str
    words: list[Word]
    levels: list[int]


def understand(text: str, *, in_titles: bool = False) -> Question:
    """Find out what each word means; any text will do. One statement, none where there is no word.

    The last word may be the beginning of one. A word that no document has stands for those it may be a slip for. Words
    that say nothing are left out, unless all of them do. With `in_titles`, a beginning becomes a title's word first.
    """
    text = " ".join(text.replace("\0", " ").encode(errors="replace").decode().split())[:LONGEST]
    typed = WORD.findall(text)[:MOST_WORDS]
    if not typed:
        return Question(text, [], [])
    values = {
        "words": typed,
        "own": own_configuration(),
        "plain": PLAIN,
        "configurations": [PLAIN, *configurations().values()],
        "last": len(typed),
        "in_titles": in_titles,
        "beginnings": BEGINNINGS,
        "alike": ALIKE,
    }
    rows = fetch(_UNDERSTAND, values)
    telling = [row for row in rows if not row[0]] or rows
    return Question(text, [_word(row) for row in telling], _levels(rows[0]))


def _word(row: tuple[Any, ...]) -> Word:
    _, plain, known, beginnings, alike, _ = row
    exact, begun, similar = _lexemes(known), _lexemes(beginnings), _lexemes(alike)
    if not (exact or begun):
        likely = set(meant(plain, [lexeme.text for lexeme in similar]))
        return Word([], [lexeme for lexeme in similar if lexeme.text in likely])
    if "-" in plain:
        # Of T-shirt, a shirt is only a part, and the T alone is none.
        exact = [lexeme for lexeme in exact if len(lexeme.text) > 1]
        whole = [lexeme for lexeme in exact if "-" in lexeme.text] or exact
        return Word(whole, _each_once(exact, begun))
    return Word(exact, _each_once(exact, begun))


def _each_once(*found: list[Lexeme]) -> list[Lexeme]:
    return list({lexeme.text: lexeme for lexemes in found for lexeme in lexemes}.values())


def _lexemes(found: str | None) -> list[Lexeme]:
    return [Lexeme(*one) for one in msgspec.json.decode(found)] if found else []


def _levels(row: tuple[Any, ...]) -> list[int]:
    """Of each level of popularity, how many documents reach it."""
    counted = {
        int(name.removeprefix("T:")): documents for name, documents in msgspec.json.decode(row[5] or "{}").items()
    }
    return [counted[level] for level in range(len(counted)) if level in counted]


# A word is known by any of its forms in any of the shop's languages. Marked lexemes have a colon, and are no words.
_UNDERSTAND = """
    SELECT typed.says_nothing, typed.plain, known.found,
           CASE WHEN typed.place = %(last)s THEN (
               SELECT jsonb_agg(jsonb_build_array(word, documents, titles) ORDER BY documents DESC, word)
               FROM (
                   SELECT word, max(documents) AS documents, max(titles) AS titles
                   FROM catalog_searchword
                   WHERE word >= typed.plain AND word < typed.plain || chr(1114109) AND strpos(word, ':') = 0
                   GROUP BY word
                   ORDER BY CASE WHEN %(in_titles)s THEN max(titles) END DESC, max(documents) DESC, word
                   LIMIT %(beginnings)s
               ) begun
           ) END,
           CASE WHEN known.found IS NULL THEN (
               SELECT jsonb_agg(jsonb_build_array(word, documents, titles) ORDER BY documents DESC, word)
               FROM (
                   SELECT word, max(documents) AS documents, max(titles) AS titles
                   FROM (
                       SELECT * FROM catalog_searchword
                       ORDER BY word <-> typed.plain LIMIT %(alike)s
                   ) near
                   WHERE strpos(word, ':') = 0
                   GROUP BY word
               ) alike
           ) END,
           CASE WHEN typed.place = 1 THEN (
               SELECT jsonb_object_agg(word, documents) FROM (
                   SELECT word, max(documents) AS documents FROM catalog_searchword
                   WHERE word >= 'T:' AND word < 'T;' GROUP BY word
               ) level
           ) END
    FROM (
        SELECT text, place, to_tsvector(%(own)s::regconfig, text) = '' AS says_nothing,
               coalesce((
                   SELECT lexeme FROM unnest(to_tsvector(%(plain)s::regconfig, text))
                   ORDER BY length(lexeme) DESC LIMIT 1
               ), lower(text)) AS plain
        FROM unnest(%(words)s::text[]) WITH ORDINALITY AS given (text, place)
    ) typed
    CROSS JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_array(word, documents, titles)) AS found
        FROM (
            SELECT word, max(documents) AS documents, max(titles) AS titles
            FROM catalog_searchword
            WHERE word IN (
                SELECT lexeme
                FROM unnest(%(configurations)s::text[]::regconfig[]) configuration,
                     unnest(to_tsvector(configuration, typed.text))
            )
            GROUP BY word
        ) itself
    ) known
    ORDER BY typed.place
"""
