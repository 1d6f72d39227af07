"""The shop whose answers are counted."""

import pytest
from django.core.management import call_command
from django.test import override_settings
from rest_framework.test import APIClient

from ecommerce.kernel import identity
from modules.users.logic import signing_keys


@pytest.fixture
def api(transactional_db: None) -> APIClient:
    """A stranger in a seeded shop, in a process that remembers no other shop's keys."""
    signing_keys.forget()
    identity.forget_keys()
    with override_settings(DEBUG=True):
        call_command("seed", products=60, verbosity=0)
    return APIClient()
