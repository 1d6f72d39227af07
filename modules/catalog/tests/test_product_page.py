"""A product on one page in the admin, with all that belongs to it. There is an admin only where users are."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import local, statements
from modules.catalog.contracts import StockLine
from modules.catalog.logic.holds import commit_hold, hold_stock
from modules.catalog.logic.image_making import make_renditions
from modules.catalog.logic.prices import NewPrice
from modules.catalog.logic.products import change_product
from modules.catalog.logic.related import get_related_ids
from modules.catalog.logic.translations import get_translations
from modules.catalog.models import Attribute, Price, Product, ProductImage, StockMovement, Variant
from modules.catalog.tests.factories import VariantDraftFactory, figures, journal, make_product, price
from modules.catalog.tests.pictures import jpeg
from modules.catalog.tests.test_service import UNTIL

pytestmark = [
    pytest.mark.skipif(not local("users"), reason="the admin lives where users live"),
    pytest.mark.django_db,
    pytest.mark.usefixtures("invariants_hold"),
]


@pytest.fixture
def staff() -> Any:
    user: Any = get_user_model()(email="staff@example.com", is_staff=True, is_superuser=True)
    user.save()
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def shirt() -> Product:
    """Two sizes, the first of them on sale."""
    sale = NewPrice(
        regular=price("39.90", "EUR").regular,
        sale=price("29.90", "EUR").regular,
        sale_ends_at=datetime(2030, 1, 31, 18, 30, tzinfo=UTC),
    )
    return make_product(
        slug="shirt",
        title="Shirt",
        seo={"title": "A shirt"},
        attributes={"material": "linen", "weight_kg": 0.2, "washable": True, "care": ["cold", "dark"]},
        variants=[
            VariantDraftFactory.build(sku="S", position=0, prices=[sale, price("4500", "JPY")]),
            VariantDraftFactory.build(sku="M", position=1),
        ],
    )


class Page:
    """The page as the browser has it: what its form holds, sent again with what is changed."""

    def __init__(self, client: Client, product: Product) -> None:
        self.client, self.path = client, f"/admin/catalog/product/{product.id}/change/"
        answer: Any = client.get(self.path)
        assert answer.status_code == 200
        forms = [answer.context["adminform"].form]
        for inline in answer.context["inline_admin_formsets"]:
            forms += [inline.formset.management_form, *inline.formset.forms]
        self.values = {bound.html_name: _sent(bound.value()) for form in forms for bound in form} | _times(forms[0])

    def send(self, **changed: Any) -> Any:
        return self.client.post(self.path, self.values | changed)


def _sent(value: Any) -> Any:
    return "" if value is None or isinstance(value, datetime) else str(value).replace("\n", "\r\n")


def _times(form: Any) -> dict[str, str]:
    publish_at = form["publish_at"].value()
    return {
        "publish_at_0": f"{publish_at:%Y-%m-%d}" if publish_at else "",
        "publish_at_1": f"{publish_at:%H:%M:%S}" if publish_at else "",
    }


def test_the_page_sent_as_it_was_changes_nothing(staff, shirt):
    answer = Page(staff, shirt).send()

    assert (answer.status_code, Product.objects.get().version) == (302, shirt.version)
    assert StockMovement.objects.count() == 2


def test_everything_is_changed_by_one_page(staff, shirt):
    small, medium = shirt.variants.order_by("position")
    other = make_product(slug="tie")
    page = Page(staff, shirt)

    answer = page.send(
        **{
            "title": "Linen shirt",
            "slug": "linen-shirt",
            "external_key": "ERP-7",
            "attributes": "material = linen | hemp\r\nweight_kg = 2\r\nwashable = no",
            "seo_description": "Airy.",
            "variants-0-prices": "44.90 EUR sale 29.90 until 2030-01-31 18:30\r\n4500 JPY\r\n49.90 USD",
            "variants-0-barcode": "4006381333931",
            "variants-1-on_hand": "4",
            "variants-1-reason": "counted",
            "variants-TOTAL_FORMS": "3",
            "variants-2-sku": "L",
            "variants-2-options": "Size = L",
            "variants-2-barcode": "",
            "variants-2-weight_g": "250",
            "variants-2-position": "0",
            "variants-2-prices": "39.90 EUR",
            "variants-2-on_hand": "7",
            "translations-TOTAL_FORMS": "1",
            "translations-0-language": "de",
            "translations-0-title": "Leinenhemd",
            "translations-0-description": "",
            "translations-0-seo": "{}",
            "related-TOTAL_FORMS": "1",
            "related-0-related": str(other.id),
            "related-0-position": "0",
        }
    )

    assert answer.status_code == 302, str(answer.context["errors"])
    product = Product.objects.get(id=shirt.id)
    assert (product.title, product.slug, product.external_key, product.version) == (
        "Linen shirt", "linen-shirt", "ERP-7", shirt.version + 1,
    )  # fmt: skip
    assert product.attributes == {"material": ["linen", "hemp"], "weight_kg": 2, "washable": False}
    assert product.seo == {"title": "A shirt", "description": "Airy."}
    assert terms(small) == {"EUR": (4490, 2990), "JPY": (4500, None), "USD": (4990, None)}
    assert Variant.objects.get(id=small.id).barcode == "4006381333931"
    assert journal(medium.id) == [("received", 10), ("corrected", -6)]
    large = Variant.objects.get(sku="L")
    assert (large.position, terms(large), figures(large.id)) == (2, {"EUR": (3990, None)}, (7, 0))
    assert get_translations(shirt.id)["de"]["title"] == "Leinenhemd"
    assert get_related_ids(shirt.id) == [other.id]
    actor_ids = StockMovement.objects.filter(level__variant_id__in=[medium.id, large.id], kind__in=["corrected"])
    assert {str(moved.actor_id) for moved in actor_ids} == {staff.session["_auth_user_id"]}


def test_a_new_price_leaves_the_sale_that_stands_beside_it(staff, shirt):
    small = shirt.variants.get(sku="S")
    page = Page(staff, shirt)
    assert page.values["variants-0-prices"] == "39.90 EUR sale 29.90 until 2030-01-31 18:30\r\n4500 JPY"

    page.send(**{"variants-0-prices": page.values["variants-0-prices"].replace("4500 JPY", "4200 JPY")})

    assert terms(small) == {"EUR": (3990, 2990), "JPY": (4200, None)}


def test_one_refusal_undoes_the_whole_page_and_shows_it_as_it_was_filled_in(staff, shirt):
    medium = shirt.variants.get(sku="M")
    hold_stock(order_id=new_id(), lines=[StockLine(variant_id=medium.id, quantity=5)], until=UNTIL)
    page = Page(staff, shirt)

    answer = page.send(
        **{"title": "Other", "variants-0-on_hand": "3", "variants-0-reason": "count",
           "variants-1-on_hand": "4", "variants-1-reason": "count"}
    )  # fmt: skip

    assert "fewer cannot be on hand" in str(answer.context["errors"])
    assert 'value="Other"' in answer.content.decode()
    assert (Product.objects.get().title, figures(medium.id)) == ("Shirt", (10, 5))
    assert StockMovement.objects.count() == 2


def test_of_two_who_change_a_product_the_second_is_told(staff, shirt):
    page = Page(staff, shirt)
    change_product(key="shirt", title="Quicker")

    answer = page.send(description="Slower")

    assert "It was changed since you read it" in str(answer.context["errors"])
    assert (Product.objects.get().title, Product.objects.get().description) == ("Quicker", "")


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("attributes", "weight_kg = heavy", "Give a number."),
        ("attributes", "weight_kg = 1e999", "Give a number"),
        ("attributes", "washable = perhaps", "Give true or false."),
        ("attributes", "material", "write a name, = and a value"),
        ("attributes", "a = 1\r\na = 2", "Each name once."),
        ("slug", "tie", "Slug"),
        ("options", "Size, size", "named twice"),
        ("options", "Colour", "other options"),
        ("variants-0-sku", "M", "Sku"),
        ("variants-0-options", "Colour = red", "Give a value for each of: Size."),
        ("variants-0-barcode", "12ab", "Give 8 to 14 digits."),
        ("variants-0-prices", "39.90", "this is no price"),
        ("variants-0-prices", "39.90 EUR\r\n29.90 EUR", "Each currency once."),
        ("variants-0-prices", "39.90 EUR sale 39.90", "a sale price is lower"),
        ("variants-0-prices", "39.90 EUR sale 29.90 from 2030-02-01 until 2030-01-01", "ends after it has begun"),
        ("variants-0-prices", "39.90 EUR sale 29.90 until soon", "Invalid isoformat string"),
        ("variants-0-on_hand", "4", "Say why the stock changes."),
        ("publish_at_0", "2030-01-01", "Only a draft is published at its time."),
        ("related-TOTAL_FORMS", "itself", "no such products"),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field_and_changes_nothing(staff, shirt, field, text, said):
    make_product(slug="tie")
    changed = {field: text, "title": "Other"}
    if field == "publish_at_0":
        changed["publish_at_1"] = "00:00:00"
    if text == "itself":
        changed |= {field: "1", "related-0-related": str(shirt.id), "related-0-position": "0"}

    answer = Page(staff, shirt).send(**changed)

    assert said in str(answer.context["errors"])
    kept = Product.objects.get(id=shirt.id)
    assert (kept.title, kept.version) == ("Shirt", shirt.version)


def test_a_variant_that_was_sold_is_archived_and_another_deleted_but_never_the_last(staff, shirt):
    small, medium = shirt.variants.order_by("position")
    order_id = new_id()
    hold_stock(order_id=order_id, lines=[StockLine(variant_id=small.id, quantity=1)], until=UNTIL)
    commit_hold(order_id=order_id)

    refused = Page(staff, shirt).send(**{"variants-0-remove": "on", "variants-1-remove": "on"})
    assert "keeps at least one variant" in str(refused.context["errors"])
    Page(staff, shirt).send(**{"variants-0-remove": "on"})

    assert Variant.objects.get(id=small.id).archived_at is not None
    page = Page(staff, shirt)
    assert page.values["variants-TOTAL_FORMS"] == "1"
    page.send(**{"status": "draft", "variants-0-remove": "on"})
    assert not Variant.objects.filter(id=medium.id).exists()


def test_a_draft_is_scheduled(staff, shirt):
    page = Page(staff, shirt)

    page.send(status="draft", publish_at_0="2030-01-01", publish_at_1="08:00:00")

    product = Product.objects.get()
    assert (product.status, product.publish_at) == ("draft", datetime(2030, 1, 1, 8, tzinfo=UTC))
    assert Page(staff, shirt).values["publish_at_0"] == "2030-01-01"


def test_pictures_are_sent_worded_put_in_order_and_taken_away(staff, shirt, store):
    answer = Page(staff, shirt).send(**{"pictures-TOTAL_FORMS": "2"} | picture(0, "red") | picture(1, "blue"))
    assert answer.status_code == 302, str(answer.context["errors"])
    assert pictures(shirt) == ["red", "blue"]
    for image_id in ProductImage.objects.values_list("id", flat=True):
        make_renditions(image_id=image_id)

    page = Page(staff, shirt)
    assert b'alt="red" width="80"' in staff.get(page.path).content
    page.send(**{"pictures-0-place": "1", "pictures-1-place": "0", "pictures-1-alt": "navy"})
    assert pictures(shirt) == ["navy", "red"]
    Page(staff, shirt).send(**{"pictures-0-remove": "on"})

    assert pictures(shirt) == ["red"]
    assert [image["alt"] for image in Product.objects.get().images] == ["red"]


def test_what_is_no_picture_is_refused_beside_its_field_and_nothing_is_saved(staff, shirt):
    wrong = picture(0, "red") | {"pictures-0-file": SimpleUploadedFile("a.jpg", b"GIF89a")}

    answer = Page(staff, shirt).send(**{"pictures-TOTAL_FORMS": "1", "title": "Other"} | wrong)

    assert "This is no JPEG, PNG or WebP picture." in str(answer.context["errors"])
    assert (Product.objects.get().title, ProductImage.objects.count()) == ("Shirt", 0)


def picture(place: int, name: str) -> dict[str, Any]:
    file = SimpleUploadedFile(f"{name}.jpg", jpeg())
    return {
        f"pictures-{place}-{field}": value
        for field, value in {"file": file, "alt": name, "place": "", "remove": ""}.items()
    }


def pictures(product: Product) -> list[str]:
    return list(ProductImage.objects.filter(product=product).order_by("position").values_list("alt", flat=True))


def test_the_page_costs_the_same_however_many_variants_there_are(staff, shirt):
    many = make_product(variants=[VariantDraftFactory.build() for _ in range(12)])
    Attribute.objects.create(code="tone", name="Tone", kind="colour")
    costs = []
    for product in (shirt, many):
        with statements() as sql:
            Page(staff, product)
        costs.append(len(sql))

    assert costs[0] == costs[1] <= 15


def terms(variant: Variant) -> dict[str, tuple[int, int | None]]:
    rows = Price.objects.filter(variant_id=variant.id).order_by("currency")
    return {row.currency: (row.regular_minor, row.sale_minor) for row in rows}
