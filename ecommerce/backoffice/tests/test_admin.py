"""What was reconciled, in the admin: the runs, what each found, drift by day, and a run that staff start."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from celery import current_app
from django.contrib.messages import get_messages
from django.test import Client
from kombu.exceptions import OperationalError

from ecommerce.backoffice import plots, tasks
from ecommerce.backoffice.models import FoundDrift, ReconcileRun
from ecommerce.backoffice.plots import Day, drift_by_day
from ecommerce.kernel.admin_testing import needs_admin, signed_in
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import local, stand_in, statements
from modules.payments.contracts import DriftPage

pytestmark = [needs_admin, pytest.mark.django_db]

RUNS = "/admin/backoffice/reconcilerun/"
NOW = f"{RUNS}reconcile/"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
# The session, who is signed in and what he may; what was done lately.
BESIDE = 4


@pytest.fixture
def staff() -> Client:
    return signed_in("payments.read")


@pytest.fixture
def writer() -> Client:
    return signed_in("payments.read", "payments.write")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What workers are told."""
    sent: list[Any] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **_: sent.append((name, args)))
    return sent


def a_run(at: datetime = NOON, provider: str = "stripe", **fields: Any) -> ReconcileRun:
    fields = {"finished_at": at + timedelta(seconds=75), "checked": 40} | fields
    return ReconcileRun.objects.create(
        provider=provider, since=at - timedelta(days=3), until=at, started_at=at, **fields
    )


