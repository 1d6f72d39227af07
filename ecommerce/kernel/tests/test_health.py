import time
from datetime import timedelta

import pytest
from celery import current_app
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from ecommerce.kernel import clock, health, heartbeats, metrics
from ecommerce.kernel.models import Heartbeat

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def tiny_shop(settings, monkeypatch):
    settings.ROOT_URLCONF = "ecommerce.kernel.tests.rest.shop"
    monkeypatch.setattr(health, "_registered", {})
    monkeypatch.setattr(health, "_migrated", set())


@pytest.fixture
def alive():
    for process in ("worker", "relay"):
        heartbeats.beat(process)


def ready() -> tuple[int, dict[str, str]]:
    answer = Client().get("/readyz")
    return answer.status_code, answer.json()["checks"]


def test_healthz_answers_without_asking_anything(django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_readyz_is_200_when_everything_answers(alive):
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "checks": {"database:default": "ok", "cache": "ok", "broker": "ok", "worker": "ok", "relay": "ok"},
    }
    assert answer["Cache-Control"] == "no-store"


def test_readyz_names_a_process_that_was_never_seen_or_not_lately(alive):
    Heartbeat.objects.using("default").filter(process="relay").delete()
    Heartbeat.objects.using("default").update(beat_at=clock.now() - timedelta(seconds=61))
    status, checks = ready()
    assert status == 503
    assert checks["relay"] == "never seen"
    assert checks["worker"].startswith("last seen 61 seconds ago")
    assert checks["database:default"] == "ok"


def test_readyz_names_a_cache_and_a_broker_that_are_down(alive, settings, monkeypatch):
    dead = "redis://127.0.0.1:1/0"
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": dead}}
    monkeypatch.setattr(current_app.conf, "broker_url", dead)
    monkeypatch.setattr(current_app.conf, "broker_read_url", dead)
    status, checks = ready()
    assert status == 503
    assert checks["cache"] == "ConnectionError"
    assert checks["broker"] == "OperationalError"
    assert checks["worker"] == "ok"


def test_readyz_says_that_migrations_are_missing(alive, monkeypatch):
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda self, targets: ["one"])
    status, checks = ready()
    assert (status, checks["database:default"]) == (503, "migrations are missing")


def test_a_registered_check_says_why_it_is_not_ready(alive):
    reasons: list[str | None] = ["no products"]
    health.readiness("seeded")(lambda: reasons[0])
    assert ready()[1]["seeded"] == "no products"
    reasons[0] = None
    assert ready()[0] == 200


def test_a_check_that_fails_is_named_and_hides_nothing(alive):
    @health.readiness("odd")
    def odd() -> str | None:
        raise ZeroDivisionError("secret")

    status, checks = ready()
    assert (status, checks["odd"], checks["cache"]) == (503, "ZeroDivisionError", "ok")


def test_a_check_that_hangs_is_named_within_its_time(alive, monkeypatch):
    monkeypatch.setattr(health, "CHECK_SECONDS", 0.3)
    health.readiness("slow")(lambda: time.sleep(1.5))
    started = time.monotonic()
    status, checks = ready()
    assert time.monotonic() - started < 1.2
    assert (status, checks["slow"]) == (503, "no answer within 0.3 seconds")
    time.sleep(1.5)


def test_the_checks_leave_no_connection_open(alive):
    def open_connections() -> int:
        with connections["default"].cursor() as cursor:
            # Only clients: autovacuum comes and goes as it likes.
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND backend_type = 'client backend'"
            )
            return int(cursor.fetchone()[0])

    before = open_connections()
    for _ in range(3):
        ready()
    # PostgreSQL takes a moment to let a connection go.
    until = time.monotonic() + 5
    while open_connections() > before and time.monotonic() < until:
        time.sleep(0.05)
    assert open_connections() <= before


def test_metrics_count_requests_by_route_and_gauges_are_asked(alive, monkeypatch):
    monkeypatch.setattr(metrics, "_gauges", {})
    metrics.gauge("shop_outbox_waiting", lambda: 7, "Events on their way.")
    metrics.gauge("shop_parked", lambda: {"orders": 2, "payments": 0})

    def broken() -> float:
        raise ZeroDivisionError

    metrics.gauge("shop_broken", broken)
    Client().get("/page/200/")
    Client().generic("BREW", "/page/200/")
    answer = Client().get("/metrics")
    text = answer.content.decode()
    assert answer["Content-Type"].startswith("text/plain")
    assert 'http_requests_total{method="GET",route="page/<int:status>/",status="200"}' in text
    assert 'http_requests_total{method="OTHER",route="page/<int:status>/",status="200"}' in text
    assert 'http_request_seconds_bucket{le="0.005",method="GET",route="page/<int:status>/"}' in text
    assert "# HELP shop_outbox_waiting Events on their way." in text
    assert "shop_outbox_waiting 7.0" in text
    assert 'shop_parked{label="orders"} 2.0' in text
    assert "shop_broken" not in text
