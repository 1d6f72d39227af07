"""Pictures of products: each in three sizes, their addresses absolute wherever they are shown."""

import msgspec
from django.conf import settings

# What the stored addresses of pictures begin with, wherever they are.
MEDIA = "/media/"


class Rendition(msgspec.Struct, frozen=True):
    """A picture in one size."""

    url: str
    width: int
    height: int


class Image(msgspec.Struct, frozen=True):
    """A picture in three sizes, with the words for who does not see it."""

    alt: str
    small: Rendition
    medium: Rendition
    large: Rendition


def read_image(document: str | None) -> Image | None:
    """An image from its JSON as stored."""
    return _absolute(msgspec.json.decode(document, type=Image)) if document else None


def read_images(document: str) -> list[Image]:
    """All images from their JSON as stored."""
    return [_absolute(image) for image in msgspec.json.decode(document, type=list[Image])]


def absolute_url(url: str) -> str:
    """The address as a storefront on another host can use it: pictures of our own are stored by their path, and those
    from the store of files may be on a host of their own today (MEDIA_URL)."""
    if url.startswith(MEDIA):
        url = settings.MEDIA_URL + url.removeprefix(MEDIA)
    return settings.PUBLIC_URL + url if url.startswith("/") else url


def _absolute(image: Image) -> Image:
    return Image(image.alt, _found(image.small), _found(image.medium), _found(image.large))


def _found(size: Rendition) -> Rendition:
    return Rendition(absolute_url(size.url), size.width, size.height)
