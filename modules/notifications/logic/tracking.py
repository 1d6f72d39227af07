"""What became of a mail after the provider took it, and which addresses are written to no more."""

from collections.abc import Sequence
from uuid import UUID

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from modules.notifications.logic import preferences
from modules.notifications.logic.channels.letterbox import NotWantedAnyMore
from modules.notifications.logic.channels.mail_tracking import Told
from modules.notifications.models import Message, Suppression, Tracking


def record(provider: str, told: Sequence[Told]) -> None:
    """Keep what the provider tells of our mails; what it has told before, or tells of others' mails, changes nothing.

    An address that is dead gets no mail any more; one that complained of spam gets no marketing.
    """
    with atomic(Tracking):
        # Locked, so that an erasure now does not miss the words that are being written.
        asked = Message.objects.filter(pk__in={one.message_id for one in told}).select_for_update(no_key=True)
        messages = {message.pk: message for message in asked.only("id", "address", "forgotten_at").order_by("pk")}
        ours = [one for one in told if one.message_id in messages]
        Tracking.objects.bulk_create(
            (_row(provider, one, messages[one.message_id]) for one in ours), ignore_conflicts=True
        )
        Suppression.objects.bulk_create(
            [
                Suppression(address=address, reason=reason, created_at=clock.now())
                for address, reason in sorted(_to_suppress(ours, messages))
            ],
            ignore_conflicts=True,
        )


def require_reachable(message: Message) -> None:
    """Before a mail is sent: refuses a dead address, and marketing to one that complained, with NotWantedAnyMore."""
    reasons = {Suppression.Reason.BOUNCED}
    if message.topic in preferences.OPTIONAL:
        reasons.add(Suppression.Reason.COMPLAINED)
    if Suppression.objects.filter(address=normalised(message.address), reason__in=reasons).exists():
        raise NotWantedAnyMore("suppressed")


def normalised(address: str) -> str:
    """As addresses are compared: nearly no mailbox tells capitals apart."""
    return address.strip().casefold()[:320]


def _row(provider: str, one: Told, message: Message) -> Tracking:
    return Tracking(
        message=message,
        provider=provider,
        event_id=one.event_id,
        outcome=one.outcome,
        detail="" if message.forgotten_at else one.detail,
        at=one.at,
        received_at=clock.now(),
    )


def _to_suppress(told: Sequence[Told], messages: dict[UUID, Message]) -> set[tuple[str, str]]:
    """Only addresses that we have written to: what else stands in an event is not believed."""
    found = set()
    for one in told:
        address = normalised(one.address)
        if not address or address != normalised(messages[one.message_id].address):
            continue
        if one.is_dead:
            found.add((address, Suppression.Reason.BOUNCED.value))
        elif one.outcome == Tracking.Outcome.COMPLAINED:
            found.add((address, Suppression.Reason.COMPLAINED.value))
    return found
