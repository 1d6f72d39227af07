import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ecommerce.kernel import clock
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import InboxEvent, Saga, Step

pytestmark = pytest.mark.django_db

DB = "default"


def run(*arguments: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("events", *arguments, "--format", "json", stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def parked_event(position: int = 1) -> InboxEvent:
    now = clock.now()
    return InboxEvent.objects.using(DB).create(
        event_id=new_id(),
        listener="orders",
        source="payments",
        name="payments.PaymentCaptured",
        aggregate_id=new_id(),
        position=position,
        payload={},
        received_at=now,
        attempts=10,
        next_attempt_at=now,
        parked_at=now,
        last_error="KeyError('total')",
    )


def parked_step() -> Step:
    now, aggregate_id = clock.now(), new_id()
    Saga.objects.using(DB).create(module="orders", aggregate_id=aggregate_id)
    return Step.objects.using(DB).create(
        module="orders",
        aggregate_id=aggregate_id,
        name="orders.commit_stock",
        status="parked",
        attempts=10,
        next_attempt_at=now,
        created_at=now,
        last_error="TypeError()",
    )


def test_the_list_says_what_is_parked_since_when_and_why():
    event = parked_event()
    assert event.parked_at is not None
    assert run("list") == {
        "parked": [
            {
                "id": str(event.pk),
                "module": "orders",
                "name": "payments.PaymentCaptured",
                "aggregate_id": str(event.aggregate_id),
                "attempts": 10,
                "since": event.parked_at.isoformat(timespec="seconds"),
                "error": "KeyError('total')",
            }
        ]
    }


def test_the_list_of_steps_is_apart():
    step = parked_step()
    assert [row["id"] for row in run("list", "--steps")["parked"]] == [step.position]
    assert run("list") == {"parked": []}


def test_replaying_an_event_gives_it_another_round():
    event, other = parked_event(1), parked_event(2)
    assert run("replay", "--id", str(event.pk))["replayed"] == 1
    event.refresh_from_db()
    other.refresh_from_db()
    assert (event.parked_at, event.attempts) == (None, 0)
    assert other.parked_at is not None


def test_replaying_a_step_wakes_its_saga():
    step = parked_step()
    assert run("replay", "--steps", "--id", str(step.position))["replayed"] == 1
    step.refresh_from_db()
    assert (step.status, step.attempts) == ("pending", 0)
    assert Saga.objects.using(DB).get().next_run_at is not None


def test_without_ids_everything_is_replayed():
    parked_event(1)
    parked_event(2)
    assert run("replay")["replayed"] == 2


def test_a_dry_run_names_them_and_changes_nothing():
    event = parked_event()
    answer = run("replay", "--dry-run")
    assert ([row["id"] for row in answer["parked"]], answer["replayed"]) == ([str(event.pk)], 0)
    event.refresh_from_db()
    assert event.attempts == 10


def test_the_table_says_so_where_nothing_is_parked():
    out = io.StringIO()
    call_command("events", "list", stdout=out)
    assert out.getvalue() == "No events are parked.\n"


@pytest.mark.parametrize("arguments", [("--id", "7"), ("--steps", "--id", str(new_id()))])
def test_an_id_of_the_other_kind_is_refused(arguments):
    with pytest.raises(CommandError, match="events have UUIDs as ids"):
        run("list", *arguments)