def drift(run: ReconcileRun, reference: str, kind: str = "captured", *, mended: bool = False, **fields: Any) -> None:
    FoundDrift.objects.create(run=run, kind=kind, reference=reference, is_safe=mended, is_fixed=mended, **fields)
    run.found, run.fixed = run.found + 1, run.fixed + mended
    run.save()


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def said(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def rows(answer: Any) -> list[Any]:
    found: list[Any] = answer.context["drifts"]["rows"]
    return found


def test_runs_are_listed_newest_first_with_what_they_came_to(staff):
    clean, mended, left = a_run(), a_run(NOON + timedelta(days=1)), a_run(NOON + timedelta(days=2))
    failed = a_run(NOON + timedelta(days=3), "paypal", error="The provider does not answer.")
    running = a_run(NOON + timedelta(days=4), finished_at=None)
    drift(mended, "pi_1", mended=True)
    drift(left, "pi_2")

    answer = staff.get(RUNS)

    shown = list(answer.context["cl"].result_list)
    assert shown == [running, failed, left, mended, clean]
    page = text_of(answer)
    for words in ("not ended", "ended early", "drift left", "all mended", "no drift", "1 min 15 s", "does not answer"):
        assert words in page
    assert list(staff.get(f"{RUNS}?provider=paypal").context["cl"].result_list) == [failed]


def test_a_run_shows_what_it_found_by_kind_with_a_way_to_the_payment(staff):
    payment_id, order_id, run = new_id(), new_id(), a_run(fixes=True)
    drift(run, "pi_1", here="10.00 EUR", there="<b>12.00</b> EUR", payment_id=payment_id, order_id=order_id)
    drift(run, "pi_2", "missing_here", mended=True)

    answer = staff.get(f"{RUNS}{run.pk}/change/")

    assert answer.context["kinds"] == [("", 2, True), ("captured", 1, False), ("missing_here", 1, False)]
    found, mended = sorted(rows(answer), key=lambda row: str(row[1]))
    assert [found[0], found[1], found[2], found[6]] == ["captured", "pi_1", "10.00 EUR", "left"]
    if local("payments"):
        assert f'href="/admin/payments/payment/{payment_id}/change/"' in found[4]
    # Whose orders these are is for others to see.
    assert (found[5], mended[4], mended[6]) == (str(order_id), "-", "mended")
    assert "<b>12.00</b>" not in text_of(answer)
    narrowed = staff.get(f"{RUNS}{run.pk}/change/?kind=missing_here")
    assert [row[1] for row in rows(narrowed)] == ["pi_2"]
    assert staff.get(f"{RUNS}{new_id()}/change/").status_code == 404


def test_what_a_run_found_is_shown_page_by_page_and_what_was_not_kept_is_said(staff, monkeypatch):
    monkeypatch.setattr("ecommerce.backoffice.admin.PAGE", 2)
    run = a_run()
    for number in range(5):
        drift(run, f"pi_{number}")
    ReconcileRun.objects.update(found=7)

    seen: list[set[str]] = []
    address = f"{RUNS}{run.pk}/change/"
    while address:
        answer = staff.get(address)
        seen.append({row[1] for row in rows(answer)})
        address = answer.context["more"] and f"{RUNS}{run.pk}/change/{answer.context['more']}"

    assert [len(page) for page in seen] == [2, 2, 1]
    assert set.union(*seen) == {f"pi_{number}" for number in range(5)}
    assert "Of 7 that were found the first 5 are kept." in text_of(answer)
    assert len(rows(staff.get(f"{RUNS}{run.pk}/change/?after=nonsense"))) == 2


def test_drift_is_counted_by_provider_and_day_and_each_once():
    with time_machine.travel(NOON, tick=False):
        first, again = a_run(NOON - timedelta(hours=11)), a_run(NOON - timedelta(hours=1))
        drift(first, "pi_1")
        # Left by the first run of that day, and mended by the second.
        drift(again, "pi_1", mended=True)
        drift(again, "pi_2")
        drift(again, "pi_2", "amount")
        drift(a_run(NOON - timedelta(days=1)), "pi_2")
        drift(a_run(NOON, "paypal"), "5AB", mended=True)
        drift(a_run(NOON - timedelta(days=30)), "pi_0")

        found = drift_by_day()

    assert list(found) == ["paypal", "stripe"]
    assert found["stripe"][-2:] == [
        Day(on=NOON.date() - timedelta(days=1), mended=0, left=1), Day(on=NOON.date(), mended=1, left=2),
    ]  # fmt: skip
    assert [len(days) for days in found.values()] == [30, 30]
    assert sum(day.mended + day.left for day in found["stripe"]) == 4
    assert found["stripe"][0].on == NOON.date() - timedelta(days=29)


def test_a_plot_stacks_what_is_left_on_what_was_mended_and_is_read_aloud():
    days = [Day(on=datetime(2026, 11, number, tzinfo=UTC).date()) for number in range(1, 31)]
    days[10] = Day(on=days[10].on, mended=5, left=5)
    days[20] = Day(on=days[20].on, mended=0, left=1)

    svg = ET.fromstring(plots.plot("stripe", days))  # noqa: S314  (our own)

    name = "{http://www.w3.org/2000/svg}"
    assert svg.get("role") == "img"
    assert svg.findtext(f"{name}title") == "Drift of stripe by day"
    assert svg.findtext(f"{name}desc") == "In 30 days 5 mended, 6 left. The most on 2026-11-11: 5 mended, 5 left."
    assert [one.findtext(f"{name}title") for one in svg.findall(f"{name}g")] == [
        "2026-11-11: 5 mended, 5 left", "2026-11-21: 0 mended, 1 left",
    ]  # fmt: skip
    mended, left = svg.findall(f"{name}g")[0].findall(f"{name}rect")
    assert (mended.get("class"), left.get("class")) == ("drift-mended", "drift-left")
    # Of ten, as many as the scale has, five are half its height.
    assert (mended.get("height"), left.get("height")) == ("60", "60")
    assert int(left.get("y") or 0) + 60 == int(mended.get("y") or 0)
    assert svg.findall(f"{name}g")[1].findall(f"{name}rect")[1].get("height") == "12"


@pytest.mark.parametrize(("value", "end"), [(1, 2), (2, 2), (3, 10), (10, 10), (11, 20), (21, 100), (999, 1000)])
def test_the_scale_ends_at_a_round_number(value: int, end: int):
    assert plots._round_up(value) == end


@pytest.mark.parametrize("count", [1, 20])
def test_the_pages_take_as_few_statements_however_much_was_found(staff, count: int):
    with time_machine.travel(NOON, tick=False):
        runs = [a_run(NOON - timedelta(days=day)) for day in range(count)]
        for number in range(count):
            drift(runs[0], f"pi_{number}", payment_id=new_id())

        def asked(address: str) -> int:
            with statements() as sql:
                assert staff.get(address).status_code == 200
            own = [one for one in sql if '"backoffice_' in one and "django_admin_log" not in one]
            assert len(sql) <= len(own) + BESIDE
            return len(own)

        # The runs and the plots; the run, how many of each kind, and those shown.
        assert [asked(RUNS), asked(f"{RUNS}{runs[0].pk}/change/")] == [2, 3]


def test_plots_stand_above_the_list_and_without_drift_that_is_said(staff):
    assert "No drift was found." in text_of(staff.get(RUNS))
    with time_machine.travel(NOON, tick=False):
        drift(a_run(NOON), "pi_1")
        # Whoever was signed in before then is not now.
        page = text_of(signed_in("payments.read").get(RUNS))
    assert "<title>2026-11-20: 0 mended, 1 left</title>" in page
    assert page.index("drift-plot") < page.index("1 min 15 s")


def test_staff_start_a_run_for_days_of_a_provider(writer, told):
    assert "Reconcile now" in text_of(writer.get(RUNS))
    assert 'type="date"' in text_of(writer.get(NOW))

    with time_machine.travel(NOON, tick=False):
        writer = signed_in("payments.read", "payments.write")
        sent = {"provider": "stripe", "since": "2026-11-18", "until": "2026-11-19", "fix": "on"}
        answer = writer.post(NOW, sent)
        writer.post(NOW, sent | {"provider": "paypal", "until": "2026-11-20", "fix": ""})

    assert answer["Location"] == RUNS
    assert told == [
        (
            "backoffice.reconcile_period",
            ["stripe", "2026-11-18T00:00:00+00:00", "2026-11-20T00:00:00+00:00", True],
        ),
        # What is younger than an hour is still on its way.
        (
            "backoffice.reconcile_period",
            ["paypal", "2026-11-18T00:00:00+00:00", "2026-11-20T11:00:00+00:00", False],
        ),
    ]


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ({"provider": "adyen"}, "Select a valid choice."),
        ({"since": "2026-11-19", "until": "2026-11-18"}, "It begins before it ends"),
        ({"since": "2026-11-21", "until": "2026-11-21"}, "It begins before it ends"),
        ({"since": "2026-10-01"}, "At most 31 days at once"),
        ({"since": "soon"}, "Enter a valid date."),
    ],
)
def test_a_period_that_makes_no_sense_starts_nothing(told, typed: dict[str, str], complaint: str):
    with time_machine.travel(NOON, tick=False):
        writer = signed_in("payments.read", "payments.write")
        page = writer.post(NOW, {"provider": "stripe", "since": "2026-11-18", "until": "2026-11-19"} | typed)

    assert (page.status_code, told) == (200, [])
    assert complaint in text_of(page)


