"""What shoppers type into the demonstration shop, and what must come first: the table that judges the ranking."""

import pytest

from ecommerce.kernel.db import atomic
from modules.catalog.logic.listing import list_cards
from modules.catalog.logic.listings import refresh_listings
from modules.catalog.logic.seeding import SEEDER
from modules.catalog.logic.wishes import Wish, search_for
from modules.catalog.models import Product, ProductTranslation

pytestmark = pytest.mark.django_db

# fmt: off
GOLDEN = [
    # An article number, whole or begun, in whatever letters, is what it is the number of.
    ("DEMO-T-SHIRT-M", "Demo T-Shirt"),
    ("demo-t-shirt-s", "Demo T-Shirt"),
    ("TA000406-1", "Sorrel Classic Table Lamp"),
    ("ta0004", "Sorrel Classic Table Lamp"),
    # The very title, and titles over everything else; the popular first.
    ("Holm Classic Board Game", "Holm Classic Board Game"),
    ("demo shirt", "Demo T-Shirt"),
    ("lamp", "Tarn Classic Table Lamp"),
    ("oak", "Oak Light Travel Guide"),
    ("t-shirt", "Mersea Classic T-Shirt"),
    ("shirt", "Wharf Field Shirt"),
    ("yoga mat", "Willow Studio Yoga Mat"),
    ("chefs knife", "Calder Field Chef's Knife"),
    ("crew neck", "Rye Heritage Crew-Neck Sweater"),
    # One and many are the same.
    ("lamps", "Tarn Classic Table Lamp"),
    ("tents", "Tide Heritage Tent"),
    ("headphone", "Elm Light Headphones"),
    # Two words, of which one is an attribute, an option or a shelf.
    ("walnut speaker", "Kirk Heavy Speaker"),
    ("oak lamp", "Tarn Classic Table Lamp"),
    ("cast iron", "Calder Field Chef's Knife"),
    ("wallet leather", "Wren Weekend Wallet"),
    ("pants mug", "Vale Light Mug"),
    # The beginning of a word.
    ("board gam", "Cove Classic Board Game"),
    ("headph", "Elm Light Headphones"),
    # Slips.
    ("jeasn", "Marlow Essential Jeans"),
    ("tabel lmap", "Tarn Classic Table Lamp"),
    ("fountian pen", "Bramley Studio Fountain Pen"),
    ("ereader", "Pine Classic E-Reader"),
    # Accents, there or not, and other languages.
    ("pique", "Sorrel Field T-Shirt"),
    ("Kopfhörern", "Elm Light Headphones"),
    ("kopfhorer", "Elm Light Headphones"),
    ("наушники", "Elm Light Headphones"),
    # Nothing is nothing.
    ("xqzjvk", None),
    ("!!!", None),
]
# fmt: on


def test_what_is_meant_comes_first():
    SEEDER.run(600, 1, lambda what, done, of: None)
    headphones = Product.objects.get(title="Elm Light Headphones")
    ProductTranslation.objects.create(product=headphones, language="de", title="Elm leichter Kopfhörer")
    ProductTranslation.objects.create(product=headphones, language="ru", title="Лёгкие наушники Elm")
    with atomic(Product):
        refresh_listings([headphones.id])

    found = {typed: first(typed) for typed, _ in GOLDEN}

    assert found == dict(GOLDEN)


def first(typed: str) -> str | None:
    cards = list_cards(wish=search_for(Wish(currency="EUR", q=typed)), limit=1)
    return cards[0].title if cards else None
