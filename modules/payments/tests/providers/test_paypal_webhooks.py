"""PayPal's events are believed when they are PayPal's, and say which attempt they are about."""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from ecommerce.kernel import clock
from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.ids import new_id
from modules.payments.logic.providers import paypal_certificates
from modules.payments.logic.providers.base import InvalidSignature, Notice
from modules.payments.tests.providers.paypal_world import PAYPAL, begun, euros, paid, paypal_shop
from tests.fakes.paypal import PayPalServer
from tests.fakes.paypal.certificates import Authority
from tests.fakes.paypal.webhooks import CERTIFICATES, Event

NAMELESS = b'{"event_type": "BILLING.SUBSCRIPTION.CREATED", "resource": {}}'


@pytest.fixture(autouse=True)
def paypal() -> Iterator[PayPalServer]:
    with paypal_shop() as paypal:
        yield paypal


@pytest.fixture
def approved(paypal: PayPalServer) -> Event:
    paypal.buyer.approve(begun().reference)
    return paypal.webhooks.events[0]


def certificates_asked_for(paypal: PayPalServer) -> int:
    return len([path for _, path in paypal.calls if path.startswith(CERTIFICATES)])


class TestBelieving:
    def test_an_event_that_paypal_signed_is_read_and_its_certificate_kept(self, paypal, approved):
        for _ in range(3):
            notice = PAYPAL.verify_webhook(paypal.webhooks.headers(approved), approved.body)
            assert (notice.event_id, notice.type, notice.matters) == (approved.id, "CHECKOUT.ORDER.APPROVED", True)
        assert certificates_asked_for(paypal) == 1

    def test_the_names_of_headers_may_be_in_any_case(self, paypal, approved):
        headers = {name.title(): value for name, value in paypal.webhooks.headers(approved).items()}
        assert PAYPAL.verify_webhook(headers, approved.body).event_id == approved.id

    def test_a_new_key_is_believed_at_once(self, paypal, approved):
        PAYPAL.verify_webhook(paypal.webhooks.headers(approved), approved.body)
        paypal.webhooks.rotate()
        assert PAYPAL.verify_webhook(paypal.webhooks.headers(approved), approved.body).event_id == approved.id
        assert certificates_asked_for(paypal) == 2

    @pytest.mark.parametrize("age", [timedelta(0), timedelta(days=3), timedelta(minutes=-4)])
    def test_paypal_may_repeat_an_event_for_three_days(self, paypal, approved, age):
        headers = paypal.webhooks.headers(approved, at=clock.now() - age)
        assert PAYPAL.verify_webhook(headers, approved.body).event_id == approved.id


