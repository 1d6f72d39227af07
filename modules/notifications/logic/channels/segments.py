"""How many messages an SMS is: what is longer than one is sent, and paid for, in several.

3GPP TS 23.038: the 7-bit default alphabet (6.2.1) and its extension table (6.2.1.1), else UCS-2 in units of 16 bits.
3GPP TS 23.040, 9.2.3.24.1: the parts of a long one have a header of six octets, so 153 or 67 instead of 160 or 70.
"""

from collections.abc import Iterable
from dataclasses import dataclass

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")


@dataclass(frozen=True, kw_only=True)
class Length:
    """How an SMS is written, and in how many parts."""

    is_gsm: bool
    segments: int


def measure(text: str) -> Length:
    """The length of this text; none is empty."""
    is_gsm = set(text) <= _BASIC | _EXTENDED
    if is_gsm:
        return Length(is_gsm=True, segments=_parts((2 if sign in _EXTENDED else 1 for sign in text), 160, 153))
    return Length(is_gsm=False, segments=_parts((2 if ord(sign) > 0xFFFF else 1 for sign in text), 70, 67))


def _parts(widths: Iterable[int], alone: int, among_others: int) -> int:
    """No sign is cut in two: one that does not fit into what is left of a part begins the next."""
    widths = list(widths)
    if sum(widths) <= alone:
        return 1
    parts, used = 1, 0
    for width in widths:
        if used + width > among_others:
            parts, used = parts + 1, 0
        used += width
    return parts
