"""What staff send as a picture, judged by its bytes before anything is kept: its name and its type say nothing."""

import io
import warnings
from collections.abc import Callable

from PIL import Image, UnidentifiedImageError

from ecommerce.kernel.errors import Invalid

# What a file may unfold to in memory; two bytes of a compressed file may stand for thousands of pixels.
MOST_PIXELS = 50_000_000
# Of a progressive JPEG; programs write about ten.
MOST_SCANS = 100
# Nothing else is tried: Pillow reads dozens of formats, and each is a way in.
FORMATS = ("JPEG", "PNG", "WEBP")
# Pillow itself refuses twice as many; of those between it would only warn.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("ignore", Image.DecompressionBombWarning)


class UnsupportedImage(Invalid):
    """This is no JPEG, PNG or WebP picture."""

    code = "unsupported_image"


class BrokenImage(Invalid):
    """The picture is cut off or damaged."""

    code = "broken_image"


class ImageTooLarge(Invalid):
    """The picture has too many pixels."""

    # details: `most_pixels`
    code = "image_too_large"


def check_image(content: bytes) -> None:
    """Refuse what is no picture of ours, has too many pixels, or ends too early. Unfolds nothing: only the header and
    the structure are read, so a file that is damaged further in is found out by who makes the sizes."""
    image = open_image(content)
    check_pixels(image)
    if not _IS_WHOLE[image.format or ""](content):
        raise BrokenImage


def check_pixels(image: Image.Image) -> None:
    """Refuse (ImageTooLarge) what would unfold to too much."""
    if image.width * image.height > MOST_PIXELS:
        raise ImageTooLarge(most_pixels=MOST_PIXELS)


def open_image(content: bytes) -> Image.Image:
    """The picture with its header read; refuses what has none of ours, and one that cannot be read."""
    try:
        return Image.open(io.BytesIO(content), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise ImageTooLarge(most_pixels=MOST_PIXELS) from error
    except MemoryError:
        raise
    except UnidentifiedImageError as error:
        raise UnsupportedImage from error
    except Exception as error:  # whatever a hostile header does to a decoder
        raise BrokenImage from error


def _jpeg_is_whole(content: bytes) -> bool:
    """Whether the mark of its end comes after the pixels (a thumbnail in the header has one too), and whether these are
    told in a few goes: each costs a walk over all of them, however few bytes it has."""
    at = 2
    while content[at : at + 1] == b"\xff" and content[at + 1 : at + 2] != b"\xda":
        if content[at + 1 : at + 2] == b"\xff":
            at += 1
            continue
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return content.find(b"\xff\xd9", at) > 0 and content.count(b"\xff\xda", at) <= MOST_SCANS


def _png_is_whole(content: bytes) -> bool:
    """Whether its pieces are all there, each with the right sum."""
    try:
        open_image(content).verify()
    except Exception:  # as above
        return False
    return True


def _webp_is_whole(content: bytes) -> bool:
    """Whether it is as long as it says."""
    return len(content) >= 8 + int.from_bytes(content[4:8], "little")


_IS_WHOLE: dict[str, Callable[[bytes], bool]] = {
    "JPEG": _jpeg_is_whole,
    # Several pictures in one file, as some cameras write them; the first is taken.
    "MPO": _jpeg_is_whole,
    "PNG": _png_is_whole,
    "WEBP": _webp_is_whole,
}
