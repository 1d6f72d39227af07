"""Pictures that staff send, of whatever: received before they have a row, and let go of with their row."""

from collections.abc import Iterable
from functools import partial
from uuid import UUID

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import KombuError

from ecommerce.kernel import clock
from ecommerce.kernel.db import alias_of, atomic
from modules.catalog.logic import media
from modules.catalog.models import DiscardedFile, SentImage

MAKE_RENDITIONS = "catalog.make_renditions"
# Behind what a buyer waits for: a hundred pictures may come at once.
LAST = 9

log = structlog.get_logger(__name__)


def receive(image_id: UUID, content: bytes) -> None:
    """Put what was sent into the store; nobody misses it until a row keeps it. Unavailable while the store is away."""
    original = media.original_name(image_id)
    with atomic(DiscardedFile):
        media.announce([original])
    media.write(original, content)


def insert(image: SentImage) -> None:
    """In a transaction: the row of a picture that was received, and of which a worker is told on commit."""
    image.original = media.original_name(image.id)
    image.created_at = image.due_at = clock.now()
    media.keep([image.original])
    image.save(force_insert=True)
    transaction.on_commit(partial(_tell_worker, image.id), using=alias_of("catalog"), robust=True)


def drop(images: Iterable[SentImage]) -> None:
    """In a transaction: delete these rows, and let their files go."""
    rows = list(images)
    # Before the files, as who gives a picture up does: he holds its row and no lock of its owner.
    for model in {type(image) for image in rows}:
        model._default_manager.filter(id__in=[image.id for image in rows]).delete()
    media.discard({name for image in rows for name in _files_of(image)})


def _files_of(image: SentImage) -> set[str]:
    pictures = {media.name_of(size["url"]) for size in image.renditions.values()}
    return pictures | ({image.original} if image.original else set())


def _tell_worker(image_id: UUID) -> None:
    """A worker begins at once; when the broker is away, the sweep finds the picture."""
    try:
        current_app.send_task(MAKE_RENDITIONS, args=[str(image_id)], retry=False, priority=LAST)
    except KombuError as error:
        log.warning("image_not_told", error=repr(error))
