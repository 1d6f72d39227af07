"""The shop whose answers are counted."""

import pytest
from django.core.management import call_command
from django.test import override_settings
from rest_framework.test import APIClient


@pytest.fixture
def api(transactional_db: None) -> APIClient:
    """A stranger in a seeded shop."""
    with override_settings(DEBUG=True):
        call_command("seed", products=60, verbosity=0)
    return APIClient()
