"""Pictures of products over HTTP: sent by staff, shown to shoppers once they are ready."""

from typing import Any

import pytest
from celery import current_app
from django.core.files.uploadedfile import SimpleUploadedFile
from kombu.exceptions import OperationalError as BrokerDown

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import statements
from modules.catalog import tasks
from modules.catalog.models import DiscardedFile, Product, ProductImage
from modules.catalog.tests.api.staff import OTHERS, PRODUCTS, VARIANTS, client, complaints, refusal, send
from modules.catalog.tests.factories import VariantDraftFactory, make_product
from modules.catalog.tests.pictures import add, add_ready, file_of, files_in, jpeg, photograph, picture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invariants_hold", "store")]

IMAGES = "/api/v1/catalog/images/"


@pytest.fixture
def product() -> Product:
    variants = [VariantDraftFactory.build(position=position) for position in range(2)]
    return make_product(slug="tee", title="Tee", images=[], variants=variants)


def test_a_picture_is_taken_at_once_and_shown_when_a_worker_has_made_its_sizes(
    product, store, monkeypatch, django_capture_on_commit_callbacks
):
    sent: list[Any] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **options: sent.append((name, args, options)))

    with django_capture_on_commit_callbacks(execute=True):
        answer = upload(product, jpeg((3000, 1500)), alt="A tee")

    image = answer.json()
    assert (answer.status_code, answer["Location"]) == (201, f"http://testserver{IMAGES}{image['id']}/")
    assert answer["ETag"] == f'"{product.version}"'
    assert image | {"id": "", "created_at": ""} == {
        "id": "",
        "state": "waiting",
        "failure": None,
        "alt": "A tee",
        "position": 0,
        "variant_ids": [],
        "small": None,
        "medium": None,
        "large": None,
        "created_at": "",
    }
    assert sent == [("catalog.make_renditions", [image["id"]], {"retry": False, "priority": 9})]
    assert shown(product) == ([], None)

    tasks.make_renditions(image["id"])

    ready = client().get(answer["Location"]).json()
    name = f"http://localhost:8000/media/{image['id'][-2:]}/{image['id']}-"
    assert ready["state"] == "ready"
    assert [ready[size]["url"].startswith(name) for size in ("small", "medium", "large")] == [True] * 3
    assert (ready["small"]["width"], ready["small"]["height"]) == (320, 160)
    assert (ready["large"]["width"], ready["large"]["height"]) == (1600, 800)
    expected = {name: ready[name] for name in ("alt", "small", "medium", "large")}
    assert shown(product) == ([expected], expected)


def test_a_picture_is_taken_while_the_broker_is_away_and_found_by_the_sweep(
    product, monkeypatch, django_capture_on_commit_callbacks
):
    def refuse(*_: Any, **__: Any) -> None:
        raise BrokerDown("refused")

    monkeypatch.setattr(current_app, "send_task", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        assert upload(product, jpeg()).status_code == 201

    tasks.make_due_renditions()

    assert len(shown(product)[0]) == 1


def test_without_words_it_has_the_products_title_and_with_none_it_decorates(product):
    assert upload(product, jpeg()).json()["alt"] == "Tee"
    assert upload(product, jpeg(), alt="").json()["alt"] == ""


def test_its_name_and_type_say_nothing(product):
    page = b"<!doctype html><script>alert(1)</script>"

    assert refusal(upload(product, page, name="tee.jpg", type="image/jpeg")) == (400, "unsupported_image")
    assert upload(product, jpeg(), name="tee.html", type="text/html").status_code == 201


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "unsupported_image"),
        (b"GIF89a", "unsupported_image"),
        (file_of(picture(), "GIF"), "unsupported_image"),
        (jpeg()[:-20], "broken_image"),
        (file_of(picture(), "PNG")[:-20], "broken_image"),
    ],
    ids=["nothing", "the beginning of a gif", "a gif", "half a jpeg", "half a png"],
)
def test_what_is_no_picture_is_refused_and_leaves_nothing(product, store, content, code):
    assert refusal(upload(product, content)) == (400, code)

    assert (ProductImage.objects.count(), DiscardedFile.objects.count(), files_in(store)) == (0, 0, [])


