"""Asking for a link by mail, without being told whether the address is known.

Every request writes the same rows and gets the same answer; who it is for is found out afterwards, by a durable step.
"""

from datetime import timedelta

from django.db.models import QuerySet

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.events import publish
from ecommerce.kernel.steps import Run, add_steps, step
from modules.users.contracts import LinkPurpose
from modules.users.events import EmailVerificationRequested, PasswordResetRequested
from modules.users.logic import mail_limits
from modules.users.models import LinkRequest, User

# A request that nobody could answer for that long is of no use to anybody.
FORGOTTEN_AFTER = timedelta(days=1)


def request_link(*, email: str, purpose: LinkPurpose) -> None:
    """Let a link be mailed to this address if it has an account that needs one. Repeating asks for another mail."""
    with atomic(LinkRequest):
        request = LinkRequest.objects.create(purpose=purpose, email=email)
        add_steps(request.id, [answer_link_request])


@step
def answer_link_request(run: Run) -> None:
    """Announce what the account's owner asked for, if there is one; a request that is gone was answered."""
    request = LinkRequest.objects.filter(id=run.aggregate_id).first()
    if request is None:
        return
    user = _owner(request)
    wanted = user is not None and mail_limits.allows(user.email, request.purpose)
    with run.done(LinkRequest):
        LinkRequest.objects.filter(id=request.id).delete()
        if user is not None and wanted:
            publish(_announced(user, request))


def forget_unanswered() -> int:
    """Delete requests that were never answered; repeating is safe."""
    return LinkRequest.objects.filter(created_at__lt=clock.now() - FORGOTTEN_AFTER).delete()[0]


def _owner(request: LinkRequest) -> User | None:
    accounts: QuerySet[User] = User.objects.with_email(request.email).filter(is_active=True)
    if request.purpose == LinkPurpose.VERIFY_EMAIL:
        accounts = accounts.filter(email_verified=False)
    return accounts.first()


def _announced(user: User, request: LinkRequest) -> EmailVerificationRequested | PasswordResetRequested:
    event = EmailVerificationRequested if request.purpose == LinkPurpose.VERIFY_EMAIL else PasswordResetRequested
    return event(user_id=user.id, request_id=request.id)
