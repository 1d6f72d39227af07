"""Numbers whose owners have answered STOP: they get no SMS until they answer START."""

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from modules.notifications.logic.channels.letterbox import NotWantedAnyMore
from modules.notifications.models import Message, Suppression

STOPPED = Suppression.Reason.STOPPED


def stop(number: str) -> None:
    """Send no more to a number that we have written to; of others nothing is kept. Repeating is safe."""
    with atomic(Suppression):
        # Locked, so that an erasure now does not miss the number that is being written.
        written_to = Message.objects.filter(channel=Message.Channel.SMS, address=number, forgotten_at=None)
        if number and list(written_to.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True)):
            row = Suppression(address=number, reason=STOPPED, created_at=clock.now())
            Suppression.objects.bulk_create([row], ignore_conflicts=True)


def start(number: str) -> None:
    """It may be written to again; repeating is safe."""
    Suppression.objects.filter(address=number, reason=STOPPED).delete()


def require_not_stopped(number: str) -> None:
    """Before an SMS is sent: refuses a number whose owner wants none with NotWantedAnyMore."""
    if Suppression.objects.filter(address=number, reason=STOPPED).exists():
        raise NotWantedAnyMore("suppressed")
