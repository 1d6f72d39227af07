"""A picture made into the sizes that shoppers see: upright, in sRGB, as WebP, and nothing in it but its pixels."""

import io
from contextlib import suppress
from typing import NamedTuple

from PIL import Image, ImageCms, ImageOps

from modules.catalog.logic.image_files import BrokenImage, check_pixels, open_image

# What the longer side has at most: a card on a phone, a card on a large screen, the product's own page. A small picture
# is never enlarged.
SIZES = {"small": 320, "medium": 800, "large": 1600}
LARGEST = max(SIZES.values())
QUALITY = 80
# So many times the largest size is read, for a fair average of the pixels.
GAP = 2.0
SRGB = ImageCms.createProfile("sRGB")


class Rendered(NamedTuple):
    """A picture in one size, as a file."""

    content: bytes
    width: int
    height: int


def render(content: bytes) -> dict[str, Rendered]:
    """Each size by its name; the same bytes give the same files. Refuses (BrokenImage, ImageTooLarge) what cannot be
    unfolded. docs/benchmarks.md says what the largest pictures cost."""
    image = open_image(content)
    check_pixels(image)
    try:
        image = _in_srgb(_upright(_shrunk(image)))
        return {name: _as_webp(image, size) for name, size in SIZES.items()}
    except MemoryError:
        raise
    except Exception as error:  # whatever a hostile file does to a decoder is the file's fault
        raise BrokenImage from error


def _shrunk(image: Image.Image) -> Image.Image:
    """First of all, since whatever comes after costs by the pixel."""
    scale = GAP * LARGEST / max(image.size)
    # JPEG alone can be read at an eighth to a half of its size.
    image.draft(None, (max(1, int(image.width * scale)), max(1, int(image.height * scale))))
    image.load()
    image = _averageable(image)
    image.thumbnail((LARGEST, LARGEST), Image.Resampling.LANCZOS, reducing_gap=GAP)
    return image


def _averageable(image: Image.Image) -> Image.Image:
    """A palette's numbers cannot be averaged, and sixteen bits are more than is shown."""
    if image.mode.startswith("I;16"):
        # Converting alone would cut off at 255 instead of dividing.
        return image.point(lambda value: value * (1 / 256)).convert("L")
    wanted = "RGBA" if image.has_transparency_data else "RGB"
    # Converting to what it is would be a second copy of it.
    return image if image.mode in (wanted, "L", "CMYK") else image.convert(wanted)


def _upright(image: Image.Image) -> Image.Image:
    """As the camera was held; what its note of that cannot be read stays as it is."""
    with suppress(Exception):
        ImageOps.exif_transpose(image, in_place=True)
    return image


def _in_srgb(image: Image.Image) -> Image.Image:
    """Its colours as a browser takes them that is told nothing about them, and nothing else of it."""
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    colours = image.convert("RGB") if alpha else image
    if profile := image.info.get("icc_profile"):
        # One that does not fit its picture is as good as none.
        with suppress(ImageCms.PyCMSError, OSError, ValueError):
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            colours = ImageCms.profileToProfile(colours, own, SRGB, outputMode="RGB") or colours
    colours = colours.convert("RGB")
    if alpha:
        colours.putalpha(alpha)
    colours.info = {}
    return colours


def _as_webp(image: Image.Image, size: int) -> Rendered:
    fitted = image.copy()
    fitted.thumbnail((size, size), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    fitted.save(file, "WEBP", quality=QUALITY)
    return Rendered(file.getvalue(), fitted.width, fitted.height)
