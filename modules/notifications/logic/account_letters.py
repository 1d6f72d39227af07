"""The mails about an account: prove its address, welcome, choose a new password, the password was changed."""

from uuid import UUID

from ecommerce.kernel import clock
from ecommerce.kernel.steps import Run, add_steps, step
from modules.notifications.logic import handover, letters
from modules.notifications.models import Message
from modules.users import service as users_service
from modules.users.contracts import Contact, LinkPurpose
from modules.users.events import EmailVerificationRequested, EmailVerified, PasswordChanged, PasswordResetRequested

# The link of these is fetched when they are sent (secret_links.py), and never stored.
PURPOSES = {
    Message.Topic.EMAIL_VERIFICATION: LinkPurpose.VERIFY_EMAIL,
    Message.Topic.PASSWORD_RESET: LinkPurpose.RESET_PASSWORD,
}


def write_verification(event: EmailVerificationRequested) -> None:
    """Write the message that lets an owner prove the address; one for each request."""
    _write(Message.Topic.EMAIL_VERIFICATION, event.user_id, event.request_id)


def write_welcome(event: EmailVerified) -> None:
    """Write the message that greets an owner whose address is proven; once per account."""
    _write(Message.Topic.WELCOME, event.user_id, event.user_id)


def write_reset(event: PasswordResetRequested) -> None:
    """Write the message by which an owner chooses a new password; one for each request."""
    _write(Message.Topic.PASSWORD_RESET, event.user_id, event.request_id)


def write_password_changed(event: PasswordChanged) -> None:
    """Write the message that warns an owner of a new password; one for each change."""
    _write(Message.Topic.PASSWORD_CHANGED, event.user_id, event.change_id)


@step
def complete_account_letter(run: Run) -> None:
    """Ask users for the address, keep the text without its secret link, and hand it to the worker."""
    message = Message.objects.get(pk=run.aggregate_id)
    assert message.customer_id is not None  # noqa: S101  (these are about an account)
    contacts = users_service.get_contacts(ids=[message.customer_id])
    handover.complete(run, message, _text(message, contacts[0]) if contacts else None)


def _write(topic: str, user_id: UUID, reference_id: UUID) -> None:
    message, _ = Message.objects.get_or_create(
        topic=topic,
        reference_id=reference_id,
        recipient=Message.Recipient.OWNER,
        channel=Message.Channel.MAIL,
        defaults={"customer_id": user_id, "created_at": clock.now()},
    )
    add_steps(message.id, [complete_account_letter])


def _text(message: Message, contact: Contact) -> dict[str, object]:
    return handover.ready(letters.about_account(message.topic, contact), contact.email)
