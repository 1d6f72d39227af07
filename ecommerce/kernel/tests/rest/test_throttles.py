import pytest
from django.core.checks import run_checks
from redis.exceptions import ConnectionError as RedisDown
from rest_framework.settings import api_settings

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.rest import throttles
from ecommerce.kernel.rest.throttles import CallerThrottle, network
from ecommerce.kernel.tests.rest.conftest import bearer
from ecommerce.kernel.tests.rest.shop import LoginView

LOGIN = "/api/v1/users/token/"


@pytest.fixture(autouse=True)
def rates(settings, monkeypatch):
    settings.RATE_LIMITS = "on"
    given = {"anonymous": "5/hour", "user": "3/hour", "login": "2/hour", "register": "1/hour"}
    monkeypatch.setattr(api_settings, "DEFAULT_THROTTLE_RATES", given, raising=False)
    monkeypatch.setattr(LoginView, "throttle_classes", [CallerThrottle])
    # Each test counts for itself, whatever others left in Redis.
    test = str(new_id())
    window = throttles._window
    monkeypatch.setattr(throttles, "_window", lambda scope, caller: window(scope, f"{test}:{caller}"))


def test_the_scope_of_a_view_limits_it(client):
    assert [client.post(LOGIN).status_code for _ in range(3)] == [200, 200, 429]


def test_a_throttled_caller_is_told_when_to_come_again(client):
    answers = [client.post(LOGIN) for _ in range(3)]
    assert answers[0]["X-RateLimit-Limit"] == "2"
    assert [answer["X-RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert answers[2].json()["code"] == "throttled"
    assert 1 <= int(answers[2]["Retry-After"]) <= 3600
    assert answers[2]["Content-Type"] == "application/problem+json"


def test_each_address_has_its_own_count(client):
    for _ in range(3):
        client.post(LOGIN)
    assert client.post(LOGIN, REMOTE_ADDR="192.0.2.1").status_code == 200


def test_an_ipv6_customer_is_one_caller(client):
    codes = [client.post(LOGIN, REMOTE_ADDR=f"2001:db8:0:1::{n}").status_code for n in range(3)]
    assert codes == [200, 200, 429]
    assert network("2001:db8:0:1::5") == "2001:db8:0:1::/64"
    assert network("192.0.2.1") == "192.0.2.1"
    assert network("odd") == "odd"


def test_users_are_counted_by_themselves_wherever_they_are(client, tokens, monkeypatch):
    monkeypatch.setattr(LoginView, "throttle_scope", None)
    codes = [client.post(LOGIN, REMOTE_ADDR=f"192.0.2.{n}", **bearer("caller")).status_code for n in range(4)]
    assert codes == [200, 200, 200, 429]
    assert client.post(LOGIN, **bearer("staff")).status_code == 200


def test_anonymous_callers_are_counted_where_a_view_has_no_scope(client, monkeypatch):
    monkeypatch.setattr(LoginView, "throttle_scope", None)
    assert [client.post(LOGIN).status_code for _ in range(6)] == [200] * 5 + [429]


def test_without_redis_everyone_passes_and_it_is_not_asked_again_at_once(client, monkeypatch):
    asked = []

    def down(windows):
        asked.append(windows)
        raise RedisDown("refused")

    monkeypatch.setattr(throttles, "_count", down)
    assert [client.post(LOGIN).status_code for _ in range(4)] == [200] * 4
    assert len(asked) == 1


def test_rate_limits_off_lets_everyone_pass_and_is_an_error_of_the_deploy_check(client, settings):
    settings.RATE_LIMITS = "off"
    assert [client.post(LOGIN).status_code for _ in range(4)] == [200] * 4
    assert "shop.E001" in [message.id for message in run_checks(tags=["security"], include_deployment_checks=True)]
    settings.RATE_LIMITS = "on"
    assert "shop.E001" not in [message.id for message in run_checks(tags=["security"], include_deployment_checks=True)]
