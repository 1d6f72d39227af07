"""What staff read of payments."""

from datetime import timedelta

from ecommerce.kernel import clock
from ecommerce.kernel.admin_words import moment
from modules.payments.models import Dispute, DisputeStatus

# unfold's colours of labels, by what a status asks of staff.
COLOURS = {
    "pending": "warning",
    "requires_action": "warning",
    "authorized": "info",
    "captured": "success",
    "failed": "danger",
    "cancelled": "",
    "partially_refunded": "",
    "refunded": "",
    "started": "warning",
    "processing": "warning",
    "succeeded": "success",
    "done": "success",
    "refused": "danger",
    "inquiry": "warning",
    "needs_response": "danger",
    "under_review": "info",
    "closed": "",
    "lost": "danger",
    "won": "success",
    "urgent": "danger",
    "calm": "info",
    "over": "",
}
OPEN_DISPUTES = (DisputeStatus.INQUIRY, DisputeStatus.NEEDS_RESPONSE, DisputeStatus.UNDER_REVIEW)
# In which the bank still waits for what we have to say.
UNANSWERED_DISPUTES = (DisputeStatus.INQUIRY, DisputeStatus.NEEDS_RESPONSE)
SOON = timedelta(days=7)


def deadline(dispute: Dispute) -> tuple[str, str]:
    """Until when evidence is taken, and how that presses: urgent with less than a week left, else calm, or over."""
    if dispute.evidence_due_at is None:
        return "over", "-"
    told, left = f"{moment(dispute.evidence_due_at)} UTC", dispute.evidence_due_at - clock.now()
    if dispute.status not in UNANSWERED_DISPUTES:
        return "over", told
    if left <= timedelta():
        return "urgent", f"{told}, passed"
    days = f"{left.days} days left" if left.days > 1 else "a day left" if left.days else "less than a day left"
    return ("urgent" if left < SOON else "calm"), f"{told}, {days}"
