"""Asking several things at once, none of which may keep the answer waiting."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

Answer = TypeVar("Answer")


class TooSlow(TimeoutError):
    """There was no answer in time."""


def ask_all(
    questions: Mapping[str, Callable[[], Answer]], *, seconds: float, at_once: int
) -> dict[str, Answer | Exception]:
    """Each question's answer, or the exception that stands for it: its own, or TooSlow after `seconds` together.

    A question that hangs is left to its thread, which ends by its own time-outs.
    """
    pool = ThreadPoolExecutor(max_workers=max(1, min(at_once, len(questions))), thread_name_prefix="ask")
    running = {name: pool.submit(_in_thread, question) for name, question in questions.items()}
    deadline = time.monotonic() + seconds
    answers = {}
    for name, future in running.items():
        answer = _answer(future, deadline)
        answers[name] = answer
    pool.shutdown(wait=False, cancel_futures=True)
    return answers


def _in_thread(question: Callable[[], Answer]) -> Answer:
    try:
        return question()
    finally:
        connections.close_all()


def _answer(future: "Future[Answer]", deadline: float) -> Answer | Exception:
    try:
        return future.result(timeout=max(0.0, deadline - time.monotonic()))
    except TimeoutError:
        return TooSlow()
    except Exception as error:  # whatever goes wrong stands for this one, and hides none of the others
        return error
