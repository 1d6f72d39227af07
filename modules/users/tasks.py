"""Users' periodic work in the Celery worker."""

from celery import shared_task

from modules.users.logic import erasure, sessions, signing_keys


@shared_task(name="users.forget_old_rows")
def forget_old_rows() -> None:
    """Delete sessions and signing keys whose last token has expired, and what came in while an account was erased."""
    sessions.forget_expired()
    signing_keys.forget_retired()
    erasure.close_erased()
