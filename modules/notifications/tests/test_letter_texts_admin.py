"""Staff's pages of what letters say: written, refused, previewed, taken back."""

from contextlib import ExitStack
from html import unescape
from urllib.parse import urlencode

import pytest

from ecommerce.kernel.admin_testing import needs_admin, signed_in
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import stand_in, statements
from modules.notifications.logic import letter_texts, wording
from modules.notifications.models import LetterText, Message
from modules.notifications.tests.factories import MessageFactory, an_order
from modules.users.contracts import Scope

pytestmark = [pytest.mark.django_db(transaction=True), needs_admin]

PAGE = "/admin/notifications/lettertext/"
NEW = f"{PAGE}add/?{urlencode({'topic': 'order_confirmed', 'language': 'en'})}"
PREVIEW = f"{PAGE}preview/"
LETTER = {"topic": "order_confirmed", "language": "en"}
TEXTS = {
    "subject": "Order {number} is ours",
    "preheader": "",
    "heading": "Hooray!",
    "introduction": "We have it.",
    "closing": "",
}
OWN_WORDS = LETTER | TEXTS | {"seen_version": "0"}


@pytest.fixture
def staff():
    return signed_in(Scope.NOTIFICATIONS_READ, Scope.NOTIFICATIONS_WRITE, Scope.ORDERS_READ)


@pytest.fixture
def shop():
    """What orders answers."""
    order = an_order(number="2002")

    def get_orders(ids):
        return [order] if [str(one) for one in ids] == [str(order.id)] else []

    with ExitStack() as stack:
        stack.enter_context(
            stand_in(
                "orders",
                get_orders=get_orders,
                find_orders=lambda numbers: [order] if numbers == ["2002"] else [],
            )
        )
        yield order


def written(**changes):
    return letter_texts.write(texts=TEXTS | changes, version=0, **LETTER)


def shown(answer):
    assert answer.status_code == 200
    return unescape(unescape(answer.content.decode()))


def test_the_list_leads_to_every_letter_in_every_language(staff):
    text = written()
    page = shown(staff.get(PAGE))
    assert f'href="{PAGE}{text.pk}/change/">changed' in page
    for topic in wording.GAPS:
        for language in wording.TRANSLATED:
            if (topic, language) != ("order_confirmed", "en"):
                assert f"{PAGE}add/?topic={topic}&language={language}" in page


def test_a_new_text_begins_with_what_the_letter_says_and_is_saved(staff):
    page = shown(staff.get(NEW))
    assert "Your order {number} is confirmed" in page
    assert "<code>{total}</code>" in page
    assert staff.post(NEW, OWN_WORDS).status_code == 302
    text = LetterText.objects.get()
    assert (text.topic, text.language, text.subject, text.version) == ("order_confirmed", "en", TEXTS["subject"], 1)


def test_which_letter_is_said_first(staff):
    for query in ("", "?topic=order_confirmed", "?topic=weather&language=en", "?topic=welcome&language=fr"):
        assert staff.get(f"{PAGE}add/{query}").headers["Location"] == PAGE


