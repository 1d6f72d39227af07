"""A category's picture: sent by staff, shown in the place of the one before once its sizes are made."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO
from uuid import UUID

from django.db.models import QuerySet

from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import NotFound
from ecommerce.kernel.ids import new_id
from modules.catalog.logic import sent_images, tree
from modules.catalog.logic.categories import CategoryNotFound
from modules.catalog.logic.image_files import check_image
from modules.catalog.models import Category, CategoryImage

READY = CategoryImage.State.READY


def set_image(*, slug: str, file: BinaryIO) -> CategoryImage:
    """Give the category a picture, instead of the one that it has, and of one that still waits. Refuses what is no
    picture (image_files) and a category that is not there; Unavailable while the store is away."""
    content = file.read()
    check_image(content)
    _find(slug)
    image = CategoryImage(id=new_id())
    sent_images.receive(image.id, content)
    with atomic(Category):
        tree.lock_tree()
        image.category = _find(slug)
        sent_images.drop(_pictures(image.category).exclude(state=READY))
        sent_images.insert(image)
    return image


def get_image(*, slug: str) -> CategoryImage:
    """The picture that was sent last; refuses a category that has none."""
    image = _pictures(_find(slug)).order_by("-created_at", "-id").first()
    if image is None:
        raise NotFound("The category has no picture.")
    return image


def remove_image(*, slug: str) -> None:
    """Leave the category without a picture; repeatable."""
    with atomic(Category):
        tree.lock_tree()
        category = _find(slug)
        sent_images.drop(_pictures(category))
        _show(category, "")


def remove_images(category: Category) -> None:
    """All pictures of a category that is being deleted."""
    sent_images.drop(_pictures(category))


@contextmanager
def replacing(image_id: UUID) -> Iterator[None]:
    """One transaction, in which this picture becomes ready: it takes the place of the one before. Refuses one that was
    removed meanwhile."""
    with atomic(Category):
        tree.lock_tree()
        category = Category.objects.filter(pictures=image_id).first()
        if category is None:
            raise CategoryNotFound
        sent_images.drop(_pictures(category).filter(state=READY))
        yield
        _show(category, CategoryImage.objects.get(id=image_id).renditions["large"]["url"])


def _find(slug: str) -> Category:
    category = Category.objects.filter(slug=slug).first()
    if category is None:
        raise CategoryNotFound
    return category


def _pictures(category: Category) -> QuerySet[CategoryImage]:
    return CategoryImage.objects.filter(category_id=category.id)


def _show(category: Category, address: str) -> None:
    if category.image != address:
        category.image = address
        category.version += 1
        # Named, so that the products that come and go meanwhile are not counted back.
        category.save(update_fields=["image", "version"])
        tree.announce([category.id])
