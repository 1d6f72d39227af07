"""Letters in a browser: looked at on each screen, by day and by night, and photographed."""

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.mail.letters import Sample

LOOK = (Path(__file__).parent / "look.js").read_text(encoding="utf-8")
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
GAP = 16
BEHIND = (212, 212, 216)
COLOURS = 64


class Screen(NamedTuple):
    """A width in CSS pixels, by day or by night, and how wide it stands in the picture (0: not at all)."""

    width: int
    scheme: Literal["light", "dark"]
    in_picture: int


SCREENS = (
    Screen(1280, "light", 640),
    Screen(390, "light", 390),
    Screen(390, "dark", 390),
    Screen(1280, "dark", 0),
    Screen(320, "light", 0),
)


class NoBrowser(Exception):
    """No Chromium or Chrome is installed."""


class Studio:
    """A browser with one page for each screen."""

    def __init__(self, browser: Browser) -> None:
        self._pages = [(screen, _page(browser, screen)) for screen in SCREENS]

    def look_at(self, sample: Sample) -> tuple[list[str], Image.Image]:
        """What is wrong with a letter on any screen, and a picture of it on those that are to be shown."""
        problems, shots = [], []
        for screen, page in self._pages:
            page.set_content(sample.letter.html)
            found = page.evaluate(LOOK, sample.language)
            problems += [f"{screen.width} px, {screen.scheme}: {problem}" for problem in found]
            if screen.in_picture:
                shots.append(_shot(page, screen.in_picture))
        return problems, _side_by_side(shots)


@contextmanager
def studio() -> Iterator[Studio]:
    """Open the browser that is installed, offline; refuses with NoBrowser where there is none."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise NoBrowser("Install Chromium (on Debian: apt-get install chromium), then repeat.")
    with sync_playwright() as playwright:
        # As root, as in containers, Chromium starts without its sandbox only; the mails are ours.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield Studio(browser)
        finally:
            browser.close()


def save(picture: Image.Image, path: Path) -> None:
    """As a PNG of few colours: nothing on it needs more."""
    few = picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


def _page(browser: Browser, screen: Screen) -> Page:
    size = {"width": screen.width, "height": 700}
    context = browser.new_context(viewport=size, color_scheme=screen.scheme, offline=True)  # type: ignore[arg-type]
    return context.new_page()


def _shot(page: Page, width: int) -> Image.Image:
    image = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    return image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS)


def _side_by_side(shots: list[Image.Image]) -> Image.Image:
    width = sum(shot.width + GAP for shot in shots) + GAP
    picture = Image.new("RGB", (width, max(shot.height for shot in shots) + 2 * GAP), BEHIND)
    left = GAP
    for shot in shots:
        picture.paste(shot, (left, GAP))
        left += shot.width + GAP
    return picture
