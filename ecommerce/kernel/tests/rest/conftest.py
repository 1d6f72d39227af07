import pytest
from rest_framework.test import APIClient

from ecommerce.kernel import identity
from ecommerce.kernel.identity import BadToken, Principal
from ecommerce.kernel.rest.throttles import CallerThrottle
from ecommerce.kernel.tests.rest import shop


@pytest.fixture(autouse=True)
def tiny_shop(settings):
    settings.ROOT_URLCONF = "ecommerce.kernel.tests.rest.shop"
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.RATE_LIMITS = "off"
    settings.DEBUG = False
    CallerThrottle._paused_until = 0.0
    shop.executions.clear()
    shop.behaviour.reset_mock(return_value=True, side_effect=True)
    shop.behaviour.return_value = None


@pytest.fixture
def client():
    return APIClient(raise_request_exception=False)


@pytest.fixture
def tokens(monkeypatch):
    """Tokens that are accepted, and whose they are."""
    known: dict[str, Principal] = {"caller": shop.CALLER, "staff": shop.STAFF, "writer": shop.WRITER}

    def verify(token: str) -> Principal:
        if token not in known:
            raise BadToken("unknown")
        return known[token]

    monkeypatch.setattr(identity, "verify", verify)
    return known


def bearer(token: str) -> dict[str, str]:
    return {"HTTP_AUTHORIZATION": f"Bearer {token}"}
