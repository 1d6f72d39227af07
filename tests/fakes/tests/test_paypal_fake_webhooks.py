"""The fake's events: what they say, how they are signed, and when they go out."""

import base64
import json
import threading
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx2
import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.fakes.paypal import PayPalServer
from tests.fakes.tests.paypal_caller import Caller


@pytest.fixture
def paypal() -> Iterator[PayPalServer]:
    with PayPalServer() as paypal:
        yield paypal


@pytest.fixture
def caller(paypal: PayPalServer) -> Caller:
    return Caller(paypal)


def test_a_payment_is_told_from_approval_to_refund(paypal, caller):
    capture = caller.paid(paypal, custom_id="ours")
    caller.post(f"/v2/payments/captures/{capture['id']}/refund")
    assert [event.type for event in paypal.webhooks.events] == [
        "CHECKOUT.ORDER.APPROVED",
        "PAYMENT.CAPTURE.COMPLETED",
        "PAYMENT.CAPTURE.REFUNDED",
    ]
    told = json.loads(paypal.webhooks.of_type("PAYMENT.CAPTURE.COMPLETED").body)["resource"]
    assert (told["id"], told["custom_id"]) == (capture["id"], "ours")
    assert told["supplementary_data"]["related_ids"]["order_id"] in paypal.books.orders


def test_an_event_is_signed_by_a_certificate_of_the_fakes_authority(paypal, caller):
    caller.paid(paypal)
    event = paypal.webhooks.events[0]
    headers = paypal.webhooks.headers(event)
    leaf, root = x509.load_pem_x509_certificates(httpx2.get(headers["PAYPAL-CERT-URL"]).content)
    leaf.verify_directly_issued_by(root)
    assert root == paypal.webhooks.authority.certificate
    message = "|".join(
        (
            headers["PAYPAL-TRANSMISSION-ID"],
            headers["PAYPAL-TRANSMISSION-TIME"],
            paypal.books.account.webhook_id,
            str(zlib.crc32(event.body)),
        )
    ).encode()
    signature = base64.b64decode(headers["PAYPAL-TRANSMISSION-SIG"])
    key = leaf.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
    with pytest.raises(InvalidSignature):
        key.verify(signature, message + b"0", padding.PKCS1v15(), hashes.SHA256())


@pytest.fixture
def taken(paypal: PayPalServer) -> Iterator[list[str]]:
    """The types of the events that a listener has taken, in the order they came."""
    types: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            types.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["event_type"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its name in http.server)
            pass

    server = HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    paypal.webhooks.listener = f"http://127.0.0.1:{server.server_port}/"
    yield types
    server.shutdown()
    server.server_close()


def test_events_go_out_when_the_test_says_so(paypal, caller, taken):
    caller.paid(paypal)
    assert taken == []
    first, second = paypal.webhooks.events
    assert paypal.webhooks.deliver([second, first, first]) == [200, 200, 200]
    assert taken == ["PAYMENT.CAPTURE.COMPLETED", "CHECKOUT.ORDER.APPROVED", "CHECKOUT.ORDER.APPROVED"]
    assert paypal.webhooks.deliver() == []
