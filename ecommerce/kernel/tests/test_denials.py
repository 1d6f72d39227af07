"""Subjects whose tokens are refused."""

from contextlib import suppress

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from redis.exceptions import ConnectionError as RedisDown
from rest_framework.test import APIRequestFactory

from ecommerce.kernel import denials, identity
from ecommerce.kernel.db import in_database
from ecommerce.kernel.erasure import forget_user
from ecommerce.kernel.identity import Principal
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.rest.authentication import BearerAuthentication, InvalidToken


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(denials._Pause, "until", 0.0)


@pytest.fixture
def down(monkeypatch):
    """Redis refuses; what it was asked stands in the list."""
    asked = []

    class Down:
        def __getattr__(self, name):
            def refuse(*args, **options):
                asked.append(name)
                raise RedisDown("refused")

            return refuse

    monkeypatch.setattr(denials, "_redis", Down)
    return asked


def test_who_is_denied_is_denied_until_the_last_token_has_expired(settings):
    subject, other = new_id(), new_id()
    denials.deny(subject)
    denials.deny(subject)
    assert (denials.is_denied(subject), denials.is_denied(other)) == (True, False)
    # Whoever looked before the denial may sign a moment after it; that token lives until the verifier's leeway ends.
    lifetime = settings.ACCESS_TOKEN_LIFETIME.total_seconds() + identity.LEEWAY_SECONDS + 30
    assert lifetime - 2 <= denials._redis().ttl(denials._key(subject)) <= lifetime


def test_who_is_allowed_again_passes():
    subject = new_id()
    denials.deny(subject)
    denials.allow(subject)
    denials.allow(subject)
    assert not denials.is_denied(subject)


def test_without_redis_everyone_passes_and_it_is_not_asked_again_at_once(down):
    subject = new_id()
    denials.deny(subject)
    denials.allow(subject)
    assert [denials.is_denied(subject) for _ in range(3)] == [False] * 3
    assert down == ["set", "delete", "exists"]


@pytest.mark.django_db
def test_a_denied_subjects_token_is_refused_without_a_statement(monkeypatch):
    subject = new_id()
    caller = Principal(id=subject)
    monkeypatch.setattr(identity, "verify", lambda token: caller)
    request = APIRequestFactory().get("/", headers={"Authorization": "Bearer whatever"})
    with CaptureQueriesContext(connection) as sql:
        assert BearerAuthentication().authenticate(request) == (caller, None)
        denials.deny(subject)
        with pytest.raises(InvalidToken):
            BearerAuthentication().authenticate(request)
    assert list(sql) == []


@pytest.mark.django_db(transaction=True)
def test_a_subject_is_denied_only_once_the_transaction_has_committed():
    kept, gone = new_id(), new_id()
    with in_database("default"):
        forget_user(gone)
        assert not denials.is_denied(gone)
    with suppress(ZeroDivisionError), in_database("default"):
        forget_user(kept)
        raise ZeroDivisionError
    assert (denials.is_denied(gone), denials.is_denied(kept)) == (True, False)
