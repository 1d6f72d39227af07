"""The catalog in the reader's language: each word that is translated, and the shop's own where none is."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from ecommerce.kernel.testing import statements
from modules.catalog.logic.shelves import change_category
from modules.catalog.logic.translations import PRODUCT_WORDS
from modules.catalog.models import Attribute, Product, ProductTranslation
from modules.catalog.tests.api.staff import PRODUCTS, complaints, send
from modules.catalog.tests.factories import CategoryFactory, make_product

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invariants_hold")]

SUGGEST = "/api/v1/catalog/search/suggest/"
GERMAN = {
    "title": "Leinenhemd",
    "description": "Luftig.",
    "seo": {"title": "Hemd aus Leinen", "description": "Ein Hemd."},
}


@pytest.fixture
def shirt() -> Product:
    """An English shirt that is German too, and in Russian only by its title; on a shelf with a German name."""
    CategoryFactory.create(slug="shirts", name="Shirts")
    shelf = change_category(slug_now="shirts", translations={"de": {"name": "Hemden"}})
    product = make_product(
        slug="shirt",
        title="Linen shirt",
        description="Airy.",
        category_id=shelf.page.node.id,
        seo={"title": "A linen shirt", "description": "A shirt."},
        attributes={"material": "linen"},
    )
    translate(product, {"de": GERMAN, "ru": {"title": "Рубашка"}})
    return product


def translate(product: Product, translations: dict[str, Any]) -> None:
    assert send("PATCH", f"{PRODUCTS}{product.id}/", {"translations": translations}).status_code == 200


def get(path: str, language: str | None = None, **query: str) -> Any:
    headers = {"Accept-Language": language} if language else {}
    answer = APIClient().get(path, query, headers=headers)
    assert answer.status_code == 200, answer.content
    assert "Accept-Language" in answer["Vary"]
    assert answer["Content-Language"] == (language or "en")
    return answer.json()


def test_a_product_is_shown_in_the_readers_language_word_by_word(shirt):
    shown = {language: get(f"{PRODUCTS}shirt/", language) for language in (None, "de", "ru")}

    assert {
        language: (page["title"], page["description"], page["category"]["name"], page["breadcrumb"][0]["name"])
        for language, page in shown.items()
    } == {
        None: ("Linen shirt", "Airy.", "Shirts", "Shirts"),
        "de": ("Leinenhemd", "Luftig.", "Hemden", "Hemden"),
        "ru": ("Рубашка", "Airy.", "Shirts", "Shirts"),
    }
    assert {language: page["seo"] for language, page in shown.items()} == {
        None: {"title": "A linen shirt", "description": "A shirt."},
        "de": {"title": "Hemd aus Leinen", "description": "Ein Hemd."},
        # A translated title is nearer to the reader than an untranslated one for search engines.
        "ru": {"title": "Рубашка", "description": "A shirt."},
    }


def test_cards_and_suggestions_are_in_the_readers_language(shirt):
    card = {language: get(PRODUCTS, language)["results"][0] for language in (None, "de", "ru")}
    suggested = {language: get(SUGGEST, language, q="hem")["results"] for language in (None, "de")}

    assert {language: (one["title"], one["category"]["name"]) for language, one in card.items()} == {
        None: ("Linen shirt", "Shirts"),
        "de": ("Leinenhemd", "Hemden"),
        "ru": ("Рубашка", "Shirts"),
    }
    assert {language: [one["title"] for one in found] for language, found in suggested.items()} == {
        None: ["Shirts"],
        "de": ["Hemden"],
    }
    assert [one["title"] for one in get(SUGGEST, "de", q="lin")["results"]] == ["Leinenhemd"]


@pytest.mark.parametrize("q", ["leinenhemd", "Рубашка", "linen", "hemden", "luftig"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_product_is_found_by_its_words_in_any_language(shirt, q, language):
    assert [card["slug"] for card in get(PRODUCTS, language, q=q)["results"]] == ["shirt"]


def test_facets_are_in_the_readers_language(shirt):
    Attribute.objects.filter(code="material").update(
        name="Material",
        choices=[{"value": "linen", "name": "Linen"}, {"value": "silk"}],
        translations={"de": {"name": "Stoff", "choices": {"linen": "Leinen"}}, "ru": {"name": ""}},
    )

    facets = {language: get(PRODUCTS, language, facets="true")["facets"] for language in (None, "de", "ru")}

    assert {
        language: (found["categories"][0]["name"], attribute["name"], attribute["values"][0]["name"])
        for language, found in facets.items()
        for attribute in found["attributes"]
        if attribute["code"] == "material"
    } == {
        None: ("Shirts", "Material", "Linen"),
        "de": ("Hemden", "Stoff", "Leinen"),
        "ru": ("Shirts", "Material", "Linen"),
    }


def test_another_language_costs_no_statement_more_and_the_own_one_no_join(shirt):
    asked = (PRODUCTS, f"{PRODUCTS}shirt/", f"{PRODUCTS}?facets=true", f"{SUGGEST}?q=hem")

    costs = {}
    for language in ("en", "de"):
        for path in asked:
            with statements() as sql:
                APIClient().get(path, headers={"Accept-Language": language})
            costs[language, path] = len(sql)
            joins = PRODUCT_WORDS.split(" ON ")[0].split("\n")[0]
            assert any(joins in one for one in sql) == (language == "de" or path.endswith("shirt/"))

    assert [costs["de", path] for path in asked] == [costs["en", path] for path in asked]


# ── what staff write ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_staff_see_and_change_every_languages_words(shirt):
    before = send("GET", f"{PRODUCTS}shirt/").json()

    changed = send("PATCH", f"{PRODUCTS}shirt/", {"translations": {"de": {"title": "Hemd"}, "ru": None}}).json()

    assert before["translations"] == {
        "de": GERMAN,
        "ru": {"title": "Рубашка", "description": "", "seo": {"title": "", "description": ""}},
    }
    assert changed["translations"] == {
        "de": {"title": "Hemd", "description": "", "seo": {"title": "", "description": ""}}
    }
    assert (changed["title"], changed["version"]) == ("Linen shirt", before["version"] + 1)
    assert get(PRODUCTS, "de", q="leinenhemd")["results"] == []


def test_a_new_product_brings_its_words(shirt):
    body = {
        "title": "Wool hat",
        "category_id": str(shirt.category_id),
        "status": "published",
        "variants": [{"sku": "HAT", "prices": [{"amount": "9.90", "currency": "EUR"}]}],
        "translations": {"de": {"title": "Wollmütze"}},
        "related_ids": [str(shirt.id)],
    }

    made = send("POST", PRODUCTS, body).json()

    assert (made["translations"]["de"]["title"], made["related_ids"]) == ("Wollmütze", [str(shirt.id)])
    assert get(f"{PRODUCTS}wool-hat/", "de")["title"] == "Wollmütze"
    assert [card["slug"] for card in get(PRODUCTS, "de", q="wollmutze")["results"]] == ["wool-hat"]


def test_the_same_words_again_are_no_new_version(shirt):
    version = Product.objects.get().version

    again = send("PATCH", f"{PRODUCTS}shirt/", {"translations": {"de": GERMAN}, "related_ids": []})

    assert (again.status_code, again.json()["version"]) == (200, version)


@pytest.mark.parametrize(
    ("translations", "expected"),
    [
        ({"fr": {"title": "Chemise"}}, {"translations.fr": "unknown_language"}),
        ({"en": {"title": "Shirt"}}, {"translations.en": "unknown_language"}),
        ({"de": {"titel": "Hemd"}}, {"translations.de.titel": "unknown_field"}),
        ({"de": {"title": 1}}, {"translations.de.title": "invalid"}),
        ({"de": "Hemd"}, {"translations.de": "invalid"}),
        ([], {"translations": "not_a_dict"}),
    ],
)
def test_words_that_make_no_sense_change_nothing(shirt, translations, expected):
    answer = send("PATCH", f"{PRODUCTS}shirt/", {"title": "Other", "translations": translations})

    assert complaints(answer) == expected
    assert (Product.objects.get().title, ProductTranslation.objects.count()) == ("Linen shirt", 2)