class TestDoubting:
    def refuse(self, headers: dict[str, str], body: bytes) -> None:
        with pytest.raises(InvalidSignature):
            PAYPAL.verify_webhook(headers, body)

    def test_an_altered_body(self, paypal, approved):
        self.refuse(paypal.webhooks.headers(approved), approved.body.replace(b"APPROVED", b"APPROVEX"))

    def test_an_event_for_another_webhook(self, paypal, approved):
        self.refuse(paypal.webhooks.headers(approved, webhook_id="5WH0000OTHER00002"), approved.body)

    @pytest.mark.parametrize("age", [timedelta(days=4, minutes=1), timedelta(minutes=-6)])
    def test_one_that_is_too_old_or_from_the_future(self, paypal, approved, age):
        self.refuse(paypal.webhooks.headers(approved, at=clock.now() - age), approved.body)

    @pytest.mark.parametrize(
        ("header", "value"),
        [
            ("PAYPAL-AUTH-ALGO", "SHA1withRSA"),
            ("PAYPAL-TRANSMISSION-SIG", "not base64!"),
            ("PAYPAL-TRANSMISSION-SIG", base64.b64encode(b"short").decode()),
            ("PAYPAL-TRANSMISSION-SIG", ""),
            ("PAYPAL-TRANSMISSION-TIME", "yesterday"),
            ("PAYPAL-TRANSMISSION-TIME", ""),
            ("PAYPAL-TRANSMISSION-ID", "another"),
            ("PAYPAL-CERT-URL", ""),
        ],
    )
    def test_a_header_that_is_wrong(self, paypal, approved, header, value):
        self.refuse(paypal.webhooks.headers(approved) | {header: value}, approved.body)

    def test_no_headers_at_all(self, approved):
        self.refuse({}, approved.body)

    @pytest.mark.parametrize(
        "url",
        [
            "https://evil.example.com/v1/notifications/certs/CERT-1",
            "https://paypal.com.evil.example.com/v1/notifications/certs/CERT-1",
            "https://evilpaypal.com/v1/notifications/certs/CERT-1",
            "https://api.paypal.com@evil.example.com/v1/notifications/certs/CERT-1",
            "https://api.paypal.com:8443/v1/notifications/certs/CERT-1",
            "http://api.paypal.com/v1/notifications/certs/CERT-1",
            "https://api.paypal.com/v1/elsewhere/CERT-1",
            "https://api.paypal.com/v1/notifications/certs/../../elsewhere",
            "file:///v1/notifications/certs/CERT-1",
            "https://[/v1/notifications/certs/CERT-1",
        ],
    )
    def test_a_certificate_from_elsewhere_is_not_even_fetched(self, paypal, approved, url, monkeypatch):
        monkeypatch.setattr(paypal_certificates, "fetch_plain", lambda url: pytest.fail(f"fetched {url}"))
        self.refuse(paypal.webhooks.headers(approved, certificate_url=url), approved.body)

    def test_paypals_own_hosts_are_fetched_from(self, paypal, approved, monkeypatch):
        asked: list[str] = []

        def fetch(url: str) -> bytes:
            asked.append(url)
            return b""

        monkeypatch.setattr(paypal_certificates, "fetch_plain", fetch)
        for host in ("api.paypal.com", "api-m.sandbox.paypal.com", "paypal.com"):
            url = f"https://{host}{CERTIFICATES}CERT-1"
            self.refuse(paypal.webhooks.headers(approved, certificate_url=url), approved.body)
        assert len(asked) == 3

    def test_a_certificate_of_another_authority(self, paypal, approved):
        forger = Authority("Fake Root CA").signer()
        url = paypal.webhooks.serve(forger)
        self.refuse(paypal.webhooks.headers(approved, signer=forger, certificate_url=url), approved.body)

    @pytest.mark.parametrize("name", ["www.paypal.com", "messageverificationcerts.paypal.com.evil.example.com"])
    def test_a_certificate_in_another_name(self, paypal, approved, name):
        other = paypal.webhooks.authority.signer(name)
        url = paypal.webhooks.serve(other)
        self.refuse(paypal.webhooks.headers(approved, signer=other, certificate_url=url), approved.body)

    def test_a_certificate_that_has_ended(self, paypal, approved):
        ended = paypal.webhooks.authority.signer(valid_for=timedelta(days=-1))
        url = paypal.webhooks.serve(ended)
        self.refuse(paypal.webhooks.headers(approved, signer=ended, certificate_url=url), approved.body)

    def test_the_right_certificate_and_another_key(self, paypal, approved):
        forger = Authority().signer()
        self.refuse(paypal.webhooks.headers(approved, signer=forger), approved.body)

    def test_something_that_is_no_certificate(self, paypal, approved):
        url = f"{paypal.base_url}{CERTIFICATES}CERT-none"
        self.refuse(paypal.webhooks.headers(approved, certificate_url=url), approved.body)

    def test_a_certificate_that_cannot_be_fetched_now_is_for_paypal_to_repeat(self, paypal, approved):
        headers = paypal.webhooks.headers(approved)
        paypal.refuse_connections()
        with pytest.raises(Unavailable):
            PAYPAL.verify_webhook(headers, approved.body)


