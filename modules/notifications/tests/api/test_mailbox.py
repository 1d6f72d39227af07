"""The mails of development in a browser."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from modules.notifications.logic import deliveries
from modules.notifications.logic.channels.mail import FILES
from modules.notifications.models import Message
from modules.notifications.tests.factories import MessageFactory

pytestmark = pytest.mark.django_db(transaction=True)

MAILBOX = "/dev/mailbox/"


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> Path:
    """Mails are files, in an empty directory."""
    settings.DEBUG, settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = True, FILES, str(tmp_path / "mail")
    return tmp_path / "mail"


def sent(**fields: object) -> Message:
    message = MessageFactory.create(**fields)
    deliveries.deliver(message.pk)
    return message


def page(url: str = MAILBOX) -> str:
    answer = Client().get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_shows_what_was_sent_as_html_and_as_text(files: Path) -> None:
    sent(subject="Ваш заказ подтверждён", text="Grüße\n", html="<p>Grüße & <b>mehr</b></p>\n")
    sent(subject="Another", address="eve@example.com")
    overview = page()
    for shown in ("Ваш заказ подтверждён", "ada@example.com", "Another", "eve@example.com"):
        assert shown in overview

    (link,) = re.findall(rf'href="({MAILBOX}[^"]+/)">Ваш', overview)
    mail = page(link)
    assert 'srcdoc="&lt;p&gt;Grüße &amp; &lt;b&gt;mehr&lt;/b&gt;&lt;/p&gt;' in mail
    assert "<pre>Grüße" in mail
    assert "Message-ID" in mail


def test_two_mails_that_share_a_file_are_both_shown(files: Path) -> None:
    """The backend names files by the second and by where it lay in memory, which may be the same twice."""
    sent(subject="One")
    (first,) = files.iterdir()
    sent(subject="Two")
    others = [file for file in files.iterdir() if file != first]
    for other in others:
        first.write_bytes(first.read_bytes() + other.read_bytes())
        other.unlink()
    names = re.findall(rf'href="({MAILBOX}[^"]+/)">(One|Two)', page())
    assert [subject for _, subject in names] == ["Two", "One"]
    assert all(f"<h1>{subject}</h1>" in page(link) for link, subject in names)


def test_it_is_empty_before_the_first_mail() -> None:
    assert "No mail was written" in page()


def test_where_mails_really_leave_there_is_nothing_to_see(settings: Any, provider: Any) -> None:
    sent()
    assert f"mails go by {settings.EMAIL_BACKEND}" in page()


@pytest.mark.parametrize("name", ["nothing.log", "..%2Fsecret.log", "%2Fetc%2Fpasswd"])
def test_only_mails_are_shown(files: Path, name: str) -> None:
    sent()
    (files.parent / "secret.log").write_text("Subject: secret\n\nsecret")
    assert Client().get(f"{MAILBOX}{name}/").status_code == 404


def test_in_production_there_is_no_such_page(settings: Any, files: Path) -> None:
    sent()
    settings.DEBUG = False
    (file,) = files.iterdir()
    assert [Client().get(url).status_code for url in (MAILBOX, f"{MAILBOX}{file.name}/")] == [404, 404]


def test_it_is_only_looked_at() -> None:
    assert Client().post(MAILBOX).status_code == 405
