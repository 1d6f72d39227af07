"""The words by which staff find an order: its receiver's and payer's names and companies, without case and accents."""

import re
import unicodedata
from collections.abc import Mapping

# Letters that Unicode does not take apart into a plain one and a mark, as people type them who have no key for them.
LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
# O'Brien is one word, whichever apostrophe he has.
APOSTROPHES = re.compile("['’ʼ`´]")
WORD = re.compile(r"[^\W_]+")
NAMES = ("full_name", "company")
LONGEST = 50


def words_of(text: str) -> list[str]:
    """The words of a text, each once, folded: `Zoë O’Brien-Łoś` is zoe, obrien, los."""
    # Folded first: of ß it makes ss, of İ an i with a mark.
    decomposed = unicodedata.normalize("NFKD", APOSTROPHES.sub("", text).casefold())
    plain = "".join(letter for letter in decomposed if not unicodedata.category(letter).startswith("M"))
    found = WORD.findall(unicodedata.normalize("NFKC", plain).translate(LETTERS))
    return list(dict.fromkeys(word[:LONGEST] for word in found))


def search_name(*addresses: Mapping[str, str]) -> str:
    """What an order with these addresses is found by; written wherever an order gets an address."""
    said = (address.get(name, "") for address in addresses for name in NAMES)
    return " ".join(words_of(" ".join(said)))
