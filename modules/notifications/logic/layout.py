"""How a letter looks: words and figures become HTML and plain text; the style sheet goes into each tag."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from css_inline import CSSInliner
from django.conf import settings
from django.template import Context
from django.template.loader import select_template

from modules.notifications.logic import wording
from modules.notifications.logic.wording import Words

LONGEST_SUBJECT = 255
_GAP_OF_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A text in one language, as plain text and as HTML."""

    language: str
    subject: str
    text: str
    html: str


def compose(topic: str, language: str, words: Words, values: Mapping[str, Any]) -> Letter:
    """The letter that these words and values make; the same of the same, and nobody is asked for anything."""
    told = {**values, "shop": settings.SHOP_NAME}
    said = {name: told.get(name, "") for name in wording.GAPS[topic]}
    # A header is one line, whatever is in it.
    subject = " ".join(wording.fill(words.subject, said).split())[:LONGEST_SUBJECT]
    context = told | {
        "language": language,
        "imprint": settings.SHOP_ADDRESS,
        "labels": words.labels,
        "subject": subject,
        "preheader": wording.fill(words.preheader, said),
        "heading": wording.fill(words.heading, said),
        "introduction": wording.paragraphs(wording.fill(words.introduction, said)),
        "closing": wording.paragraphs(wording.fill(words.closing, said)),
    }
    text = _rendered([f"{topic}/body.txt", "letter.txt"], context, autoescape=False)
    return Letter(
        language=language,
        subject=subject,
        text=_GAP_OF_LINES.sub("\n\n", text).strip() + "\n",
        html=page([f"{topic}/body.html", "letter.html"], context),
    )


def page(templates: list[str], context: dict[str, Any]) -> str:
    """HTML of the first of these templates that there is, its styles in its tags."""
    return _inliner().inline(_rendered(templates, context, autoescape=True)) + "\n"


def _rendered(templates: list[str], context: dict[str, Any], *, autoescape: bool) -> str:
    template: Any = select_template([f"notifications/{name}" for name in templates])
    text: str = template.template.render(Context(context, autoescape=autoescape))
    return text


@cache
def _inliner() -> CSSInliner:
    """Made once: reading the style sheet costs more than a letter does. It fetches nothing."""
    css = (wording.TEMPLATES / "mail.css").read_text(encoding="utf-8")
    return CSSInliner(extra_css=css, keep_style_tags=True, load_remote_stylesheets=False)
