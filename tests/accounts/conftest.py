"""A seeded shop, and no signing keys left over from another test's database."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.test import override_settings

from ecommerce.kernel import identity


@pytest.fixture
def shop(transactional_db: None) -> Iterator[None]:
    from modules.users.logic import signing_keys  # only where users is installed

    signing_keys.forget()
    identity.forget_keys()
    with override_settings(DEBUG=True):
        call_command("seed", products=1, verbosity=0)
    yield
    call_command("check_invariants", verbosity=0)
    signing_keys.forget()
    identity.forget_keys()
