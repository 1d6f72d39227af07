"""Products as staff write them."""

from dataclasses import replace

import pytest

from modules.catalog.contracts import SameOptions, SkuTaken, SlugTaken
from modules.catalog.logic.categories import get_tree
from modules.catalog.logic.product_variants import add_variant
from modules.catalog.logic.products import create_product, save_product
from modules.catalog.models import Category, Product, ProductPrice, ProductSlug, Variant
from modules.catalog.tests.factories import (
    CategoryFactory,
    ProductDraftFactory,
    VariantDraftFactory,
    figures,
    price,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invariants_hold")]


def test_the_lowest_price_in_each_currency_is_the_products():
    cheap = VariantDraftFactory.build(prices=[price("9.90", "EUR", before="14.90"), price("3000", "JPY")])
    dear = VariantDraftFactory.build(prices=[price("19.90", "EUR"), price("2900", "JPY"), price("21.90", "USD")])

    product_id = save_product(draft=ProductDraftFactory.build(variants=[dear, cheap]))

    assert kept_prices(product_id) == {"EUR": (990, 1490), "JPY": (2900, None), "USD": (2190, None)}


def test_a_changed_price_changes_the_products_and_leaves_other_currencies():
    variant = VariantDraftFactory.build(prices=[price("9.90", "EUR"), price("3000", "JPY")])
    draft = ProductDraftFactory.build(variants=[variant])
    save_product(draft=draft)

    save_product(draft=replace(draft, variants=[replace(variant, prices=[price("12.90", "EUR", before="15.90")])]))

    assert kept_prices(draft.id) == {"EUR": (1290, 1590), "JPY": (3000, None)}


def test_publishing_counts_on_the_shelf_and_on_every_shelf_above():
    root = CategoryFactory.create(slug="root")
    leaf = CategoryFactory.create(slug="leaf", parent=root)
    draft = ProductDraftFactory.build(category_id=leaf.id, status="draft")
    save_product(draft=draft)
    assert counts() == {"root": 0, "leaf": 0}

    save_product(draft=replace(draft, status="published"))
    save_product(draft=replace(draft, status="published"))
    assert counts() == {"root": 1, "leaf": 1}

    save_product(draft=replace(draft, status="published", category_id=root.id))
    assert counts() == {"root": 1, "leaf": 0}

    save_product(draft=replace(draft, status="archived", category_id=root.id))
    assert counts() == {"root": 0, "leaf": 0}


def test_a_product_keeps_the_time_it_was_first_published():
    draft = ProductDraftFactory.build(status="published")
    save_product(draft=draft)
    first = Product.objects.get().published_at

    save_product(draft=replace(draft, status="draft"))
    save_product(draft=replace(draft, status="published", title="Another title"))

    assert (Product.objects.get().published_at, Product.objects.get().title) == (first, "Another title")


def test_a_taken_slug_is_refused():
    save_product(draft=ProductDraftFactory.build(slug="shirt"))

    with pytest.raises(SlugTaken):
        save_product(draft=ProductDraftFactory.build(slug="shirt"))
    assert Product.objects.count() == 1


def test_a_taken_sku_is_refused_and_nothing_of_the_product_is_kept():
    save_product(draft=ProductDraftFactory.build(variants=[VariantDraftFactory.build(sku="A")]))

    with pytest.raises(SkuTaken):
        save_product(
            draft=ProductDraftFactory.build(
                variants=[VariantDraftFactory.build(sku="B"), VariantDraftFactory.build(sku="A")]
            )
        )
    assert list(Variant.objects.values_list("sku", flat=True)) == ["A"]
    assert Product.objects.count() == 1


def test_two_variants_with_the_same_options_are_refused():
    variants = [VariantDraftFactory.build(options={"Size": "M"}), VariantDraftFactory.build(options={"Size": "M"})]

    with pytest.raises(SameOptions):
        save_product(draft=ProductDraftFactory.build(variants=variants))
    assert not Product.objects.exists()


def test_a_product_or_a_variant_of_one_id_is_made_once():
    draft = ProductDraftFactory.build(variants=[VariantDraftFactory.build(on_hand=3)])
    more = VariantDraftFactory.build(on_hand=2)
    for _ in range(2):
        assert create_product(draft=draft, actor_id=None) == draft.id
        assert add_variant(key=draft.slug, draft=more, actor_id=None) == more.id

    assert (Product.objects.get().version, Variant.objects.count()) == (2, 2)
    assert [figures(one.id) for one in (draft.variants[0], more)] == [(3, 0), (2, 0)]


def test_what_is_saved_again_as_it_is_is_no_new_version():
    draft = ProductDraftFactory.build(external_key="ERP-1")
    save_product(draft=draft)
    save_product(draft=replace(draft, external_key=None))
    assert Product.objects.values_list("version", "external_key").get() == (1, "ERP-1")

    save_product(draft=replace(draft, slug="another", variants=[replace(draft.variants[0], barcode="12345678")]))

    assert Product.objects.values_list("version", "slug").get() == (2, "another")
    assert Variant.objects.get().barcode == "12345678"
    assert list(ProductSlug.objects.values_list("slug", flat=True)) == [draft.slug]


def kept_prices(product_id):
    rows = ProductPrice.objects.filter(product_id=product_id).order_by("currency")
    return {row.currency: (row.from_minor, row.compare_at_minor) for row in rows}


def counts():
    nodes = get_tree()
    flat: dict[str, int] = {}
    while nodes:
        flat |= {node.slug: node.product_count for node in nodes}
        nodes = [child for node in nodes for child in node.children]
    return {slug: flat[slug] for slug in Category.objects.order_by("-slug").values_list("slug", flat=True)}
