"""The words of letters: ours, one file per letter and language, with gaps that are filled when a letter is written.

A gap is a name in braces: `Your order {number} is confirmed`. Nothing else is known: no expression, no attribute, no
template tag, so that whoever may change a text reaches no more data by it than the gaps of its letter.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from modules.notifications.models import LetterText, Message

Topic = Message.Topic

# Whoever adds a language adds a file of it to each directory of templates/notifications/ that has en.toml.
TRANSLATED = ("en", "de", "ru")
TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "notifications"
# What staff may put in other words.
CHANGEABLE = ("subject", "preheader", "heading", "introduction", "closing")
GAP = re.compile(r"\{([a-z_]+)\}")

_OF_ORDERS = ("number", "name", "shop")
_OF_PEOPLE = ("greeting", "first_name", "email", "shop")
# What may be said in each letter.
GAPS: Mapping[str, tuple[str, ...]] = {
    Topic.ORDER_CONFIRMED: (*_OF_ORDERS, "total"),
    Topic.ORDER_SHIPPED: (*_OF_ORDERS, "carrier", "tracking_number"),
    Topic.ORDER_DELIVERED: _OF_ORDERS,
    Topic.ORDER_CANCELLED: _OF_ORDERS,
    Topic.ORDER_EDIT_OFFERED: (*_OF_ORDERS, "amount"),
    Topic.PAYMENT_FAILED: _OF_ORDERS,
    Topic.PAYMENT_REFUNDED: (*_OF_ORDERS, "amount"),
    Topic.RETURN_RECEIVED: _OF_ORDERS,
    Topic.RETURN_REJECTED: _OF_ORDERS,
    Topic.WELCOME: _OF_PEOPLE,
    Topic.EMAIL_VERIFICATION: _OF_PEOPLE,
    Topic.PASSWORD_RESET: _OF_PEOPLE,
    Topic.PASSWORD_CHANGED: _OF_PEOPLE,
    Topic.CART_ABANDONED: ("greeting", "first_name", "shop"),
    Topic.BACK_IN_STOCK: ("greeting", "first_name", "title", "shop"),
    Topic.REVIEW_REQUEST: ("greeting", "first_name", "number", "shop"),
    Topic.PAYMENT_DISPUTED: ("number", "amount", "reason", "due", "shop"),
    Topic.REFUND_FAILED: ("number", "amount", "shop"),
    Topic.WEBHOOK_DISABLED: ("address", "reason", "shop"),
    # By then nobody is known any more.
    Topic.ACCOUNT_ERASED: ("shop",),
}


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a letter says in one language, with its gaps; a blank line begins a paragraph.

    `labels` are the words of its structure: the button, the sums.
    """

    subject: str
    preheader: str
    heading: str
    introduction: str
    closing: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


def spoken(wanted: str) -> str:
    """The language to write in: the wanted one where we have it, else the shop's own."""
    asked = wanted.replace("_", "-").split("-")[0].lower()
    shops = settings.LANGUAGE_CODE.split("-")[0]
    return next((language for language in (asked, shops) if language in TRANSLATED), TRANSLATED[0])


def current(topic: str, language: str) -> Words:
    """The words that the shop uses now: those of its staff, else ours. One statement, by an index."""
    changed = LetterText.objects.filter(topic=topic, language=language).values(*CHANGEABLE).first()
    return with_texts(topic, language, changed or {})


def with_texts(topic: str, language: str, texts: Mapping[str, str]) -> Words:
    """Ours, with these in place of what staff may put in other words."""
    return replace(ours(topic, language), **texts)  # type: ignore[arg-type]  # these are texts, not labels


@cache
def ours(topic: str, language: str) -> Words:
    """The words that come with the shop."""
    read = in_file(str(topic), language)
    shared = in_file("labels", language)
    texts = {name: text.strip() for name, text in read.items() if name != "labels"}
    return Words(**texts, labels=shared | read.get("labels", {}))


@cache
def in_file(directory: str, language: str) -> dict[str, Any]:
    """What a directory of the templates says in this language."""
    return tomllib.loads((TEMPLATES / directory / f"{language}.toml").read_text(encoding="utf-8"))


def fill(text: str, values: Mapping[str, Any]) -> str:
    """The text with its gaps filled; what stands in a value is never read as a gap."""
    return GAP.sub(lambda gap: str(values[gap[1]]), text)


def paragraphs(text: str) -> list[list[str]]:
    """Its paragraphs, each of lines; neither has blanks at its ends."""
    parts = (part.strip() for part in re.split(r"\n\s*\n", text.strip()))
    return [[line.strip() for line in part.splitlines()] for part in parts if part]
