"""The fold: neither the order nor the repetition of what a provider says may matter."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ecommerce.kernel import wire
from modules.payments.contracts import Failure, PaymentStatus
from modules.payments.logic.folding import NOTHING_SAID, RefundIntent, State, fold
from modules.payments.logic.providers.base import Observed, ObservedRefund
from modules.payments.models import AttemptStatus, RefundStatus

AMOUNT = 1000

PROCESSING = Observed(reference="p", status=AttemptStatus.PROCESSING)
WAITING = Observed(
    reference="p", status=AttemptStatus.REQUIRES_ACTION, next_action={"type": "redirect", "url": "https://bank"}
)
DECLINED = Observed(
    reference="p", status=AttemptStatus.FAILED, failure=Failure(code="card_declined", message="Declined.")
)
AUTHORIZED = Observed(reference="p", status=AttemptStatus.AUTHORIZED, authorized_minor=AMOUNT)
CAPTURED = Observed(reference="p", status=AttemptStatus.CAPTURED, captured_minor=AMOUNT)
CANCELLED = Observed(reference="p", status=AttemptStatus.CANCELLED)


def refunded(minor: int, *, refund_id: UUID | None = None, status: RefundStatus = RefundStatus.SUCCEEDED) -> Observed:
    refund = ObservedRefund(reference=f"r{minor}", refund_id=refund_id, status=status, amount_minor=minor)
    return replace(CAPTURED, refunds=(refund,))


def status_of(*attempts: list[Observed], **options: Any) -> PaymentStatus:
    return fold(attempts, **options).status


refunds = st.builds(
    ObservedRefund,
    reference=st.sampled_from(["r1", "r2", "r3"]),
    refund_id=st.sampled_from([None, UUID(int=1), UUID(int=2)]),
    status=st.sampled_from(RefundStatus),
    amount_minor=st.integers(1, 300),
)
observations = st.builds(
    Observed,
    reference=st.sampled_from(["", "p"]),
    status=st.sampled_from(AttemptStatus),
    authorized_minor=st.integers(0, AMOUNT),
    captured_minor=st.integers(0, AMOUNT),
    refunds=st.lists(refunds, max_size=3).map(tuple),
    failure=st.sampled_from([None, Failure(code="a", message="A"), Failure(code="b", message="B")]),
    next_action=st.sampled_from([None, {"type": "redirect", "url": "u"}, {"type": "redirect", "url": "v"}]),
)
attempts = st.lists(st.lists(observations, max_size=5), min_size=1, max_size=3)
intents = st.lists(st.builds(RefundIntent, id=st.sampled_from([UUID(int=1), UUID(int=2)]), amount_minor=st.just(50)))


@given(attempts=attempts, intents=intents, cancelled=st.booleans(), data=st.data())
def test_the_order_and_the_repetition_of_observations_do_not_matter(
    attempts: list[list[Observed]], intents: list[RefundIntent], cancelled: bool, data: st.DataObject
):
    shuffled = [data.draw(st.permutations(said + said[: len(said) // 2 + 1])) for said in attempts]
    assert fold(shuffled, intents, cancel_requested=cancelled) == fold(attempts, intents, cancel_requested=cancelled)


@given(attempts=attempts, later=observations)
def test_what_is_captured_never_shrinks(attempts: list[list[Observed]], later: Observed):
    before, after = fold(attempts), fold([*attempts[:-1], [*attempts[-1], later]])
    assert after.captured_minor >= before.captured_minor
    assert after.refunded_minor >= 0


@given(one=observations)
def test_what_is_kept_of_an_observation_is_all_of_it(one: Observed):
    assert wire.from_plain(wire.to_plain(one), Observed) == one


def test_a_payment_stands_where_its_attempt_does():
    assert status_of([]) == PaymentStatus.PENDING
    assert status_of([PROCESSING]) == PaymentStatus.PENDING
    assert status_of([WAITING]) == PaymentStatus.REQUIRES_ACTION
    assert status_of([WAITING, PROCESSING]) == PaymentStatus.PENDING
    assert status_of([AUTHORIZED]) == PaymentStatus.AUTHORIZED
    assert status_of([DECLINED]) == PaymentStatus.FAILED
    assert status_of([CAPTURED]) == PaymentStatus.CAPTURED


def test_a_new_attempt_after_a_decline_is_pending_again():
    assert status_of([DECLINED], []) == PaymentStatus.PENDING
    assert status_of([DECLINED], [CAPTURED]) == PaymentStatus.CAPTURED
    assert status_of([DECLINED], [DECLINED]) == PaymentStatus.FAILED


def test_only_a_cancelling_of_ours_closes_a_payment():
    assert status_of([CANCELLED]) == PaymentStatus.FAILED
    assert status_of([CANCELLED], cancel_requested=True) == PaymentStatus.CANCELLED
    assert status_of([DECLINED], cancel_requested=True) == PaymentStatus.CANCELLED
    assert status_of([PROCESSING], cancel_requested=True) == PaymentStatus.PENDING


def test_money_that_has_moved_outweighs_every_other_word():
    assert status_of([CANCELLED, CAPTURED, DECLINED], cancel_requested=True) == PaymentStatus.CAPTURED
    state = fold([[CAPTURED], [CAPTURED]])
    assert (state.status, state.captured_minor) == (PaymentStatus.CAPTURED, 2 * AMOUNT)


def test_a_failure_is_told_only_while_it_is_the_last_word():
    assert fold([[DECLINED]]).failure == Failure(code="card_declined", message="Declined.")
    assert fold([[DECLINED], []]).failure is None
    assert fold([[WAITING]]).next_action == {"type": "redirect", "url": "https://bank"}
    assert fold([[WAITING, CAPTURED]]).next_action is None


def test_a_refund_is_reserved_until_the_provider_says_how_it_ended():
    mine = RefundIntent(id=UUID(int=7), amount_minor=400)

    def amounts(said: list[Observed]) -> tuple[PaymentStatus, int, int]:
        state: State = fold([said], [mine])
        return state.status, state.refunded_minor, state.refund_pending_minor

    pending = refunded(400, refund_id=mine.id, status=RefundStatus.PENDING)
    failed = refunded(400, refund_id=mine.id, status=RefundStatus.FAILED)
    done = refunded(400, refund_id=mine.id)
    assert amounts([CAPTURED]) == (PaymentStatus.CAPTURED, 0, 400)
    assert amounts([pending]) == (PaymentStatus.CAPTURED, 0, 400)
    assert amounts([failed, pending]) == (PaymentStatus.CAPTURED, 0, 0)
    assert amounts([done, pending]) == (PaymentStatus.PARTIALLY_REFUNDED, 400, 0)


def test_a_refund_made_at_the_provider_counts_too():
    assert fold([[refunded(AMOUNT)]]).status == PaymentStatus.REFUNDED


def test_nothing_said_is_an_attempt_that_has_started():
    assert fold([[]]).attempts == (NOTHING_SAID,)
