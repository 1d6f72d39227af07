"""Every letter in every language, without a browser: `make mail-screenshots` looks at them in one."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest

from ecommerce.kernel.amounts import in_words_of
from modules.notifications.logic import letter_texts, previews, wording
from modules.notifications.logic.layout import Letter
from modules.notifications.models import Message

EVERY = [(str(topic), language) for topic in wording.GAPS for language in wording.TRANSLATED]
VOID = {"meta", "br", "img", "hr", "input", "link"}
# One with tax on top, one with tax within, one without decimals.
CURRENCIES = {"en": "USD", "de": "EUR", "ru": "JPY"}


class Parsed(HTMLParser):
    """Tags that are closed in order, and those with a class that no style sheet was written into."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.language: str | None = None
        self.undressed: list[str | None] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "html":
            self.language = given["lang"]
        if "class" in given and not given.get("style"):
            self.undressed.append(given["class"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def letter(topic: str, language: str) -> Letter:
    order = previews.example_order(language, CURRENCIES[language])
    return previews.preview(topic, language, wording.ours(topic, language), order)


def test_no_topic_is_without_words():
    assert set(wording.GAPS) == set(Message.Topic)


@pytest.mark.parametrize(("topic", "language"), EVERY)
def test_every_letter_is_whole_in_every_language(topic, language):
    written = letter(topic, language)
    html = Parsed(written.html)

    assert (html.language, html.open, html.undressed) == (language, [], [])
    assert written.subject
    assert "\n" not in written.subject
    for body in (written.text, written.subject, unescape(written.html.partition("</head>")[2])):
        assert not re.search(r"\{\{|\}\}|\{%|\{[a-z_]+\}|None", body)
    assert "\n\n\n" not in written.text
    heading = wording.ours(topic, language).heading
    assert written.text.startswith(f"{heading}\n\n")
    assert f">{heading}</h1>" in unescape(written.html)
    assert "@media (prefers-color-scheme: dark)" in written.html
    assert "http" not in re.sub(r'href="[^"]*"|>http[^<]*<', "", written.html), "nothing is fetched from elsewhere"


@pytest.mark.parametrize(("topic", "language"), EVERY)
def test_our_own_words_are_such_as_staff_may_write(topic, language):
    words = wording.ours(topic, language)
    texts = {name: getattr(words, name) for name in wording.CHANGEABLE}
    assert letter_texts.judged(topic, language, texts) == texts


@pytest.mark.parametrize("topic", wording.GAPS)
def test_a_letter_has_the_same_words_and_gaps_in_all_languages(topic):
    in_all = [wording.ours(topic, language) for language in wording.TRANSLATED]
    assert len({frozenset(words.labels) for words in in_all}) == 1
    for name in ("subject", "introduction", "closing"):
        said = [getattr(words, name) for words in in_all]
        assert len({frozenset(wording.GAP.findall(text)) for text in said}) == 1
        assert len({bool(text) for text in said}) == 1


@pytest.mark.parametrize(
    ("language", "total", "tax_is_on_top"),
    [("en", "$1,057.70", True), ("de", "978,70\xa0€", False), ("ru", "976\xa0¥", False)],
)
def test_amounts_are_written_as_the_language_writes_them_and_stand_in_both_bodies(language, total, tax_is_on_top):
    written, order = letter("order_confirmed", language), previews.example_order(language, CURRENCIES[language])
    assert in_words_of(language, order.total) == total
    labels = wording.in_file("labels", language)
    assert f"{labels['total']}: {total}" in written.text
    assert (f"{labels['tax_included']}: " in written.text) == (not tax_is_on_top)
    for line in order.lines:
        for body in (written.text, unescape(written.html)):
            assert in_words_of(language, line.total) in body


def test_an_amount_is_never_broken_and_stands_at_the_right():
    cells = re.findall(r'<td class="[^"]*amount"[^>]*style="([^"]*)"', letter("order_confirmed", "de").html)
    assert len(cells) == 8
    assert all("white-space: nowrap" in style and "text-align: right" in style for style in cells)


def test_what_a_value_holds_is_no_gap():
    assert wording.fill("{first_name}, {email}", {"first_name": "{email}", "email": "a@b"}) == "{email}, a@b"


def test_paragraphs_and_lines_are_kept_as_they_were_typed():
    assert wording.paragraphs("\n one \ntwo\n \n\n three\n") == [["one", "two"], ["three"]]
