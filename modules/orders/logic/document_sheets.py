"""The paper of a document: its fonts, its margins, and the foot of each page."""

from collections.abc import Mapping, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

# DejaVu Sans has Latin, Greek, Cyrillic and the signs of currencies; not Chinese, Japanese or Korean.
REGULAR, BOLD = "DejaVuSans", "DejaVuSans-Bold"
FONTS = Path(__file__).resolve().parents[1] / "fonts"
FOOT_SIZE, FOOT_LEADING = 7, 9
MARGIN, FOOT = 20 * mm, 14 * mm
WIDTH = A4[0] - 2 * MARGIN


@cache
def register_fonts() -> None:
    """Read the fonts once for each process; what a document uses of them is embedded in it."""
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, FONTS / f"{name}.ttf"))


def printed(story: list[Flowable], foot: Sequence[str], page_of: str, about: Mapping[str, str]) -> bytes:
    """A story on A4 as PDF, with the foot below each page; `about` is what the file tells of itself."""
    written, below = BytesIO(), _foot_height(foot)
    # No padding: tables and paragraphs begin at one edge.
    frame = Frame(MARGIN, below, WIDTH, A4[1] - MARGIN - below, 0, 0, 0, 0)
    # Invariant: neither the time nor chance goes into the file.
    sheets = BaseDocTemplate(written, pagesize=A4, pageTemplates=[PageTemplate(frames=[frame])], invariant=1, **about)
    sheets.build(story, canvasmaker=_numbered_sheets(foot, page_of))
    return written.getvalue()


def _numbered_sheets(foot: Sequence[str], page_of: str) -> type[Canvas]:
    """A canvas that writes the foot below every page, and which of how many it is: known when all are drawn."""

    class NumberedSheets(Canvas):  # type: ignore[misc]  # the library has no types
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._drawn: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802  (the library's)
            self._drawn.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self._drawn, start=1):
                self.__dict__.update(page)
                _write_foot(self, [*foot, page_of.format(page=number, pages=len(self._drawn))])
                super().showPage()
            super().save()

    return NumberedSheets


def _foot_height(foot: Sequence[str]) -> float:
    """How much room the foot takes above the paper's edge, with the page's number and some air."""
    height: float = FOOT + FOOT_LEADING * (len(_lines(foot)) + 3)
    return height


def _write_foot(canvas: Any, foot: Sequence[str]) -> None:
    lines = _lines(foot)
    top = FOOT + FOOT_LEADING * (len(lines) - 1)
    canvas.setStrokeColor(colors.HexColor("#999999"))
    canvas.setLineWidth(0.4)
    canvas.line(MARGIN, top + 10, MARGIN + WIDTH, top + 10)
    canvas.setFillColor(colors.HexColor("#444444"))
    canvas.setFont(REGULAR, FOOT_SIZE)
    for place, line in enumerate(lines):
        canvas.drawString(MARGIN, top - place * FOOT_LEADING, line)


def _lines(foot: Sequence[str]) -> list[str]:
    return [line for part in foot for line in simpleSplit(part, REGULAR, FOOT_SIZE, WIDTH)]