class TestReading:
    def read(self, paypal: PayPalServer, event: Event) -> Notice:
        return PAYPAL.verify_webhook(paypal.webhooks.headers(event), event.body)

    def told(self, paypal: PayPalServer, kind: str, resource: dict) -> Notice:
        paypal.webhooks.tell(kind, "whatever", resource)
        return self.read(paypal, paypal.webhooks.events[-1])

    def test_orders_and_payments_are_known_by_our_id_and_theirs(self, paypal):
        charge = paid(paypal)
        for kind in ("CHECKOUT.ORDER.APPROVED", "PAYMENT.CAPTURE.COMPLETED"):
            event = paypal.webhooks.of_type(kind)
            assert self.read(paypal, event) == Notice(
                event_id=event.id, type=kind, attempt_id=charge.attempt_id, reference=charge.reference
            )

    def test_authorisations_too(self, paypal):
        charge = paid(paypal, captures_later=True)
        notice = self.read(paypal, paypal.webhooks.of_type("PAYMENT.AUTHORIZATION.CREATED"))
        assert (notice.attempt_id, notice.reference) == (charge.attempt_id, charge.reference)

    def test_a_refund_is_about_its_order_not_about_its_own_id(self, paypal):
        charge = paid(paypal)
        PAYPAL.refund(charge, new_id(), euros("5.00"))
        notice = self.read(paypal, paypal.webhooks.of_type("PAYMENT.CAPTURE.REFUNDED"))
        assert (notice.attempt_id, notice.reference, notice.matters) == (None, charge.reference, True)

    def test_a_refund_that_names_no_order_is_found_by_its_capture(self, paypal):
        charge = paid(paypal)
        PAYPAL.refund(charge, new_id(), euros("5.00"))
        resource = json.loads(paypal.webhooks.of_type("PAYMENT.CAPTURE.REFUNDED").body)["resource"]
        del resource["supplementary_data"]
        notice = self.told(paypal, "PAYMENT.CAPTURE.REFUNDED", resource)
        assert (notice.attempt_id, notice.reference) == (charge.attempt_id, "")

    @pytest.mark.parametrize("names_it", [True, False])
    def test_a_dispute_is_about_the_attempt_it_names_or_whose_capture_it_names(self, paypal, names_it):
        charge = paid(paypal)
        paypal.open_dispute(paypal.capture_ids(charge.reference)[0])
        resource = json.loads(paypal.webhooks.of_type("CUSTOMER.DISPUTE.CREATED").body)["resource"]
        if not names_it:
            del resource["disputed_transactions"][0]["custom"]
        notice = self.told(paypal, "CUSTOMER.DISPUTE.CREATED", resource)
        assert (notice.attempt_id, notice.matters) == (charge.attempt_id, True)

    def test_a_dispute_of_a_payment_nobody_knows_does_not_matter(self, paypal):
        resource = {"disputed_transactions": [{"seller_transaction_id": "0UNKNOWN000000000"}]}
        assert not self.told(paypal, "CUSTOMER.DISPUTE.CREATED", resource).matters

    @pytest.mark.parametrize(
        ("kind", "resource"),
        [
            ("BILLING.SUBSCRIPTION.CREATED", {"id": "I-1"}),
            ("PAYMENT.CAPTURE.COMPLETED", {"id": "C", "custom_id": "of another shop"}),
            ("PAYMENT.CAPTURE.COMPLETED", {"id": "C"}),
            ("CHECKOUT.ORDER.APPROVED", {"id": "O", "purchase_units": [{}]}),
        ],
    )
    def test_what_is_nothing_of_ours_does_not_matter(self, paypal, kind, resource):
        notice = self.told(paypal, kind, resource)
        assert (notice.type, notice.attempt_id, notice.reference, notice.matters) == (kind, None, "", False)

    @pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"event_type": "CHECKOUT.ORDER.APPROVED"}', NAMELESS])
    def test_what_cannot_be_read_is_kept_and_does_not_matter(self, paypal, body):
        event = Event("none", "none", body)
        notice = self.read(paypal, event)
        assert (notice.type, notice.matters) == ("unreadable", False)
        assert notice.event_id.startswith("crc-")


@pytest.mark.django_db(transaction=True)
class TestArriving:
    """At the shop's own address, as PayPal sends them."""

    def test_a_forged_event_is_refused_and_a_genuine_one_kept_once(self, paypal, approved, client):
        from modules.payments.models import ProviderEvent

        def post(headers: dict[str, str]) -> int:
            answer = client.post(
                "/api/v1/payments/webhooks/paypal/",
                data=approved.body,
                content_type="application/json",
                headers={name: value for name, value in headers.items() if name != "Content-Type"},
            )
            return int(answer.status_code)

        forger = Authority().signer()
        assert post(paypal.webhooks.headers(approved, signer=forger)) == 400
        assert ProviderEvent.objects.count() == 0
        assert [post(paypal.webhooks.headers(approved)) for _ in range(2)] == [200, 200]
        assert ProviderEvent.objects.get().event_id == approved.id
