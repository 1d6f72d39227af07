"""The store of files, in which originals wait and pictures stay: a directory or S3, which may be away.

Whoever dies between a file and its row leaves no file that nobody knows of: a file is announced, as one to be deleted,
before it is written, and kept by the transaction that names it; what a transaction lets go of it discards, and only
then, later, is the file deleted.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from hashlib import blake2b
from uuid import UUID

import structlog
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from ecommerce.kernel import clock
from ecommerce.kernel.db import refuse_in_transaction
from ecommerce.kernel.errors import Conflict, Unavailable
from modules.catalog.logic.database import execute, fetch
from modules.catalog.logic.images import MEDIA
from modules.catalog.models import DiscardedFile

# Longer than writing takes; and so long those may still load a picture who have its page open.
LEFT_ALONE = timedelta(hours=1)
# A sweep leaves the worker to others after so long.
AT_ONCE, SWEEP = 100, timedelta(seconds=20)
# What stands before a picture's own name in the store; in its address it is images.MEDIA.
PICTURES = "pictures/"

log = structlog.get_logger(__name__)


class FileGone(Conflict):
    """The file was announced, and is being deleted: it came too late."""

    code = "file_gone"


def original_name(image_id: UUID) -> str:
    """Where what staff sent waits; nobody is ever told an address of it."""
    return f"originals/{image_id.hex[-2:]}/{image_id}"


def picture_name(image_id: UUID, content: bytes) -> str:
    """Where a picture stays. Other pixels, another name: it may be kept for ever by whoever has loaded it."""
    return f"{PICTURES}{image_id.hex[-2:]}/{image_id}-{blake2b(content, digest_size=16).hexdigest()}.webp"


def address_of(name: str) -> str:
    """A picture's address as it is stored; images.absolute_url says where that is today."""
    return MEDIA + name.removeprefix(PICTURES)


def name_of(address: str) -> str:
    """The picture of that address."""
    return PICTURES + address.removeprefix(MEDIA)


def is_picture(address: str) -> bool:
    """Whether it is the address of a picture in this store."""
    return address.startswith(MEDIA)


def announce(names: Collection[str]) -> None:
    """These files will be written: unless they are kept, they are deleted. In a transaction that commits before."""
    if _to_be_deleted(names) < len(names):
        raise FileGone


def keep(names: Collection[str]) -> None:
    """In the transaction that names them: these files stay. Refuses (FileGone) what was announced too long ago."""
    if execute(_KEEP, [list(names), clock.now()]) < len(names):
        raise FileGone


def discard(names: Collection[str]) -> None:
    """In the transaction that lets go of them: these files are deleted later."""
    if names:
        _to_be_deleted(names)


def write(name: str, content: bytes) -> None:
    """Write a file that was announced; Unavailable while the store is away."""
    with _asking():
        default_storage.save(name, ContentFile(content))


def read(name: str) -> bytes:
    """A file's content; FileNotFoundError, or Unavailable while the store is away."""
    with _asking(), default_storage.open(name) as file:
        content: bytes = file.read()
    return content


def delete_due() -> None:
    """Delete the files that nobody names; what the store does not delete now is deleted the next time."""
    began = clock.now()
    with suppress(Unavailable):
        while names := [row[0] for row in fetch(_GOING, [began, AT_ONCE])]:
            for name in names:
                _delete(name)
            DiscardedFile.objects.filter(name__in=names).delete()
            if clock.now() > began + SWEEP:
                return


def _delete(name: str) -> None:
    with _asking():
        default_storage.delete(name)


def _to_be_deleted(names: Collection[str]) -> int:
    return execute(_TO_BE_DELETED, {"names": list(names), "due_at": clock.now() + LEFT_ALONE})


@contextmanager
def _asking() -> Iterator[None]:
    refuse_in_transaction("the store of files")
    try:
        yield
    except FileNotFoundError:
        raise
    except Exception as error:  # each store's library has its own
        log.warning("media_store_failed", error=repr(error))
        raise Unavailable("The store of pictures does not answer.", dependency="media") from error


# What is being deleted is not announced again: its file would be deleted under whoever writes it.
_TO_BE_DELETED = """
    INSERT INTO catalog_discardedfile AS old (name, due_at, is_going)
    SELECT DISTINCT name, %(due_at)s::timestamptz, false FROM unnest(%(names)s::text[]) name
    ON CONFLICT (name) DO UPDATE SET due_at = EXCLUDED.due_at WHERE NOT old.is_going
"""
_KEEP = "DELETE FROM catalog_discardedfile WHERE name = ANY(%s) AND due_at > %s AND NOT is_going"
_GOING = """
    UPDATE catalog_discardedfile SET is_going = true
    WHERE name IN (
        SELECT name FROM catalog_discardedfile WHERE due_at <= %s
        ORDER BY due_at, name LIMIT %s FOR UPDATE SKIP LOCKED
    )
    RETURNING name
"""
