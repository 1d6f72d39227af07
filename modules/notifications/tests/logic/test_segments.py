"""How many messages an SMS is: 3GPP TS 23.038 and 23.040."""

import pytest

from modules.notifications.logic.channels.segments import measure

EMOJI = "\N{GRINNING FACE}"


@pytest.mark.parametrize(
    ("text", "is_gsm", "segments"),
    [
        ("a", True, 1),
        ("a" * 160, True, 1),
        ("a" * 161, True, 2),
        ("a" * 306, True, 2),
        ("a" * 307, True, 3),
        ("Grüße aus Köln, für 5 Å?\n@£$¥ÇØΔΩ", True, 1),
        # From the extension table: two each.
        ("€" * 80, True, 1),
        ("€" * 81, True, 2),
        ("[]{}\\^~|\f€" * 8, True, 1),
        # 153 is odd: the last sign of a part does not fit in, and begins the next.
        ("€" * 76 * 2, True, 2),
        ("€" * 77 * 2, True, 3),
        ("a" + "€" * 152, True, 2),
        # Not of its alphabet: all of it in units of 16 bits.
        ("ç" + "a" * 69, False, 1),
        ("`" + "a" * 70, False, 2),
        ("я" * 70, False, 1),
        ("я" * 71, False, 2),
        ("я" * 134, False, 2),
        ("я" * 135, False, 3),
        (EMOJI * 35, False, 1),
        (EMOJI * 36, False, 2),
        # 67 is odd: a pair is not cut in two.
        (EMOJI * 66, False, 2),
        (EMOJI * 67, False, 3),
        ("…", False, 1),
    ],
)
def test_a_text_is_as_long_as_the_network_counts(text: str, is_gsm: bool, segments: int) -> None:
    assert (measure(text).is_gsm, measure(text).segments) == (is_gsm, segments)
