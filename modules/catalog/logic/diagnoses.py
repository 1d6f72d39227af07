"""What `manage.py doctor` asks of catalog."""

from datetime import timedelta

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.registry import Diagnosis
from modules.catalog.logic import media
from modules.catalog.logic.image_making import KINDS
from modules.catalog.models import DiscardedFile, SentImage

SOON = timedelta(minutes=10)


def pictures_can_be_kept() -> str | None:
    """None when the store of files gives back what it was given; the trial's file is deleted like any other."""
    name = media.original_name(new_id())
    with atomic(DiscardedFile):
        media.announce([name])
    try:
        media.write(name, b"a trial")
        kept = media.read(name)
    except (Unavailable, FileNotFoundError) as error:
        return f"{error.__cause__ or error!r}: see MEDIA_ROOT, or S3_BUCKET and the variables beside it"
    return None if kept == b"a trial" else "it gives back something else than it was given"


def pictures_are_made() -> str | None:
    """None when no picture waits much longer than making it takes."""
    late = {"state": SentImage.State.WAITING, "created_at__lt": clock.now() - SOON}
    waiting = sum(model._default_manager.filter(**late).count() for model in KINDS)
    return f"{waiting} wait for their sizes: is a worker running, and does it reach the store?" if waiting else None


DIAGNOSES = [
    Diagnosis(name="store of pictures", ask=pictures_can_be_kept),
    Diagnosis(name="pictures waiting", ask=pictures_are_made),
]
