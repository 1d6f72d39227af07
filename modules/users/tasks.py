"""Users' periodic work in the Celery worker."""

from celery import shared_task

from modules.users.logic import link_requests, sessions, signing_keys


@shared_task(name="users.forget_old_rows")
def forget_old_rows() -> None:
    """Delete what has run out: sessions and signing keys whose last token has expired, requests nobody answered."""
    sessions.forget_expired()
    signing_keys.forget_retired()
    link_requests.forget_unanswered()
