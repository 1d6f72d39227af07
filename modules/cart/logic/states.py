"""Where a promotion stands: what staff see at a glance, and filter by."""

from datetime import datetime
from enum import StrEnum

from django.db.models import F, Q

from modules.cart.models import Promotion


class State(StrEnum):
    """Where a promotion stands at some instant; one that is over is no more said to be used up."""

    RUNNING = "running"
    PLANNED = "planned"
    USED_UP = "used up"
    OVER = "over"


def state_of(promotion: Promotion, *, at: datetime) -> State:
    """Where it stands."""
    if promotion.ends_at and promotion.ends_at <= at:
        return State.OVER
    if promotion.starts_at and promotion.starts_at > at:
        return State.PLANNED
    return State.USED_UP if is_used_up(promotion) else State.RUNNING


def is_used_up(promotion: Promotion) -> bool:
    """Whether as many orders use it as may; a limit may also have been lowered below that."""
    return promotion.usage_limit is not None and promotion.used >= promotion.usage_limit


def in_state(state: State, *, at: datetime) -> Q:
    """Those that stand there."""
    over, planned = Q(ends_at__lte=at), Q(starts_at__gt=at)
    used_up = Q(usage_limit__isnull=False, used__gte=F("usage_limit"))
    match state:
        case State.OVER:
            return over
        case State.PLANNED:
            return ~over & planned
        case State.USED_UP:
            return ~over & ~planned & used_up
        case State.RUNNING:
            return ~over & ~planned & ~used_up
