"""Making the sizes of pictures, by workers, under a lease: whoever has lost it changes nothing more.

Killed anywhere it is done again, with the same files. A file that cannot be unfolded is given up at once; while the
store is away the picture waits, as long as it takes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import structlog
from django.db.models import QuerySet

from ecommerce.kernel import clock
from ecommerce.kernel.backoff import next_attempt
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Invalid, NotFound, Unavailable
from ecommerce.kernel.ids import new_id
from modules.catalog.logic import category_images, media
from modules.catalog.logic.database import fetch
from modules.catalog.logic.edits import editing
from modules.catalog.logic.renditions import Rendered, render
from modules.catalog.logic.shown_images import show_images
from modules.catalog.models import CategoryImage, DiscardedFile, ProductImage, SentImage

# Longer than the largest picture takes, with a store that answers slowly.
LEASE = timedelta(minutes=2)
# A picture that kills its worker so often in a row is given up.
MOST_CRASHES = 3
# An original that is not in the store may be in a volume that is not there: so long it is looked for.
PATIENCE = timedelta(days=1)
# A sweep leaves the worker to others after so long.
AT_ONCE, SWEEP = 100, timedelta(seconds=10)
KINDS: tuple[type[SentImage], ...] = (ProductImage, CategoryImage)

log = structlog.get_logger(__name__)


class Work(NamedTuple):
    """A picture whose sizes nobody else makes meanwhile."""

    model: type[SentImage]
    image_id: UUID
    lease: UUID
    original: str
    created_at: datetime
    attempts: int
    crashes: int

    @property
    def row(self) -> QuerySet[SentImage]:
        """It, while this worker has it."""
        return self.model._default_manager.filter(id=self.image_id, lease=self.lease)


class LeaseLost(Exception):
    """Somebody else makes it by now, or it was removed."""


def make_renditions(*, image_id: UUID) -> bool:
    """Make the sizes of one picture that waits; does nothing while somebody else does, or when it is done. False where
    the store is away: the picture goes on waiting."""
    work = _claim(image_id)
    return work is None or _try(work)


def make_due() -> None:
    """Make what no worker was told of, and what was left by one that is gone, the oldest first; none while the
    store is away."""
    now = clock.now()
    for model in KINDS:
        due = model._default_manager.filter(due_at__lte=now).order_by("due_at", "id")
        for image_id in due.values_list("id", flat=True)[:AT_ONCE]:
            if clock.now() > now + SWEEP or not make_renditions(image_id=image_id):
                return


def _claim(image_id: UUID) -> Work | None:
    lease, now = new_id(), clock.now()
    values = {"lease": lease, "until": now + LEASE, "now": now, "id": image_id}
    for model in KINDS:
        for row in fetch(_CLAIM.format(table=model._meta.db_table), values):
            return _unless_it_kills(Work(model, image_id, lease, *row))
    return None


def _unless_it_kills(work: Work) -> Work | None:
    if work.crashes < MOST_CRASHES:
        return work
    log.error("image_kills_workers", image_id=str(work.image_id))
    _fail(work, "server_error")
    return None


def _try(work: Work) -> bool:
    try:
        _make(work)
    except Invalid as refusal:
        _fail(work, refusal.code)
    except FileNotFoundError:
        _miss(work)
    except media.FileGone:
        _put_off(work)
    except Unavailable:
        _put_off(work)
        return False
    except (LeaseLost, NotFound):
        # What was written of it is announced, and deleted when it is due.
        log.info("image_making_overtaken", image_id=str(work.image_id))
    return True


def _make(work: Work) -> None:
    sizes = render(media.read(work.original))
    names = {name: media.picture_name(work.image_id, size.content) for name, size in sizes.items()}
    with atomic(DiscardedFile):
        _hold_on(work)
        media.announce(set(names.values()))
    for name, rendered in {names[size]: rendered for size, rendered in sizes.items()}.items():
        media.write(name, rendered.content)
    _finish(work, names, sizes)


def _finish(work: Work, names: dict[str, str], sizes: dict[str, Rendered]) -> None:
    with _showing(work):
        media.keep(set(names.values()))
        _settle(work, state=SentImage.State.READY, renditions={
            name: {"url": media.address_of(names[name]), "width": size.width, "height": size.height}
            for name, size in sizes.items()
        })  # fmt: skip


@contextmanager
def _showing(work: Work) -> Iterator[None]:
    """A change of what the picture is of, in which it becomes ready: shown from the commit on."""
    if work.model is CategoryImage:
        with category_images.replacing(work.image_id):
            yield
        return
    with editing(pictures=work.image_id) as edit:
        yield
        show_images(edit)


def _fail(work: Work, code: str) -> None:
    """Give it up: staff see why, shoppers see nothing of it."""
    try:
        with atomic(work.model):
            _settle(work, state=SentImage.State.FAILED, failure=code)
    except LeaseLost:
        return


def _settle(work: Work, **values: object) -> None:
    """The last that is done with it; its original has served."""
    if not work.row.update(**values, original="", lease=None, due_at=None):
        raise LeaseLost
    media.discard([work.original])


def _miss(work: Work) -> None:
    if work.created_at < clock.now() - PATIENCE:
        _fail(work, "original_lost")
    else:
        _put_off(work)


def _put_off(work: Work) -> None:
    attempts = work.attempts + 1
    work.row.update(lease=None, attempts=attempts, due_at=next_attempt(attempts))


def _hold_on(work: Work) -> None:
    """The lease from now on, so that nobody begins while files are written."""
    if not work.row.update(due_at=clock.now() + LEASE):
        raise LeaseLost


_CLAIM = """
    UPDATE {table}
    SET crashes = CASE WHEN lease IS NULL THEN 0 ELSE crashes + 1 END, lease = %(lease)s, due_at = %(until)s
    WHERE id = %(id)s AND state = 'waiting' AND (lease IS NULL OR due_at <= %(now)s)
    RETURNING original, created_at, attempts, crashes
"""
