"""A customer, who works in the shop too, leaves a trace in every field that can hold one."""

import json
from typing import Any
from uuid import UUID

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from rest_framework.test import APIClient

from ecommerce.kernel import clock
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import relay_until_quiet
from modules.cart.logic import safekeeping, storage
from modules.catalog.models import Review
from modules.notifications.logic import deliveries, tracking
from modules.notifications.logic.channels.mail_tracking import Told
from modules.notifications.models import Delivery, Message, Tracking
from modules.orders.logic import shipments
from modules.orders.models import Order, OrderEdit, Shipment
from modules.orders.models import Refund as OrderRefund
from modules.payments.logic.providers import sandbox_webhooks
from modules.payments.models import Attempt
from modules.payments.models import Refund as PaymentRefund
from modules.payments.tests.factories import deliver_webhooks
from modules.users.models import Identity, Impersonation, LinkRequest, User
from tests.journeys.buyer import DEMO_PRODUCT
from tests.privacy.canaries import Canaries

API = "/api/v1"
PASSWORD = "a long enough pass phrase"


class Life:
    """What one user does, through the API wherever there is a way in."""

    def __init__(self, canaries: Canaries) -> None:
        self.canaries, self.api = canaries, APIClient()
        self.email = f"{canaries.plant('email')}@example.com"
        self.user_id = self._registers()
        self._works_in_the_shop()

    def _registers(self) -> UUID:
        word = self.canaries.plant
        profile = {"first_name": word("first_name"), "last_name": word("last_name"), "phone": word("phone")}
        registered = self._post("users/register/", {"email": self.email, "password": PASSWORD, **profile}, status=201)
        user_id = UUID(registered["id"])
        # Staff who may do everything: there is no way in by the API. The seeded owner stays.
        User.objects.filter(id=user_id).update(is_staff=True, is_superuser=True)
        self.api.post(f"{API}/users/token/", {"email": self.email, "password": "wrong"})
        self.api.credentials(HTTP_USER_AGENT=word("user_agent"), REMOTE_ADDR=word("network"))
        pair = self._post("users/token/", {"email": self.email, "password": PASSWORD}, status=200)
        self.api.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
        return user_id

    def keeps_an_address_book(self) -> None:
        """One address, every field of it filled in; an account elsewhere; a mail asked for that nobody has seen to."""
        Identity.objects.create(user_id=self.user_id, provider="x", issuer="x", subject=self.canaries.plant("subject"))
        self._post("users/me/addresses/", self.canaries.address("book"), status=201)
        LinkRequest.objects.create(purpose="reset_password", email=self.email)
        self._post("users/me/exports/", {}, status=202)

    def _works_in_the_shop(self) -> None:
        reason = self.canaries.plant("stock reason")
        self._post(f"catalog/variants/{self._variant_id()}/stock/", {"delta": 5, "reason": reason}, status=200)
        kind = ContentType.objects.get_for_model(User)
        owner = User.objects.exclude(id=self.user_id).get(is_superuser=True)
        for by, about in ((owner.id, self.user_id), (self.user_id, owner.id)):
            LogEntry.objects.create(
                user_id=by,
                content_type=kind,
                object_id=str(about),
                object_repr=self.email,
                change_message=self.canaries.plant("admin log"),
                action_flag=CHANGE,
            )
        # Before he worked here somebody saw the shop as he did.
        Impersonation.objects.create(
            actor_id=owner.id, user_id=self.user_id, reason=self.canaries.plant("impersonation")
        )

    def fills_a_cart(self) -> str:
        """The cart's id, with one thing in it."""
        cart_id: str = self._post("carts/", {}, status=201)["id"]
        self._post(f"carts/{cart_id}/items/", {"variant_id": self._variant_id(), "quantity": 1}, status=200)
        return cart_id

    def leaves_a_cart(self) -> None:
        """Not ordered, with a code of his own in it, and written behind."""
        basket = storage.find_basket(UUID(self.fills_a_cart()))
        storage.add_code(basket, self.canaries.plant("code").upper(), versions=None)
        safekeeping.save_due()

    def buys(self, name: str) -> UUID:
        """Order, pay, and be told by mail; the words planted are called by the order's name."""
        canaries = self.canaries
        body = {
            "cart_id": self.fills_a_cart(),
            "email": f"{canaries.plant(f'{name}.email')}@example.com",
            "shipping_address": canaries.address(f"{name}.shipping"),
            "billing_address": canaries.address(f"{name}.billing"),
            "shipping_method": "standard",
            "note": canaries.plant(f"{name}.note"),
            "payment": {"provider": "sandbox", "method": "sandbox_ok"},
        }
        key = canaries.plant(f"{name}.idempotency_key")
        order_id = UUID(self._post("checkout/", body, status=201, key=key)["order"]["id"])
        self._provider_tells(name, order_id)
        deliver_webhooks()
        relay_until_quiet()
        self._mail_comes(name, order_id)
        # A word that is no number is refused at checkout.
        Order.objects.filter(pk=order_id).update(vat_id=canaries.plant(f"{name}.vat_id"))
        return order_id

    def _provider_tells(self, name: str, order_id: UUID) -> None:
        """A webhook with the payer's name in it, as real providers send them."""
        attempt_id = str(Attempt.objects.get(payment__order_id=order_id).pk)
        event = {"type": "payment.captured", "data": {"attempt_id": attempt_id}}
        body = json.dumps(event | {"payer": self.canaries.plant(f"{name}.provider_event")}).encode()
        event_id, timestamp = f"evt_{attempt_id}", str(int(clock.now().timestamp()))
        answer = APIClient().generic(
            "POST",
            sandbox_webhooks.PATH,
            body.decode(),
            content_type="application/json",
            headers={
                "webhook-id": event_id,
                "webhook-timestamp": timestamp,
                "webhook-signature": sandbox_webhooks.sign(event_id, timestamp, body),
            },
        )
        assert answer.status_code == 200, answer.content

    def _mail_comes(self, name: str, order_id: UUID) -> None:
        message = Message.objects.get(reference_id=order_id)
        deliveries.deliver(message.pk)
        # An attempt before it that a provider had refused.
        Delivery.objects.filter(message=message).update(detail=self.canaries.plant(f"{name}.delivery"))
        # Letters hold the address, but name nobody in the subject or in the text outside of it.
        words = {field: self.canaries.plant(f"{name}.{field}") for field in ("subject", "text", "html")}
        Message.objects.filter(pk=message.pk).update(**words)
        # And another that came back; the provider quotes the address, and it is written to no more.
        told = Told(
            event_id=name,
            message_id=message.pk,
            outcome=Tracking.Outcome.BOUNCED,
            address=message.address,
            is_dead=True,
            detail=self.canaries.plant(f"{name}.tracking"),
            at=clock.now(),
        )
        tracking.record("sendgrid", [told])

    def cancels(self, name: str, order_id: UUID) -> None:
        """Call an order off, with a reason; it was refused before, and the refund has a reason too."""
        word = self.canaries.plant
        self._post(f"orders/{order_id}/cancel/", {"reason": word(f"{name}.reason")}, status=200)
        deliver_webhooks()
        relay_until_quiet()
        PaymentRefund.objects.filter(payment__order_id=order_id).update(reason=word(f"{name}.refund_reason"))
        refusal = {"code": "out_of_stock", "status": 409, "detail": word(f"{name}.refusal"), "details": {}}
        Order.objects.filter(pk=order_id).update(refusal=refusal)

    def sends_something_back(self, name: str, order_id: UUID) -> None:
        """A delivered order of one unit: a return is rejected, another received; money goes back, and some does not."""
        word = self.canaries.plant
        line_id = self.api.get(f"{API}/orders/{order_id}/").json()["lines"][0]["id"]
        item = {"line_id": line_id, "quantity": 1}
        decisions: list[tuple[str, dict[str, Any], str]] = [
            ("reject", {"reason": word(f"{name}.answer")}, ""),
            ("receive", {}, f"{name} receive"),
        ]
        for decision, body, key in decisions:
            body_of_return = {"items": [item | {"reason": word(f"{name}.{decision}.return_reason")}]}
            wanted = self._post(f"orders/{order_id}/returns/", body_of_return, status=201)
            self._post(f"orders/{order_id}/returns/{wanted['id']}/{decision}/", body, status=200, key=key)
        goodwill = {"amount": {"amount": "0.10", "currency": "EUR"}, "reason": word(f"{name}.order_refund_reason")}
        self._post(f"orders/{order_id}/refunds/", goodwill, status=201, key=f"{name} refund")
        refusal = {"code": "refund_refused", "status": 409, "detail": word(f"{name}.refund_refusal"), "details": {}}
        OrderRefund.objects.filter(order_id=order_id, return_of=None).update(refusal=refusal)
        self._is_offered_an_edit(name, order_id)
        PaymentRefund.objects.filter(payment__order_id=order_id).update(reason=word(f"{name}.refund_reason"))

    def _is_offered_an_edit(self, name: str, order_id: UUID) -> None:
        """Before it was shipped staff wished to change it, and could not."""
        word = self.canaries.plant
        refusal = {"code": "out_of_stock", "status": 409, "detail": word(f"{name}.edit_refusal"), "details": {}}
        OrderEdit.objects.create(
            order_id=order_id,
            status="refused",
            reason=word(f"{name}.edit_reason"),
            refusal=refusal,
            actor="staff",
            created_at=clock.now(),
            payable_until=clock.now(),
        )

    def reviews_what_he_bought(self) -> None:
        """A review that is shown, and as a member of staff a word about another's."""
        word = self.canaries.plant
        words = {"title": word("review.title"), "body": word("review.body"), "author_name": word("review.author_name")}
        review = self._post(f"catalog/products/{DEMO_PRODUCT}/reviews/", {"stars": 2, **words}, status=201)
        self._post(f"catalog/reviews/{review['id']}/approve/", {}, status=200)
        another = Review.objects.create(
            product_id=review["product_id"], author_id=new_id(), stars=5, language="en", created_at=clock.now()
        )
        self._post(f"catalog/reviews/{another.pk}/reject/", {"reason": word("review.reason")}, status=200)

    def erases_the_account(self) -> None:
        """The way that the API offers."""
        answer = self.api.delete(f"{API}/users/me/", {"password": PASSWORD})
        assert answer.status_code == 204, answer.content
        relay_until_quiet()

    def is_told_of_it(self) -> None:
        """The last mail leaves, to the address that the account had."""
        deliveries.deliver(Message.objects.get(topic=Message.Topic.ACCOUNT_ERASED).pk)

    def _variant_id(self) -> str:
        variant_id: str = self.api.get(f"{API}/catalog/products/{DEMO_PRODUCT}/").json()["variants"][0]["id"]
        return variant_id

    def _post(self, path: str, body: dict[str, Any], *, status: int, key: str = "") -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        answer = self.api.post(f"{API}/{path}", body, headers=headers)
        assert answer.status_code == status, f"{path}: {answer.content!r}"
        return answer.json()


def deliver(order_id: UUID, tracking_number: str = "1") -> None:
    """A parcel goes out and arrives."""
    wish = shipments.ShipmentWish(asked=None, carrier="DHL", tracking_number=tracking_number)
    shipments.ship(order_id, wish, actor="staff", claim_id=None)
    shipments.deliver(order_id, Shipment.objects.get(order_id=order_id).pk, actor="staff")
    relay_until_quiet()
