"""What a mistyped word was meant to be."""

from collections.abc import Iterable


def meant(typed: str, words: Iterable[str]) -> list[str]:
    """Those of the words that are so near that one would mistype them so: the nearest, in the order given."""
    distances = {word: slips(typed, word) for word in words}
    nearest = min(distances.values(), default=0)
    return [word for word, distance in distances.items() if distance == nearest <= forgiven(typed)]


def forgiven(word: str) -> int:
    """How many slips a word of this length may hold: none where nearly every word is near."""
    return 0 if len(word) < 3 or word.isdigit() else 1 if len(word) < 6 else 2


def slips(typed: str, word: str) -> int:
    """How many letters were left out, added, mistaken, or changed places with the next."""
    before: list[int] = []
    row = list(range(len(word) + 1))
    for i, letter in enumerate(typed, 1):
        before, above, row = row, before, [i]
        for j, wanted in enumerate(word, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == word[j - 2] and typed[i - 2] == wanted:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
    return row[-1]
