"""/dev/mailbox/: the mails that would have been sent, for who builds a storefront. With DEBUG only."""

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from modules.notifications.logic import mailbox
from modules.notifications.logic.channels.mail import FILES

View = Callable[..., HttpResponse]


def in_development(view: View) -> View:
    """Elsewhere there is no such page: nobody has to sign in to see it."""

    @require_safe
    def guarded(request: HttpRequest, **asked: str) -> HttpResponse:
        if not settings.DEBUG:
            raise Http404
        return view(request, **asked)

    return guarded


@in_development
def mails(request: HttpRequest) -> HttpResponse:
    """The newest mails."""
    written = settings.EMAIL_BACKEND == FILES
    found = mailbox.newest_mails() if written else []
    return render(request, "notifications/mailbox/mails.html", {"mails": found, "backend": settings.EMAIL_BACKEND})


@in_development
def mail(request: HttpRequest, name: str) -> HttpResponse:
    """One of them, as HTML, as text, and its headers."""
    try:
        found = mailbox.get_mail(name)
    except mailbox.MailNotFound as error:
        raise Http404 from error
    return render(request, "notifications/mailbox/mail.html", {"mail": found})


urlpatterns = [
    path("", mails, name="mailbox"),
    path("<str:name>/", mail, name="mailbox_mail"),
]
