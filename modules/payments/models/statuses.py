"""How far things have come, in our words."""

from django.db import models


class AttemptStatus(models.TextChoices):
    """How far one attempt has come, in the order in which more is known of it.

    A declined attempt may still be paid, by another card on the same page of the provider's; a cancelled one may not.
    """

    STARTED = "started"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    FAILED = "failed"
    AUTHORIZED = "authorized"
    CANCELLED = "cancelled"
    CAPTURED = "captured"


OPEN = (
    AttemptStatus.STARTED.value,
    AttemptStatus.REQUIRES_ACTION.value,
    AttemptStatus.PROCESSING.value,
    AttemptStatus.AUTHORIZED.value,
)


class RefundStatus(models.TextChoices):
    """How far a refund has come, in that order."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class DisputeStatus(models.TextChoices):
    """How far a dispute has come, in that order; an inquiry has taken no money, and may never."""

    INQUIRY = "inquiry"
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    CLOSED = "closed"
    LOST = "lost"
    WON = "won"
