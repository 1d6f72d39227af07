"""What staff let letters say in their own words: judged when it is written, used from the next letter on."""

from collections.abc import Iterator, Mapping

from django.db import IntegrityError, models

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Invalid, PreconditionFailed
from modules.notifications.logic import wording
from modules.notifications.models import LetterText

LONGEST = {"subject": 150, "preheader": 200, "heading": 150, "introduction": 5000, "closing": 5000}
OF_ONE_LINE = ("subject", "preheader", "heading")
NEEDED = ("subject", "heading", "introduction")


class UnknownLetter(Invalid):
    """There is no such letter in this language."""

    code = "unknown_letter"


class TextNotUsable(Invalid):
    """A letter cannot say this."""

    # Its details are the `errors`, each with field, code and detail.
    code = "text_not_usable"


def write(*, topic: str, language: str, texts: Mapping[str, str], version: int) -> LetterText:
    """Let a letter say this; `version` is that of the text that was seen, 0 where the shop's own words were.

    Refuses texts with unknown gaps, stray braces or too many letters (TextNotUsable), letters and languages that there
    are none of (UnknownLetter), and whoever has not seen the latest text (PreconditionFailed).
    """
    tidy = judged(topic, language, texts)
    try:
        with atomic(LetterText):
            return _written(topic, language, tidy, version)
    except IntegrityError as error:
        if "letter_text_once" not in str(error):
            raise
        raise PreconditionFailed(version=1) from error


def take_back(*, topic: str, language: str) -> None:
    """The letter says again what comes with the shop; repeating is safe."""
    LetterText.objects.filter(topic=topic, language=language).delete()


def judged(topic: str, language: str, texts: Mapping[str, str]) -> dict[str, str]:
    """The texts without needless blanks, or the refusal of what cannot be used, as in `write`."""
    if topic not in wording.GAPS or language not in wording.TRANSLATED:
        raise UnknownLetter
    tidy = {name: _tidied(name, texts.get(name, "")) for name in wording.CHANGEABLE}
    errors = [
        {"field": name, "code": TextNotUsable.code, "detail": detail}
        for name, text in tidy.items()
        for detail in complaints(topic, name, text)
    ]
    if errors:
        raise TextNotUsable(errors=errors)
    return tidy


def complaints(topic: str, name: str, text: str) -> Iterator[str]:
    """What is wrong with a text, in sentences for whoever has typed it."""
    if not text and name in NEEDED:
        yield "Say something."
    if len(text) > LONGEST[name]:
        yield f"At most {LONGEST[name]} letters; these are {len(text)}."
    known = wording.GAPS[topic]
    unknown = sorted(set(wording.GAP.findall(text)) - set(known))
    if unknown:
        yield f"There is no {_in_braces(unknown)} in this letter, but {_in_braces(known)}."
    rest = wording.GAP.sub("", text)
    if "{" in rest or "}" in rest:
        yield f"Braces stand around a name only, without blanks: {_in_braces(known)}."
    if any(not letter.isprintable() and letter != "\n" for letter in text):
        yield "It holds a letter that cannot be shown."


def _in_braces(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)


def _tidied(name: str, text: str) -> str:
    if name in OF_ONE_LINE:
        return " ".join(text.split())
    return "\n".join(line.replace("\t", " ").rstrip() for line in text.replace("\r\n", "\n").split("\n")).strip()


def _written(topic: str, language: str, texts: Mapping[str, str], version: int) -> LetterText:
    found: models.QuerySet[LetterText] = LetterText.objects.select_for_update().filter(topic=topic, language=language)
    text = found.first()
    if version != (text.version if text else 0):
        raise PreconditionFailed(version=text.version if text else 0)
    if text is None:
        return LetterText.objects.create(topic=topic, language=language, changed_at=clock.now(), **texts)
    for field, value in {**texts, "version": text.version + 1, "changed_at": clock.now()}.items():
        setattr(text, field, value)
    text.save()
    return text
