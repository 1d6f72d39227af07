import io
import json
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from django.core import checks
from django.core.management import call_command

from ecommerce.kernel import clock, events, health, registry
from ecommerce.kernel.db import in_database
from ecommerce.kernel.gauges import lag_seconds
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import InboxEvent, OutboxEvent
from ecommerce.kernel.registry import Diagnosis
from ecommerce.kernel.tests.commands.test_events import parked_event
from ecommerce.kernel.tests.facts import Happened, listening

pytestmark = pytest.mark.django_db

DB = "default"
WELL = {"database:default": "ok", "cache": "ok", "broker": "ok", "worker": "ok", "relay": "ok"}


@pytest.fixture(autouse=True)
def quiet(monkeypatch, settings):
    settings.DEBUG = True
    monkeypatch.setattr(registry, "diagnoses", [])
    monkeypatch.setattr(health, "ask", lambda: WELL)
    monkeypatch.setattr(checks, "run_checks", lambda **_: [])


def ask(*, healthy: bool) -> dict[str, str]:
    out = io.StringIO()
    if healthy:
        call_command("doctor", "--format", "json", stdout=out)
    else:
        with pytest.raises(SystemExit) as ended:
            call_command("doctor", "--format", "json", stdout=out)
        assert ended.value.code == 1
    answer: dict[str, Any] = json.loads(out.getvalue())
    assert answer["healthy"] is healthy
    return {row["question"]: row["what to do"] for row in answer["answers"] if healthy or row["result"] == "failed"}


def test_a_healthy_shop_is_told_so():
    assert list(ask(healthy=True)) == ["settings", *WELL, "outbox lag", "parked events and steps"]


def test_what_does_not_answer_is_named_with_what_to_do(monkeypatch):
    monkeypatch.setattr(health, "ask", lambda: WELL | {"relay": "never seen", "broker": "OperationalError"})
    assert ask(healthy=False) == {
        "broker": "OperationalError: start Redis, set CELERY_BROKER_URL",
        "relay": "never seen: start `manage.py relay`",
    }


def test_mistakes_in_the_settings_are_named_and_warnings_are_not(monkeypatch):
    found = [checks.Error("Nobody may come in.", id="shop.E1"), checks.Warning("It is late.", id="shop.W1")]
    monkeypatch.setattr(checks, "run_checks", lambda **_: found)
    assert ask(healthy=False) == {"settings": "shop.E1: Nobody may come in."}


@pytest.mark.parametrize("debug", [True, False])
def test_the_checks_for_deployment_are_asked_where_it_is_one(monkeypatch, settings, debug):
    settings.DEBUG = debug
    run_checks = Mock(return_value=[])
    monkeypatch.setattr(checks, "run_checks", run_checks)
    ask(healthy=True)
    run_checks.assert_called_once_with(include_deployment_checks=not debug)


def test_events_that_do_not_reach_their_listener_are_seen(monkeypatch):
    with listening(lambda event: None), in_database(DB):
        events.publish(Happened(thing_id=new_id(), what="it"))
    assert "outbox lag" in ask(healthy=True)
    a_while_ago = clock.now() - timedelta(minutes=5)
    OutboxEvent.objects.using(DB).update(created_at=a_while_ago)
    assert ask(healthy=False) == {
        "outbox lag": f"1 events wait, the oldest since {a_while_ago:%Y-%m-%d %H:%M:%S} UTC: "
        "is `manage.py relay` running?"
    }
    assert 299 < lag_seconds() < 310


def test_parked_events_are_seen():
    parked_event()
    assert ask(healthy=False) == {
        "parked events and steps": "1 events and 0 steps: see `manage.py events list` (and `--steps`)"
    }
    assert InboxEvent.objects.using(DB).count() == 1


def test_modules_add_questions_and_one_that_fails_hides_no_other(monkeypatch):
    def breaks():
        raise RuntimeError("no connection\nto the moon")

    diagnoses = [
        Diagnosis(name="moon", ask=breaks),
        Diagnosis(name="keys", ask=lambda: "make new keys"),
        Diagnosis(name="mail", ask=lambda: None),
    ]
    monkeypatch.setattr(registry, "diagnoses", diagnoses)
    assert ask(healthy=False) == {
        "moon": "cannot be asked: RuntimeError: no connection",
        "keys": "make new keys",
    }


def test_the_table_says_the_same(monkeypatch):
    monkeypatch.setattr(health, "ask", lambda: WELL | {"relay": "never seen"})
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("doctor", stdout=out)
    relay = next(line for line in out.getvalue().splitlines() if "relay " in line)
    assert relay.split() == ["relay", "failed", "never", "seen:", "start", "`manage.py", "relay`"]
