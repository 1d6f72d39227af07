"""What mail providers tell of our mails, in SendGrid's documented format, and what follows from it."""

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection

from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import stand_in, statements
from modules.notifications.handlers import HANDLERS
from modules.notifications.logic import deliveries
from modules.notifications.models import Message, Suppression, Tracking
from modules.notifications.tests.api.callers import client
from modules.notifications.tests.factories import MessageFactory, a_contact
from modules.users.events import UserErased

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/api/v1/notifications/tracking/sendgrid/"
KEY = ec.generate_private_key(ec.SECP256R1())
FORMAT = serialization.PublicFormat.SubjectPublicKeyInfo
PUBLIC_KEY = base64.b64encode(KEY.public_key().public_bytes(serialization.Encoding.DER, FORMAT)).decode()


@pytest.fixture(autouse=True)
def sendgrid(settings: Any) -> None:
    """The shop knows SendGrid's key."""
    settings.ANYMAIL = settings.ANYMAIL | {"SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY": PUBLIC_KEY}


def event(message: Message, kind: str = "delivered", **fields: Any) -> dict[str, object]:
    return {
        "email": message.address,
        "timestamp": 1764331200,
        "event": kind,
        "sg_event_id": str(new_id()),
        "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
        "smtp-id": f"<{message.pk}@shop.example>",
        "message_id": str(message.pk),
        **fields,
    }


def tell(*events: object, body: bytes | None = None, key: ec.EllipticCurvePrivateKey = KEY, url: str = URL) -> Any:
    body = json.dumps(events).encode() if body is None else body
    signature = base64.b64encode(key.sign(b"1764331200" + body, ec.ECDSA(hashes.SHA256()))).decode()
    headers = {
        "X-Twilio-Email-Event-Webhook-Signature": signature,
        "X-Twilio-Email-Event-Webhook-Timestamp": "1764331200",
    }
    return client().post(url, body, content_type="application/json", headers=headers)


def suppressed() -> set[tuple[str, str]]:
    return set(Suppression.objects.values_list("address", "reason"))


def test_what_became_of_a_mail_is_kept_once_however_often_it_is_told() -> None:
    message = MessageFactory.create()
    told = [event(message, "deferred", response="421 busy"), event(message, response="250 OK")]
    for _ in range(2):
        assert tell(*told, told[0]).status_code == 200
    rows = Tracking.objects.order_by("outcome").values_list("message_id", "provider", "outcome", "detail")
    assert list(rows) == [
        (message.pk, "sendgrid", "deferred", "421 busy"),
        (message.pk, "sendgrid", "delivered", "250 OK"),
    ]
    assert suppressed() == set()


def test_a_hundred_events_cost_as_many_statements_as_one() -> None:
    messages = [MessageFactory.create(address=f"{number}@example.com") for number in range(100)]
    costs = []
    for chosen in (messages[:1], messages):
        with statements() as asked:
            tell(*[event(message, "bounce", type="bounce") for message in chosen])
        costs.append(len(asked))
    assert costs[0] == costs[1] <= 3
    assert len(suppressed()) == 100


@pytest.mark.parametrize(
    ("kind", "fields", "reasons"),
    [
        ("bounce", {"type": "bounce", "reason": "550 no such user", "status": "5.1.1"}, {"bounced"}),
        ("bounce", {"type": "blocked", "reason": "550 spam", "status": "5.7.1"}, set()),
        ("dropped", {"reason": "Bounced Address"}, {"bounced"}),
        ("dropped", {"reason": "Invalid"}, {"bounced"}),
        ("dropped", {"reason": "Spam Content"}, set()),
        ("deferred", {"response": "421"}, set()),
        ("spamreport", {}, {"complained"}),
        ("open", {}, set()),
        ("click", {"url": "https://shop.example/"}, set()),
    ],
)
def test_a_dead_address_gets_no_mail_and_who_complains_no_marketing(
    broker: list[Any], provider: Any, kind: str, fields: dict[str, Any], reasons: set[str]
) -> None:
    ada = new_id()
    address = "Ada@Example.com"
    tell(event(MessageFactory.create(address=address), kind, **fields))
    assert suppressed() == {("ada@example.com", reason) for reason in reasons}

    order_mail = MessageFactory.create(address=address)
    reminder = MessageFactory.create(address=address, topic="cart_abandoned", order_id=None, customer_id=ada)
    with stand_in("users", get_contacts=lambda ids: [a_contact(ada)]):
        for message in (order_mail, reminder):
            deliveries.deliver(message.pk)
            message.refresh_from_db()
    assert order_mail.status == ("skipped" if "bounced" in reasons else "sent")
    assert reminder.status == ("skipped" if reasons else "sent")
    if reasons:
        assert reminder.deliveries.get().code == "suppressed"


def test_only_an_address_that_we_wrote_to_is_believed() -> None:
    message = MessageFactory.create()
    tell(event(message, "bounce", type="bounce", email="boss@example.com"))
    tell(event(Message(pk=new_id(), address="eve@example.com"), "bounce", type="bounce"))
    tell({"event": "bounce", "type": "bounce", "email": "eve@example.com", "sg_event_id": "1", "timestamp": 1})
    assert suppressed() == set()
    assert Tracking.objects.count() == 1


def test_who_is_not_the_provider_is_refused() -> None:
    message = MessageFactory.create()
    other = ec.generate_private_key(ec.SECP256R1())
    refused = tell(event(message, "bounce", type="bounce"), key=other)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_signature")
    assert client().post(URL, [], format="json").json()["code"] == "invalid_signature"
    assert tell(url=URL.replace("sendgrid", "pigeon")).status_code == 404
    assert (suppressed(), Tracking.objects.count()) == (set(), 0)


def test_a_shop_without_the_key_believes_nobody(settings: Any) -> None:
    settings.ANYMAIL = settings.ANYMAIL | {"SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY": ""}
    assert tell(event(MessageFactory.create())).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"7",
        b"[7]",
        b"[null]",
        b'{"event": "bounce"}',
        b"[{}]",
        b"\xff",
        b"[" * 2000,
        b'[{"event": []}]',
    ],
)
def test_what_cannot_be_read_is_refused_and_changes_nothing(body: bytes) -> None:
    refused = tell(body=body)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_body")
    assert Tracking.objects.count() == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"timestamp": "soon"},
        {"timestamp": 1e300},
        {"sg_event_id": "x" * 300},
        {"sg_event_id": 7},
        {"response": {"a": 1}},
        {"response": "\x00"},
        {"email": 7},
        {"message_id": [1]},
    ],
)
def test_an_odd_event_is_no_server_error(fields: dict[str, Any]) -> None:
    assert tell(event(MessageFactory.create(), **fields)).status_code in (200, 400)


def test_who_is_erased_leaves_no_words_and_no_address(broker: list[Any]) -> None:
    ada = new_id()
    message = MessageFactory.create(customer_id=ada)
    tell(event(message, "bounce", type="bounce", reason="550 ada@example.com unknown"))
    with atomic(Message):
        for handler in HANDLERS[UserErased]:
            handler(UserErased(user_id=ada))
    assert (Tracking.objects.get().detail, suppressed()) == ("", set())
    tell(event(message, "bounce", type="bounce", reason="550 ada@example.com", email="ada@example.com"))
    assert ({row.detail for row in Tracking.objects.all()}, suppressed()) == ({""}, set())


def test_a_dead_address_is_found_by_an_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        plan = Suppression.objects.filter(address="ada@example.com", reason__in={"bounced"}).order_by().explain()
        cursor.execute("RESET enable_seqscan")
    assert "suppression_once" in plan