def test_more_than_fifty_megapixels_are_refused(product, store):
    content = file_of(picture((7072, 7072), 1, mode="1"), "PNG")
    assert len(content) < 100_000

    answer = upload(product, content)

    assert (refusal(answer), answer.json()["most_pixels"]) == ((400, "image_too_large"), 50_000_000)
    assert files_in(store) == []


def test_a_body_over_ten_mebibytes_is_too_large(product):
    assert refusal(upload(product, b"\xff\xd8" + bytes(10 * 1024 * 1024))) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"position": "-1"}, {"position": "invalid"}),
        ({"position": "first"}, {"position": "invalid"}),
        ({"alt": "a" * 501}, {"alt": "max_length"}),
        ({"variant_ids": "none"}, {"variant_ids.0": "invalid"}),
        ({"colour": "red"}, {"colour": "unknown_field"}),
        ({"alt": "a\0b"}, {"alt": "null_characters_not_allowed"}),
    ],
    ids=["before the first", "no number", "an essay", "no id", "an unknown field", "a NUL"],
)
def test_fields_that_will_not_do_are_named(product, store, fields, expected):
    assert complaints(upload(product, jpeg(), **fields)) == expected
    assert (ProductImage.objects.count(), files_in(store)) == (0, [])


def test_a_form_without_a_file_is_refused(product):
    answer = client().post(f"{PRODUCTS}tee/images/", {"alt": "x"}, format="multipart")

    assert complaints(answer) == {"file": "required"}


def test_a_variant_of_another_product_is_refused_and_the_file_goes(product, store):
    other = make_product(slug="other").variants.get()

    assert complaints(upload(product, jpeg(), variant_ids=str(other.id))) == {"variant_ids": "unknown_variant"}

    assert ProductImage.objects.count() == 0
    assert files_in(store) == list(DiscardedFile.objects.values_list("name", flat=True))


def test_json_is_no_picture(product):
    assert send("POST", f"{PRODUCTS}tee/images/", {"alt": "x"}).status_code == 415


@pytest.mark.parametrize("key", ["nothing", "01936d6e-5a3c-7c3e-9a52-0e7b3b8f9d10"])
def test_a_product_that_is_not_there_has_no_pictures(store, key):
    answer = client().post(f"{PRODUCTS}{key}/images/", {"file": SimpleUploadedFile("x", jpeg())}, format="multipart")

    assert answer.status_code == 404
    assert send("GET", f"{PRODUCTS}{key}/images/").status_code == 404
    assert files_in(store) == []


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_picture_that_is_not_there_is_not_found(method):
    assert send(method, f"{IMAGES}{new_id()}/", {} if method == "PATCH" else None).status_code == 404


@pytest.mark.parametrize(("principal", "status"), OTHERS)
def test_others_see_and_change_nothing(product, store, principal, status):
    image = add_ready(product)
    before = files_in(store)

    answers = [
        upload(product, jpeg(), principal=principal),
        send("GET", f"{PRODUCTS}tee/images/", principal=principal),
        send("GET", f"{IMAGES}{image.id}/", principal=principal),
        send("PATCH", f"{IMAGES}{image.id}/", {"alt": "mine"}, principal=principal),
        send("DELETE", f"{IMAGES}{image.id}/", principal=principal),
    ]

    assert [answer.status_code for answer in answers] == [status] * 5
    assert list(ProductImage.objects.values_list("id", "alt")) == [(image.id, "Tee")]
    assert files_in(store) == before