def test_a_broker_that_is_away_is_told(writer, monkeypatch):
    def refuse(*_: Any, **__: Any) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(current_app, "send_task", refuse)

    answer = writer.post(NOW, {"provider": "stripe", "since": "2026-11-18", "until": "2026-11-19"})

    assert (answer.status_code, said(answer)) == (200, ["The worker cannot be told now; nothing was started."])


def test_the_task_compares_what_it_was_asked_for():
    asked = []

    def find_drift(**given: Any) -> DriftPage:
        asked.append(given)
        return DriftPage(drifts=[], checked=3, until=None)

    period = ["2026-11-18T00:00:00+00:00", "2026-11-19T00:00:00+00:00"]
    with stand_in("payments", find_drift=find_drift, get_payments=lambda **_: []), _nothing_held():
        assert tasks.reconcile_period("sandbox", *period, False) == 0

    assert (asked[0]["provider"], asked[0]["fix"]) == ("sandbox", False)
    run = ReconcileRun.objects.get()
    assert (run.checked, run.fixes, run.since.isoformat(), run.until.isoformat()) == (3, False, *period)


def test_the_task_ends_where_the_provider_does_not_answer_and_the_run_says_so():
    def find_drift(**_: Any) -> DriftPage:
        raise Unavailable("The provider does not answer.", dependency="stripe")

    with stand_in("payments", find_drift=find_drift):
        period = ["2026-11-18T00:00:00+00:00", "2026-11-19T00:00:00+00:00"]
        assert tasks.reconcile_period("stripe", *period, True) is None

    assert ReconcileRun.objects.get().error == "payments does not answer."


def test_who_reads_payments_looks_and_who_writes_them_starts(staff, told):
    run, sent = a_run(), {"provider": "stripe", "since": "2026-11-18", "until": "2026-11-19"}
    assert "Reconcile now" not in text_of(staff.get(RUNS))
    assert [staff.get(NOW).status_code, staff.post(NOW, sent).status_code] == [403, 403]

    for scopes in (("reports.read",), ("orders.read", "orders.write")):
        stranger = signed_in(*scopes)
        addresses = (RUNS, f"{RUNS}{run.pk}/change/", NOW)
        assert [stranger.get(address).status_code for address in addresses] == [403] * 3
    assert told == []
    assert staff.post(f"{RUNS}{run.pk}/delete/", {"post": "yes"}).status_code == 403
    assert RUNS in text_of(staff.get("/admin/"))


def _nothing_held() -> Any:
    return stand_in("catalog", list_holds=lambda **_: [])
