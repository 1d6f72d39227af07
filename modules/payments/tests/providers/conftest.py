"""What every test of a provider stands on."""

from collections.abc import Iterator
from typing import Any

import pytest

from modules.payments.logic.providers import breakers, stripe_client
from modules.payments.tests.providers.subjects import SUBJECTS, Subject, configured_stripe
from tests.fakes.stripe import StripeServer


@pytest.fixture(autouse=True)
def _nothing_is_left_of_the_last_test() -> Iterator[None]:
    breakers.reset()
    stripe_client.forget_clients()
    yield
    breakers.reset()


@pytest.fixture(params=sorted(SUBJECTS))
def subject(request: pytest.FixtureRequest, settings: Any) -> Iterator[Subject]:
    """Each provider in turn."""
    with SUBJECTS[request.param](settings) as subject:
        yield subject


@pytest.fixture
def server(settings: Any) -> Iterator[StripeServer]:
    """A Stripe of our own, which the shop is set up for."""
    with configured_stripe(settings) as server:
        yield server
