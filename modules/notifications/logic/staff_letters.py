"""The mails to the shop's staff (`STAFF_EMAILS`): what somebody has to see to before it costs money or orders."""

from collections.abc import Iterator
from uuid import UUID, uuid5

from django.conf import settings

from ecommerce.kernel import clock
from ecommerce.kernel.steps import NewStep, Run, add_steps, step
from modules.notifications.logic import handover, letters, order_letters
from modules.notifications.logic.layout import Letter
from modules.notifications.models import Message, WebhookEndpoint
from modules.payments.events import PaymentDisputed, RefundFailed

Topic = Message.Topic


def write_disputed(event: PaymentDisputed) -> None:
    """Once per dispute and address."""
    for message in _messages(Topic.PAYMENT_DISPUTED, event.dispute_id, order_id=event.order_id):
        add_steps(message.pk, [NewStep(complete_dispute_letter, {"event": event})])


def write_refund_failed(event: RefundFailed) -> None:
    """Once per refund and address."""
    for message in _messages(Topic.REFUND_FAILED, event.reference, order_id=event.order_id):
        add_steps(message.pk, [NewStep(complete_refund_letter, {"event": event})])


def write_webhook_disabled(endpoint: WebhookEndpoint) -> None:
    """In the transaction that disables it, once each time and address; not where staff did so themselves."""
    if endpoint.disabled_reason == WebhookEndpoint.DisabledReason.STAFF:
        return
    for message in _messages(Topic.WEBHOOK_DISABLED, uuid5(endpoint.pk, str(endpoint.version))):
        add_steps(message.pk, [NewStep(complete_webhook_letter, {"endpoint_id": endpoint.pk})])


@step
def complete_dispute_letter(run: Run, *, event: PaymentDisputed) -> None:
    """Ask orders for the order's number, keep the text, and hand it to the worker."""
    message = Message.objects.get(pk=run.aggregate_id)
    _complete(run, message, letters.about_dispute(_language(), order_letters.order_of(message).number, event))


@step
def complete_refund_letter(run: Run, *, event: RefundFailed) -> None:
    """Ask orders for the order's number, keep the text, and hand it to the worker."""
    message = Message.objects.get(pk=run.aggregate_id)
    _complete(run, message, letters.about_failed_refund(_language(), order_letters.order_of(message).number, event))


@step
def complete_webhook_letter(run: Run, *, endpoint_id: UUID) -> None:
    """Keep the text, and hand it to the worker; an endpoint that is enabled again by now, or gone, is no news."""
    message = Message.objects.get(pk=run.aggregate_id)
    endpoint = WebhookEndpoint.objects.filter(pk=endpoint_id, removed_at=None).exclude(disabled_reason="").first()
    _complete(run, message, letters.about_webhook(_language(), endpoint) if endpoint else None)


def _messages(topic: str, about: UUID, *, order_id: UUID | None = None) -> Iterator[Message]:
    """One for each address of staff, written at most once."""
    for address in settings.STAFF_EMAILS:
        message, _ = Message.objects.get_or_create(
            topic=topic,
            reference_id=uuid5(about, address),
            recipient=Message.Recipient.STAFF,
            channel=Message.Channel.MAIL,
            defaults={"order_id": order_id, "address": address, "created_at": clock.now()},
        )
        yield message


def _language() -> str:
    """The shop's own."""
    return letters.spoken(settings.LANGUAGE_CODE)


def _complete(run: Run, message: Message, letter: Letter | None) -> None:
    handover.complete(run, message, handover.ready(letter, message.address) if letter else None)
