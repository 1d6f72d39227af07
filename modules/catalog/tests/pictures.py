"""Picture files in tests, and the store they are kept in."""

import io
from pathlib import Path
from typing import Any

from django.conf import settings
from PIL import Image, ImageCms

from ecommerce.media_storage import directory
from modules.catalog.logic import image_making, product_images
from modules.catalog.models import Product, ProductImage

RED, BLUE = (200, 30, 30), (30, 30, 200)


def picture(size: tuple[int, int] = (64, 48), colour: Any = RED, *, mode: str = "RGB") -> Image.Image:
    return Image.new(mode, size, colour)


def halves(size: tuple[int, int] = (200, 100)) -> Image.Image:
    """Red on the left, blue on the right."""
    image = picture(size)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    return image


def file_of(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def jpeg(size: tuple[int, int] = (64, 48), **options: Any) -> bytes:
    return file_of(picture(size), "JPEG", **options)


def photograph(orientation: int = 1) -> bytes:
    """A JPEG as a camera writes it: where it was taken, how the camera was held, and by whom."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x013B] = "Ada Lovelace"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 36.0)})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return file_of(halves(), "JPEG", exif=exif, icc_profile=profile, comment=b"<script>alert(1)</script>", quality=95)


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content), formats=["WEBP"])


def chunks(content: bytes) -> list[str]:
    """The names of the parts that a WebP file has."""
    names, at = [], 12
    while at < len(content):
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        names.append(content[at : at + 4].decode())
        at += 8 + length + length % 2
    return names


def pixel(image: Image.Image, at: tuple[int, int]) -> tuple[int, ...]:
    """A pixel of a picture in colour."""
    value = image.getpixel(at)
    assert isinstance(value, tuple)
    return value


def near(one: Any, other: tuple[int, ...], by: int = 12) -> bool:
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


def in_directory(root: Path) -> dict[str, Any]:
    return settings.STORAGES | {"default": directory(root)}


def files_in(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def add(product: Product, content: bytes | None = None, **options: Any) -> ProductImage:
    """A picture that waits."""
    image_id = product_images.add_image(
        product_id=product.id, file=io.BytesIO(jpeg() if content is None else content), **options
    )
    return ProductImage.objects.get(id=image_id)


def add_ready(product: Product, content: bytes | None = None, **options: Any) -> ProductImage:
    """A picture that is shown."""
    image = add(product, content, **options)
    assert image_making.make_renditions(image_id=image.id)
    image.refresh_from_db()
    assert image.state == "ready"
    return image
