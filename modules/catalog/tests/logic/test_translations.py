"""A product's words in other languages, and what stands beside it."""

import pytest

from ecommerce.kernel.ids import new_id
from modules.catalog.logic.related import UnknownRelated, get_related_ids, set_related
from modules.catalog.logic.translations import get_translations, set_translations
from modules.catalog.tests.factories import make_product

pytestmark = pytest.mark.django_db

GERMAN = {"title": "Hemd", "description": "Aus Leinen.", "seo": {"title": "Hemd aus Leinen"}}


def test_given_languages_are_replaced_and_others_left():
    product = make_product()
    set_translations(product.id, {"de": GERMAN, "ru": {"title": "Рубашка"}})

    set_translations(product.id, {"de": {"title": "Leinenhemd"}})

    assert get_translations(product.id) == {
        "de": {"title": "Leinenhemd", "description": "", "seo": {}},
        "ru": {"title": "Рубашка", "description": "", "seo": {}},
    }


def test_none_takes_a_language_away_and_again_changes_nothing():
    product = make_product()
    set_translations(product.id, {"de": GERMAN, "ru": {"title": "Рубашка"}})

    set_translations(product.id, {"de": None})
    set_translations(product.id, {"de": None})

    assert list(get_translations(product.id)) == ["ru"]


def test_what_stands_beside_a_product_keeps_staffs_order():
    product, first, second = make_product(), make_product(), make_product()

    set_related(product.id, [second.id, first.id, second.id])

    assert get_related_ids(product.id) == [second.id, first.id]
    set_related(product.id, [first.id])
    assert get_related_ids(product.id) == [first.id]


def test_a_product_does_not_stand_beside_itself_nor_beside_what_is_not_there():
    product, other = make_product(), make_product()
    set_related(product.id, [other.id])

    for unknown in (product.id, new_id()):
        with pytest.raises(UnknownRelated) as refusal:
            set_related(product.id, [other.id, unknown])
        assert str(unknown) in refusal.value.details["errors"][0]["detail"]

    assert get_related_ids(product.id) == [other.id]


def test_a_shelf_beside_a_product_is_short():
    product = make_product()
    others = [make_product().id for _ in range(21)]

    with pytest.raises(UnknownRelated):
        set_related(product.id, others)

    set_related(product.id, others[:20])
    assert len(get_related_ids(product.id)) == 20