def test_a_text_is_changed_and_taken_back(staff):
    text = written()
    address = f"{PAGE}{text.pk}/change/"
    assert 'name="seen_version" value="1"' in shown(staff.get(address))
    assert staff.post(address, OWN_WORDS | {"heading": "Hurrah!", "seen_version": "1"}).status_code == 302
    text.refresh_from_db()
    assert (text.heading, text.version) == ("Hurrah!", 2)
    assert staff.post(f"{PAGE}{text.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not LetterText.objects.exists()


def test_what_cannot_be_said_is_told_at_its_field_with_what_was_typed(staff):
    answer = staff.post(NEW, OWN_WORDS | {"heading": "Hi {frist_name}", "introduction": "odd {"})
    page = shown(answer)
    assert "There is no {frist_name} in this letter" in page
    assert "Braces stand around a name only" in page
    assert "Hi {frist_name}" in page
    assert not LetterText.objects.exists()


def test_the_second_of_two_is_told_that_it_was_changed_meanwhile(staff):
    text = written()
    address = f"{PAGE}{text.pk}/change/"
    assert staff.post(address, OWN_WORDS | {"heading": "First", "seen_version": "1"}).status_code == 302
    page = shown(staff.post(address, OWN_WORDS | {"heading": "Second", "seen_version": "1"}))
    assert "It was changed since you read it" in page
    text.refresh_from_db()
    assert text.heading == "First"


def test_a_preview_shows_what_is_typed_on_the_newest_order_and_writes_nothing(staff, shop):
    MessageFactory.create(order_id=shop.id)
    before = list(Message.objects.values())
    with statements() as asked:
        answer = staff.post(PREVIEW, OWN_WORDS)
    page = shown(answer)
    assert "On order 2002" in page
    assert "Order 2002 is ours" in page
    assert 'sandbox="" srcdoc="' in answer.content.decode()
    assert "secret-token" not in page
    assert list(Message.objects.values()) == before
    assert not LetterText.objects.exists()
    assert [sql for sql in asked if sql.split()[0] in ("INSERT", "UPDATE", "DELETE")] == []


def test_a_preview_without_words_shows_those_in_use_on_the_order_asked_for(staff, shop):
    written()
    query = urlencode(LETTER | {"number": "2002"})
    assert "Order 2002 is ours" in shown(staff.get(f"{PREVIEW}?{query}"))
    query = urlencode(LETTER | {"number": "9"})
    assert "On an example: there is no order 9" in shown(staff.get(f"{PREVIEW}?{query}"))


def test_without_orders_or_the_right_to_see_them_it_is_the_example(staff, shop):
    page = shown(staff.post(PREVIEW, OWN_WORDS))
    assert "On an example." in page
    assert "Order 1042 is ours" in page
    MessageFactory.create(order_id=shop.id)
    writer = signed_in(Scope.NOTIFICATIONS_READ, Scope.NOTIFICATIONS_WRITE)
    page = shown(writer.post(PREVIEW, OWN_WORDS | {"number": "2002"}))
    assert "you may not read orders" in page
    assert "2002 is ours" not in page


@pytest.mark.parametrize("topic", wording.GAPS)
@pytest.mark.parametrize("language", wording.TRANSLATED)
def test_every_letter_has_a_preview(staff, topic, language):
    page = shown(staff.get(f"{PREVIEW}?{urlencode({'topic': topic, 'language': language})}"))
    assert wording.ours(topic, language).heading in page


def test_a_preview_of_what_cannot_be_said_says_why(staff):
    page = shown(staff.post(PREVIEW, OWN_WORDS | {"subject": "{x}"}))
    assert "Subject: There is no {x} in this letter" in page
    assert "<iframe" not in page


def test_who_may_not_write_neither_writes_nor_previews():
    text = written()
    reader, nobody = signed_in(Scope.NOTIFICATIONS_READ), signed_in(Scope.CATALOG_READ)
    assert shown(reader.get(f"{PAGE}{text.pk}/change/"))
    for client in (reader, nobody):
        answers = [
            client.post(PREVIEW, OWN_WORDS),
            client.get(f"{PREVIEW}?{urlencode(LETTER)}"),
            client.post(NEW, OWN_WORDS),
            client.post(f"{PAGE}{text.pk}/change/", OWN_WORDS),
            client.post(f"{PAGE}{text.pk}/delete/", {"post": "yes"}),
        ]
        assert [answer.status_code for answer in answers] == [403] * 5
    assert LetterText.objects.get().version == 1


def test_a_letter_that_there_is_not_has_no_preview(staff):
    for asked in ({"topic": "weather", "language": "en"}, {"topic": "welcome", "language": "fr"}, {}):
        assert staff.get(f"{PREVIEW}?{urlencode(asked)}").status_code == 404
    assert staff.get(f"{PAGE}{new_id()}/change/").status_code in (302, 404)
