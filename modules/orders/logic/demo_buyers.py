"""Inventing those who bought in the demonstration shop before it was this one: the same chance, the same buyers."""

from random import Random as Randomness  # noqa: TID251  (seeded: the same buyers for the same seed; kernel.chance has no seed)
from typing import NamedTuple

from modules.orders.logic.names import words_of

__all__ = ["Buyer", "Randomness", "invent_buyer"]

FIRST_NAMES = (
    "Ada Alan Amélie Anna Anton Ayşe Barbara Björn Carla Chloé Claude Dennis Edsger Elif Emil Emma Frances Fritz"
    " Grace Greta Hannah Hedy Henrik Ida Jean Johann Jonas Jürgen Karen Katherine Konrad Lena Leon Léa Linus Łukasz"
    " Margaret Marie Mia Niklas Noah Olga Paul Radia René Sofía Søren Theo Ulrike Zoë"
)
LAST_NAMES = (
    "Almeida Bauer Becker Brandt Brontë Castañeda Dahl Dubois Ebert Engel Fischer Franke Fuchs García Graf Groß"
    " Haas Hartmann Hoffmann Horn Huber Jansen Kaiser Keller Klein Koch Köhler Kowalski König Krüger Lange Lefèvre"
    " Lehmann Lindqvist Lorenz Maier Martínez Möller Müller Neumann Nguyen Nørgaard O’Brien Öztürk Peters Pohl Roth"
    " Sato Schäfer Schmidt Schreiber Schröder Schulz Seidel Sommer Tanaka Vogel Voß Wagner Weber Weiß Winkler"
    " Yamamoto Ziegler"
)
COMPANIES = ("Werkstatt", "Handel", "Studio", "Verlag", "Logistik")
STREETS = ("Hauptstraße", "Gartenweg", "Lindenallee", "Am Markt", "Bergstraße")
# Country: currency, language, a phone's beginning, cities with their postal codes, regions where an address has one.
PLACES = {
    "DE": ("EUR", "de", "+4930", [("Berlin", "10117", ""), ("Hamburg", "20095", ""), ("Köln", "50667", "")]),
    "US": ("USD", "en", "+1212", [("New York", "10001", "NY"), ("Portland", "97201", "OR")]),
    "JP": ("JPY", "en", "+813", [("Tokyo", "100-0001", "Tokyo"), ("Osaka", "530-0001", "Osaka")]),
}
FIRST, LAST = FIRST_NAMES.split(), LAST_NAMES.split()
FOLDED = {name: words_of(name) for name in (*FIRST, *LAST, *COMPANIES)}


class Buyer(NamedTuple):
    """Somebody, where he lives, and the words that he is found by."""

    email: str
    language: str
    currency: str
    address: dict[str, str]
    search_name: str


def invent_buyer(chance: Randomness, number: int) -> Buyer:
    """One of so many."""
    first, last = chance.choice(FIRST), chance.choice(LAST)
    country = chance.choices(("DE", "US", "JP"), (85, 10, 5))[0]
    currency, language, phone, cities = PLACES[country]
    city, postal_code, region = chance.choice(cities)
    company = chance.choice(COMPANIES) if chance.random() < 0.1 else ""
    words = dict.fromkeys([*FOLDED[first], *FOLDED[last], *(FOLDED[company] + FOLDED[last] if company else ())])
    address = {
        "full_name": f"{first} {last}",
        "line1": f"{chance.choice(STREETS)} {chance.randint(1, 199)}",
        "city": city,
        "postal_code": postal_code,
        "country": country,
        "phone": f"{phone}{chance.randint(1_000_000, 9_999_999)}",
    }
    address |= {"region": region} if region else {}
    address |= {"company": f"{company} {last}"} if company else {}
    return Buyer(f"buyer-{number}@example.com", language, currency, address, " ".join(words))
