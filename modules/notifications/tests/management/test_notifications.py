import io
import json

import pytest
from django.core.management import call_command

from ecommerce.kernel import clock
from modules.notifications.models import Message
from modules.notifications.tests.factories import MessageFactory

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments):
    out = io.StringIO()
    call_command("notifications", *arguments, stdout=out)
    return out.getvalue()


def parked():
    message = MessageFactory.create(status="parked", attempts=13, next_attempt_at=None)
    message.deliveries.create(status="failed", code="503", started_at=clock.now(), finished_at=clock.now())
    return message


def test_the_list_names_what_is_parked_and_why_and_no_address():
    message = parked()
    MessageFactory.create()
    answer = json.loads(run("list", "--format", "json"))
    assert answer == {
        "parked": [
            {
                "id": str(message.pk),
                "topic": "order_confirmed",
                "about": str(message.reference_id),
                "attempts": 1,
                "last code": "503",
                "written at": message.created_at.isoformat(timespec="seconds"),
            }
        ]
    }
    table = run("list")
    assert str(message.pk) in table
    assert "ada@example.com" not in table


def test_an_empty_list_says_so():
    assert run("list") == "No message is parked.\n"


def test_replaying_hands_them_over_again(broker):
    one, other = parked(), parked()
    answer = json.loads(run("replay", "--id", str(one.pk), "--format", "json"))
    assert answer["replayed"] == 1
    assert broker == [one.pk]
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.status, one.attempts) == ("ready", 0)
    assert other.status == "parked"


def test_a_dry_run_changes_nothing(broker):
    parked()
    answer = json.loads(run("replay", "--dry-run", "--format", "json"))
    assert (len(answer["parked"]), answer["replayed"]) == (1, 0)
    assert broker == []
    assert Message.objects.get().status == "parked"
