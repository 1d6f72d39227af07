"""The eye that judges mails sees what is wrong with one; all letters are judged by `make mail-screenshots`."""

import shutil
from dataclasses import replace

import pytest

from modules.notifications.logic import previews, wording
from modules.notifications.logic.layout import Letter
from tests.mail.browser import NAMES, studio
from tests.mail.letters import Sample

pytestmark = pytest.mark.skipif(not any(map(shutil.which, NAMES)), reason="no Chromium is installed")

GOOD = previews.preview("order_confirmed", "en", wording.ours("order_confirmed", "en"))
FAULTS = {
    "scrolls sideways": ("<h1", '<div style="width: 2000px">x</div><h1'),
    "is clipped": (
        "<h1",
        '<div style="width: 50px; overflow: hidden; white-space: nowrap">much too long a word</div><h1',
    ),
    "has a contrast of": ("<h1", '<p style="color: #999999">pale</p><h1'),
    "a gap is left: {number}": ("<h1", "<p>{number}</p><h1"),
    'lang is "de"': ('lang="en"', 'lang="de"'),
    "breaks an amount": ("white-space: nowrap", "white-space: normal; max-width: 20px; overflow-wrap: anywhere"),
    "is too low for a thumb": ("padding: 12px 24px", "padding: 1px"),
}


def sample(letter: Letter) -> Sample:
    return Sample("order_confirmed", "en", replace(letter, html=letter.html.replace("[link]", "https://shop.example")))


def test_every_fault_is_found_and_a_good_mail_has_none() -> None:
    # One browser for all: it opens in a second, and looks in a tenth.
    with studio() as opened:
        problems, picture = opened.look_at(sample(GOOD))
        found = {}
        for fault, (whole, broken) in FAULTS.items():
            assert whole in GOOD.html
            found[fault] = opened.look_at(sample(replace(GOOD, html=GOOD.html.replace(whole, broken))))[0]
    assert problems == []
    assert picture.width > 1280
    assert [fault for fault, told in found.items() if not any(fault in one for one in told)] == []