def test_pictures_are_listed_in_their_order_whatever_their_state(product):
    ready = add_ready(product, alt="ready")
    waiting = add(product, alt="waiting")
    failed = add(product, alt="failed", position=0)
    ProductImage.objects.filter(id=failed.id).update(state="failed", failure="broken_image", original="", due_at=None)

    answer = send("GET", f"{PRODUCTS}tee/images/")

    facts = [(one["id"], one["state"], one["failure"], one["position"]) for one in answer.json()["results"]]
    assert facts == [
        (str(failed.id), "failed", "broken_image", 0),
        (str(ready.id), "ready", None, 1),
        (str(waiting.id), "waiting", None, 2),
    ]
    assert [image["alt"] for image in shown(product)[0]] == ["ready"]


def test_words_are_changed_for_shoppers_too(product):
    image = add_ready(product)
    version = Product.objects.get().version

    answer = send("PATCH", f"{IMAGES}{image.id}/", {"alt": "A teal tee"}, if_match=f'"{version}"')

    assert (answer.status_code, answer.json()["alt"], answer["ETag"]) == (200, "A teal tee", f'"{version + 1}"')
    assert shown(product)[0][0]["alt"] == shown(product)[1]["alt"] == "A teal tee"


def test_a_change_based_on_another_version_changes_nothing(product, store):
    image = add_ready(product)
    before = (files_in(store), shown(product))

    for answer in (
        send("PATCH", f"{IMAGES}{image.id}/", {"alt": "x"}, if_match='"1000"'),
        send("DELETE", f"{IMAGES}{image.id}/", if_match='"1000"'),
    ):
        assert refusal(answer) == (412, "precondition_failed")
    assert (files_in(store), shown(product)) == before


def test_what_changes_nothing_makes_no_version(product):
    image = add_ready(product)
    version = Product.objects.get().version

    send("PATCH", f"{IMAGES}{image.id}/", {})
    send("PATCH", f"{IMAGES}{image.id}/", {"alt": "Tee", "position": 0, "variant_ids": []})

    assert Product.objects.get().version == version


@pytest.mark.parametrize(
    ("position", "order"), [(0, "cabd"), (1, "acbd"), (2, "abcd"), (3, "abdc"), (99, "abdc")], ids=str
)
def test_a_picture_moves_and_the_others_make_room(product, position, order):
    images = {name: add_ready(product, alt=name) for name in "abcd"}

    answer = send("PATCH", f"{IMAGES}{images['c'].id}/", {"position": position})

    assert answer.json()["position"] == min(position, 3)
    assert "".join(image["alt"] for image in shown(product)[0]) == order
    assert shown(product)[1]["alt"] == order[0]
    assert list(ProductImage.objects.order_by("position").values_list("position", flat=True)) == [0, 1, 2, 3]


def test_a_new_one_takes_the_place_it_is_given(product):
    add_ready(product, alt="a")
    image = upload(product, jpeg(), alt="b", position="0").json()
    tasks.make_renditions(image["id"])

    assert image["position"] == 0
    assert [one["alt"] for one in shown(product)[0]] == ["b", "a"]


def test_a_variant_shows_the_pictures_of_it(product):
    first, second = product.variants.order_by("position")
    both = add_ready(product, alt="both", variant_ids=[first.id, second.id])
    image = upload(product, jpeg(), alt="second", variant_ids=str(second.id)).json()
    assert image["variant_ids"] == [str(second.id)]
    assert pictured(product) == [["both"], ["both"]]

    tasks.make_renditions(image["id"])
    assert pictured(product) == [["both"], ["both", "second"]]
    assert [one["alt"] for one in shown(product)[0]] == ["both", "second"]

    send("PATCH", f"{IMAGES}{both.id}/", {"variant_ids": [str(first.id)], "position": 1})
    assert pictured(product) == [["both"], ["second"]]

    send("DELETE", f"{IMAGES}{image['id']}/")
    assert pictured(product) == [["both"], []]


def test_a_variant_that_is_gone_is_named_no_more(product):
    first, second = product.variants.order_by("position")
    image = add_ready(product, variant_ids=[first.id, second.id])

    send("DELETE", f"{VARIANTS}{first.id}/")

    assert send("GET", f"{IMAGES}{image.id}/").json()["variant_ids"] == [str(second.id)]


