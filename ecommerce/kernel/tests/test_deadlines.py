import threading
import time

import pytest

from ecommerce.kernel.deadlines import TooSlow, ask_all


def test_each_question_has_its_answer_or_its_exception():
    failure = ZeroDivisionError("no")

    def fail() -> int:
        raise failure

    answers = ask_all({"a": lambda: 1, "b": fail, "c": lambda: 3}, seconds=2, at_once=3)
    assert answers == {"a": 1, "b": failure, "c": 3}


def test_nothing_asked_is_nothing_answered():
    assert ask_all({}, seconds=1, at_once=3) == {}


@pytest.mark.parametrize("at_once", [1, 5])
def test_the_time_is_for_all_together_and_hides_no_answer_that_came(at_once):
    release = threading.Event()
    hanging = {f"slow-{n}": lambda: release.wait(5) for n in range(4)}
    started = time.monotonic()
    answers = ask_all({"quick": lambda: True} | hanging, seconds=0.3, at_once=at_once)
    assert time.monotonic() - started < 1
    release.set()
    assert answers["quick"] is True
    assert all(isinstance(answers[name], TooSlow) for name in hanging)
