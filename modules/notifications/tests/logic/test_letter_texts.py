"""What staff may let letters say, and what it then says."""

import pytest
from django.db import connection

from ecommerce.kernel.errors import PreconditionFailed
from ecommerce.kernel.testing import at_once
from modules.notifications.logic import letter_texts, letters, wording
from modules.notifications.logic.letter_texts import TextNotUsable, UnknownLetter
from modules.notifications.models import LetterText
from modules.notifications.tests.factories import an_order

pytestmark = pytest.mark.django_db(transaction=True)

TEXTS = {
    "subject": "Order {number} is ours to pack",
    "preheader": "",
    "heading": "Hooray, {name}!",
    "introduction": "{shop} has got your order {number}.\n\nIt comes to {total}.",
    "closing": "See you soon.",
}


def write(version=0, **changes):
    return letter_texts.write(topic="order_confirmed", language="en", texts=TEXTS | changes, version=version)


def confirmed(language="en"):
    order = an_order(language=language)
    return letters.about_order("order_confirmed", order, order.id)


def test_a_letter_says_what_staff_have_written_and_keeps_its_structure(settings):
    settings.SHOP_NAME = "Lumen & Co"
    write()
    letter = confirmed()
    assert letter.subject == "Order 1001 is ours to pack"
    assert letter.text.startswith(
        "Hooray, Ada Lovelace!\n\nLumen & Co has got your order 1001.\n\nIt comes to €1,239.90.\n\n2 x Lamp"
    )
    assert letter.text.endswith(
        "See your order: https://shop.example/orders/1001?token=secret-token\n\nSee you soon.\n"
    )
    assert "Lumen &amp; Co has got your order 1001." in letter.html
    assert confirmed("de").subject == "Ihre Bestellung 1001 ist bestätigt"


def test_taken_back_it_says_what_comes_with_the_shop(settings):
    write()
    for _ in range(2):
        letter_texts.take_back(topic="order_confirmed", language="en")
    assert confirmed().subject == "Your order 1001 is confirmed"


def test_a_letter_costs_one_statement_that_an_index_serves(django_assert_num_queries):
    write()
    with django_assert_num_queries(1):
        confirmed()
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT 1 FROM notifications_lettertext WHERE topic = 'x' AND language = 'en'")
        plan = str(cursor.fetchall())
        cursor.execute("RESET enable_seqscan")
    assert "letter_text_once" in plan


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        ("subject", "Order {nubmer}", "There is no {nubmer} in this letter, but {number}, {name}, {shop}, {total}."),
        ("subject", "Order {amount}", "There is no {amount} in this letter"),
        ("subject", "Order {number", "Braces stand around a name only"),
        ("introduction", "Order number}", "Braces stand around a name only"),
        ("introduction", "Order { number }", "Braces stand around a name only"),
        ("introduction", "{{ order.link }}", "Braces stand around a name only"),
        ("introduction", "{% include 'x' %}", "Braces stand around a name only"),
        ("introduction", "{number.__class__}", "Braces stand around a name only"),
        ("introduction", "{number!r:>99999999}", "Braces stand around a name only"),
        ("introduction", "{0}", "Braces stand around a name only"),
        ("subject", "x" * 151, "At most 150 letters; these are 151."),
        ("introduction", "x" * 5001, "At most 5000 letters; these are 5001."),
        ("heading", " \n ", "Say something."),
        ("closing", "bell\a", "cannot be shown"),
    ],
)
def test_what_cannot_be_said_is_refused_with_a_reason_and_changes_nothing(field, text, told):
    with pytest.raises(TextNotUsable) as refused:
        write(**{field: text})
    assert [(error["field"], told in error["detail"]) for error in refused.value.details["errors"]] == [(field, True)]
    assert not LetterText.objects.exists()


@pytest.mark.parametrize(("topic", "language"), [("weather", "en"), ("order_confirmed", "fr")])
def test_a_letter_that_there_is_not_has_no_text(topic, language):
    with pytest.raises(UnknownLetter):
        letter_texts.write(topic=topic, language=language, texts=TEXTS, version=0)


def test_markup_is_shown_as_it_was_typed():
    write(introduction="<b>Cheap</b> & <script>alert(1)</script>")
    html = confirmed().html
    assert "&lt;b&gt;Cheap&lt;/b&gt; &amp; &lt;script&gt;" in html
    assert "<script" not in html


def test_who_has_not_seen_the_latest_text_is_told_so():
    write(0)
    write(1, subject="Second")
    for stale in (0, 1):
        with pytest.raises(PreconditionFailed) as refused:
            write(stale, subject="Third")
        assert refused.value.details == {"version": 2}
    assert LetterText.objects.get().subject == "Second"


@pytest.mark.parametrize("there_is_one", [False, True])
def test_of_two_who_write_at_once_the_second_is_told(there_is_one):
    version = write().version if there_is_one else 0
    results = at_once(*(lambda n=n: write(version, subject=f"By {n}") for n in range(2)))
    assert sorted(type(result).__name__ for result in results) == ["LetterText", "PreconditionFailed"]
    assert LetterText.objects.get().version == version + 1


def test_a_subject_that_grows_too_long_is_cut():
    write(subject="{name} " * 20)
    order = an_order(shipping_address={"full_name": "A" * 200})
    assert len(letters.about_order("order_confirmed", order, order.id).subject) == 255


def test_every_text_may_be_as_long_as_the_table_takes():
    longest = {name: "x" * letter_texts.LONGEST[name] for name in wording.CHANGEABLE}
    assert write(**longest).pk
