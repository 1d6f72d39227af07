"""What `manage.py doctor` finds out about pictures."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from ecommerce.kernel import clock
from modules.catalog import tasks
from modules.catalog.logic.diagnoses import pictures_are_made, pictures_can_be_kept
from modules.catalog.tests.factories import make_product
from modules.catalog.tests.pictures import add, files_in, in_directory

pytestmark = pytest.mark.django_db


def test_a_store_that_keeps_what_it_is_given_is_well_and_the_trial_leaves_nothing(store: Path):
    assert pictures_can_be_kept() is None

    with time_machine.travel(clock.now() + timedelta(hours=1, seconds=1)):
        tasks.delete_files()
    assert files_in(store) == []


def test_one_that_is_away_is_named(tmp_path: Path, settings: Any):
    (tmp_path / "file").write_text("")
    settings.STORAGES = in_directory(tmp_path / "file")

    told = pictures_can_be_kept()

    assert told is not None
    assert told.endswith("see MEDIA_ROOT, or S3_BUCKET and the variables beside it")


def test_pictures_that_wait_too_long_are_counted(store: Path):
    add(make_product(slug="tee"))
    assert pictures_are_made() is None

    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        assert pictures_are_made() == ("1 wait for their sizes: is a worker running, and does it reach the store?")
    tasks.make_due_renditions()
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        assert pictures_are_made() is None
