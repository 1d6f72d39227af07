"""Users' periodic work in the Celery worker."""

from celery import shared_task

from modules.users.logic import exports, link_requests, sessions, signing_keys


@shared_task(name="users.forget_old_rows")
def forget_old_rows() -> None:
    """Delete what has run out: sessions and signing keys by their last token, requests nobody answered, exports."""
    sessions.forget_expired()
    signing_keys.forget_retired()
    link_requests.forget_unanswered()
    exports.forget_expired()