def test_a_removed_picture_is_shown_no_more_and_those_behind_it_move_up(product):
    images = [add_ready(product, alt=name) for name in "abc"]

    assert send("DELETE", f"{IMAGES}{images[0].id}/").status_code == 204

    assert [one["alt"] for one in shown(product)[0]] == ["b", "c"]
    assert list(ProductImage.objects.order_by("position").values_list("position", flat=True)) == [0, 1]
    assert send("DELETE", f"{IMAGES}{images[0].id}/").status_code == 404


def test_drawings_stay_until_there_is_a_picture():
    seeded = make_product(slug="seeded")
    [drawing], card = shown(seeded)
    assert drawing["small"]["url"].endswith("/240.svg")

    waiting = add(seeded, alt="waiting")
    send("PATCH", f"{IMAGES}{waiting.id}/", {"alt": "still waiting", "position": 0})
    send("DELETE", f"{IMAGES}{waiting.id}/")
    assert shown(seeded) == ([drawing], card)

    image = add_ready(seeded, alt="a picture")
    assert [one["alt"] for one in shown(seeded)[0]] == ["a picture"]

    send("DELETE", f"{IMAGES}{image.id}/")
    assert shown(seeded) == ([], None)


def test_one_picture_too_many_is_refused(product, monkeypatch):
    monkeypatch.setattr("modules.catalog.logic.product_images.MOST_IMAGES", 1)
    add(product)

    assert complaints(upload(product, jpeg())) == {"file": "too_many_images"}
    assert ProductImage.objects.count() == 1


def test_a_photograph_tells_nobody_where_it_was_taken(product, store):
    image = upload(product, photograph()).json()
    [original] = files_in(store)
    tasks.make_renditions(image["id"])

    for name in files_in(store):
        if name != original:
            assert b"Ada Lovelace" not in (store / name).read_bytes()
    assert list(DiscardedFile.objects.values_list("name", flat=True)) == [original]
    assert client(None).get(f"/media/{original.removeprefix('originals/')}").status_code == 404


@pytest.mark.parametrize("number", [1, 4])
def test_pictures_are_written_and_read_by_a_fixed_number_of_statements(product, number):
    images = [add_ready(product) for _ in range(number)]
    path = f"{IMAGES}{images[0].id}/"

    assert count(lambda: upload(product, jpeg())) == 9
    assert count(lambda: send("GET", f"{PRODUCTS}tee/images/")) == 2
    assert count(lambda: send("GET", path)) == 2
    assert count(lambda: send("PATCH", path, {"alt": f"{number}", "position": number})) == 20
    assert count(lambda: send("DELETE", path)) == 21


def upload(product: Product, content: bytes, *, name: str = "tee.jpg", type: str = "image/jpeg", **options: Any) -> Any:  # noqa: A002
    caller = {"principal": options.pop("principal")} if "principal" in options else {}
    file = SimpleUploadedFile(name, content, content_type=type)
    return client(**caller).post(f"{PRODUCTS}{product.slug}/images/", {"file": file, **options}, format="multipart")


def shown(product: Product) -> Any:
    """What shoppers see: the pictures of the product's page, and the card's."""
    page = client(None).get(f"{PRODUCTS}{product.slug}/").json()
    cards = {card["slug"]: card["image"] for card in client(None).get(PRODUCTS).json()["results"]}
    return page["images"], cards[product.slug]


def pictured(product: Product) -> list[list[str]]:
    """The words of each variant's pictures."""
    page = client(None).get(f"{PRODUCTS}{product.slug}/").json()
    return [[image["alt"] for image in variant["images"]] for variant in page["variants"]]


def count(act: Any) -> int:
    with statements() as sql:
        assert act().status_code < 300
    return len([one for one in sql if not one.startswith(("SAVEPOINT", "RELEASE SAVEPOINT"))])
