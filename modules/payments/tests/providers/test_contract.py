"""What every provider has to do, whichever it is: see `subjects.py` for those that are asked."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ecommerce.kernel import clock
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.money import Money
from modules.payments.logic.providers.base import Charge, Listed, Observed
from modules.payments.models import AttemptStatus, RefundStatus
from modules.payments.tests.providers.subjects import Subject

WAITING = (AttemptStatus.STARTED, AttemptStatus.REQUIRES_ACTION, AttemptStatus.PROCESSING)


def euros(minor: int) -> Money:
    return Money(minor=minor, currency="EUR")


def begun(subject: Subject, charge: Charge) -> tuple[Charge, Observed]:
    observed = subject.provider.create(charge)
    return replace(charge, reference=observed.reference), observed


def paid(subject: Subject, **different: object) -> Charge:
    """A charge whose buyer has done his part."""
    charge, observed = begun(subject, subject.new_charge(**different))
    subject.pay(charge, observed)
    subject.provider.confirm(charge, None)
    return charge


def listed(subject: Subject, charge: Charge) -> list[Listed]:
    """What the provider has on record of an attempt."""
    now, cursor, found = clock.now(), None, []
    while True:
        page = subject.provider.list_attempts(now - timedelta(minutes=10), now + timedelta(minutes=1), cursor)
        found += [one for one in page.listed if one.attempt_id == charge.attempt_id]
        cursor = page.cursor
        if cursor is None:
            return found


def fetched(subject: Subject, charge: Charge) -> Observed:
    observed = subject.provider.fetch(charge)
    assert observed is not None
    return observed


def test_what_is_begun_waits_for_the_buyer_and_has_taken_nothing(subject: Subject) -> None:
    charge, observed = begun(subject, subject.new_charge())

    assert charge.reference
    assert observed.status in WAITING
    assert (observed.amount, observed.captured_minor, observed.authorized_minor) == (charge.amount, 0, 0)
    assert fetched(subject, charge) == observed


def test_beginning_twice_begins_once(subject: Subject) -> None:
    charge = subject.new_charge()

    first, second = subject.provider.create(charge), subject.provider.create(charge)

    assert second == first
    assert len(listed(subject, charge)) == subject.knows_unpaid


def test_beginning_again_tells_what_became_of_it(subject: Subject) -> None:
    charge = paid(subject)

    for again in (charge, replace(charge, reference="")):
        observed = subject.provider.create(again)
        assert (observed.status, observed.captured_minor) == (AttemptStatus.CAPTURED, 2000)


def test_what_the_buyer_has_paid_is_captured(subject: Subject) -> None:
    charge = paid(subject)

    observed = fetched(subject, charge)

    assert (observed.status, observed.captured_minor, observed.authorized_minor) == (AttemptStatus.CAPTURED, 2000, 0)
    assert (observed.refunds, observed.disputes, observed.failure, observed.next_action) == ((), (), None, None)


def test_confirming_twice_changes_nothing(subject: Subject) -> None:
    charge = paid(subject)

    assert subject.provider.confirm(charge, None) == subject.provider.confirm(charge, None)
    assert fetched(subject, charge).captured_minor == 2000


def test_confirming_before_the_buyer_has_done_anything_takes_nothing(subject: Subject) -> None:
    charge, _ = begun(subject, subject.new_charge())

    observed = subject.provider.confirm(charge, None)

    assert (observed.status in WAITING, observed.captured_minor) == (True, 0)


def test_a_charge_never_seen_is_unknown(subject: Subject) -> None:
    charge = subject.new_charge()

    assert subject.provider.fetch(charge) is None
    assert listed(subject, charge) == []


def test_an_authorisation_is_captured_in_part_and_the_rest_let_go(subject: Subject) -> None:
    charge = paid(subject, captures_later=True)
    held = fetched(subject, charge)
    assert (held.status, held.authorized_minor, held.captured_minor) == (AttemptStatus.AUTHORIZED, 2000, 0)

    observed = subject.provider.capture(charge, new_id(), euros(1500))

    assert (observed.status, observed.captured_minor, observed.authorized_minor) == (AttemptStatus.CAPTURED, 1500, 0)
    assert observed.refunds == ()
    assert sum(move.moved_minor for move in observed.moves) in (0, 1500)


def test_capturing_twice_captures_once(subject: Subject) -> None:
    charge, capture_id = paid(subject, captures_later=True), new_id()

    for again in (capture_id, capture_id, new_id()):
        assert subject.provider.capture(charge, again, euros(1500)).captured_minor == 1500


def test_what_is_cancelled_is_not_captured(subject: Subject) -> None:
    charge = paid(subject, captures_later=True)
    assert subject.provider.cancel(charge).status == AttemptStatus.CANCELLED

    observed = subject.provider.capture(charge, new_id(), euros(2000))

    assert (observed.status, observed.captured_minor, observed.refunds) == (AttemptStatus.CANCELLED, 0, ())


def test_cancelling_twice_is_cancelling_once(subject: Subject) -> None:
    charge, _ = begun(subject, subject.new_charge())

    for _ in range(2):
        assert subject.provider.cancel(charge).status == AttemptStatus.CANCELLED
    assert fetched(subject, charge).captured_minor == 0


def test_what_is_paid_is_not_cancelled(subject: Subject) -> None:
    charge = paid(subject)

    observed = subject.provider.cancel(charge)

    assert (observed.status, observed.captured_minor) == (AttemptStatus.CAPTURED, 2000)


def test_a_charge_cancelled_before_it_came_collects_nothing(subject: Subject) -> None:
    charge = subject.new_charge()
    assert subject.provider.cancel(charge).status == AttemptStatus.CANCELLED

    observed = subject.provider.create(charge)

    assert (observed.status, observed.captured_minor) == (AttemptStatus.CANCELLED, 0)


def test_refunds_in_parts(subject: Subject) -> None:
    charge, first, second = paid(subject), new_id(), new_id()

    subject.provider.refund(charge, first, euros(500))
    observed = subject.provider.refund(charge, second, euros(1500))

    refunds = {refund.refund_id: refund.amount_minor for refund in observed.refunds}
    assert refunds == {first: 500, second: 1500}
    assert all(refund.status != RefundStatus.FAILED for refund in observed.refunds)
    assert (observed.status, observed.captured_minor) == (AttemptStatus.CAPTURED, 2000)


def test_refunding_twice_refunds_once(subject: Subject) -> None:
    charge, refund_id = paid(subject), new_id()

    for _ in range(2):
        observed = subject.provider.refund(charge, refund_id, euros(500))

    assert [(refund.refund_id, refund.amount_minor) for refund in observed.refunds] == [(refund_id, 500)]


def test_more_than_was_paid_is_not_refunded(subject: Subject) -> None:
    charge, too_much = paid(subject), new_id()
    subject.provider.refund(charge, new_id(), euros(1500))

    observed = subject.provider.refund(charge, too_much, euros(501))

    (refused,) = [refund for refund in observed.refunds if refund.refund_id == too_much]
    assert (refused.status, refused.amount_minor) == (RefundStatus.FAILED, 501)
    given = [refund.amount_minor for refund in observed.refunds if refund.status != RefundStatus.FAILED]
    assert given == [1500]


def test_a_beginning_whose_answer_was_lost_is_found_again(subject: Subject) -> None:
    charge = subject.new_charge()
    subject.fail_after_effect("create")
    with pytest.raises(Unavailable):
        subject.provider.create(charge)

    found = fetched(subject, charge) if subject.knows_unpaid else subject.provider.create(charge)

    assert found.reference
    assert subject.provider.create(charge).reference == found.reference
    assert len(listed(subject, charge)) == subject.knows_unpaid


def test_a_beginning_whose_answer_was_lost_is_cancelled(subject: Subject) -> None:
    charge = subject.new_charge()
    subject.fail_after_effect("create")
    with pytest.raises(Unavailable):
        subject.provider.create(charge)

    assert subject.provider.cancel(charge).status == AttemptStatus.CANCELLED

    if not subject.knows_unpaid:
        # It has taken nothing, and nobody was sent to pay it.
        assert subject.provider.create(charge).captured_minor == 0
        return
    assert subject.provider.create(charge).status == AttemptStatus.CANCELLED
    assert [one.observed.status for one in listed(subject, charge)] == [AttemptStatus.CANCELLED]


def test_a_capture_whose_answer_was_lost_captures_once(subject: Subject) -> None:
    charge, capture_id = paid(subject, captures_later=True), new_id()
    subject.fail_after_effect("capture")
    with pytest.raises(Unavailable):
        subject.provider.capture(charge, capture_id, euros(1500))

    assert fetched(subject, charge).captured_minor == 1500
    assert subject.provider.capture(charge, capture_id, euros(1500)).captured_minor == 1500


def test_a_cancellation_whose_answer_was_lost_is_found_again(subject: Subject) -> None:
    charge, _ = begun(subject, subject.new_charge())
    subject.fail_after_effect("cancel")
    with pytest.raises(Unavailable):
        subject.provider.cancel(charge)

    assert subject.provider.cancel(charge).status == AttemptStatus.CANCELLED


def test_a_refund_whose_answer_was_lost_refunds_once(subject: Subject) -> None:
    charge, refund_id = paid(subject), new_id()
    subject.fail_after_effect("refund")
    with pytest.raises(Unavailable):
        subject.provider.refund(charge, refund_id, euros(500))

    observed = subject.provider.refund(charge, refund_id, euros(500))

    assert [(refund.refund_id, refund.amount_minor) for refund in observed.refunds] == [(refund_id, 500)]


def test_the_providers_own_records_tell_the_same(subject: Subject) -> None:
    charge = paid(subject)
    subject.provider.refund(charge, new_id(), euros(500))

    (found,) = listed(subject, charge)

    assert replace(found.observed, client_secret="") == replace(fetched(subject, charge), client_secret="")
    assert abs(found.created_at - clock.now()) < timedelta(minutes=5)
