"""Messages to people and programs, and every attempt to deliver them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from ecommerce.kernel.ids import new_id


class Message(models.Model):
    """What one recipient is told about one fact on one channel: written once, kept as it was sent."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"address", "subject", "text", "html"})

    class Topic(models.TextChoices):
        ORDER_CONFIRMED = "order_confirmed"
        ORDER_SHIPPED = "order_shipped"
        ORDER_DELIVERED = "order_delivered"
        ORDER_CANCELLED = "order_cancelled"
        ORDER_EDIT_OFFERED = "order_edit_offered"
        PAYMENT_FAILED = "payment_failed"
        PAYMENT_REFUNDED = "payment_refunded"
        RETURN_RECEIVED = "return_received"
        RETURN_REJECTED = "return_rejected"
        WELCOME = "welcome"
        CART_ABANDONED = "cart_abandoned"
        BACK_IN_STOCK = "back_in_stock"
        EMAIL_VERIFICATION = "email_verification"
        PASSWORD_RESET = "password_reset"  # noqa: S105  (a topic, no password)
        PASSWORD_CHANGED = "password_changed"  # noqa: S105  (a topic, no password)
        # To the shop's staff.
        PAYMENT_DISPUTED = "payment_disputed"
        REFUND_FAILED = "refund_failed"
        WEBHOOK_DISABLED = "webhook_disabled"
        REVIEW_REQUEST = "review_request"
        ACCOUNT_ERASED = "account_erased"

    class Recipient(models.TextChoices):
        BUYER = "buyer"
        OWNER = "owner"  # of an account
        STAFF = "staff"
        ENDPOINT = "endpoint"  # another program

    class Channel(models.TextChoices):
        MAIL = "mail"
        SMS = "sms"
        WEBHOOK = "webhook"

    class Status(models.TextChoices):
        DRAFT = "draft"  # its text is still to be written
        READY = "ready"  # to be sent, or being sent, or to be tried again
        SENT = "sent"
        PARKED = "parked"  # tried in vain; waits for people
        SKIPPED = "skipped"  # there is nobody to send it to, or nobody any more

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # A letter's, or the name of the event that a webhook tells.
    topic = models.CharField(max_length=50)
    # What the message is about, by topic: an order, a parcel, a refund; an account's request or change; an event.
    reference_id = models.UUIDField()
    # Of those about an order.
    order_id = models.UUIDField(null=True)
    recipient = models.CharField(max_length=20, choices=Recipient.choices)
    channel = models.CharField(max_length=20, choices=Channel.choices)
    customer_id = models.UUIDField(null=True)
    # Since then nothing here names its recipient.
    forgotten_at = models.DateTimeField(null=True)

    # Of webhooks: whom they are for, and what tells in which order an endpoint hears of one thing.
    endpoint = models.ForeignKey("WebhookEndpoint", on_delete=models.CASCADE, null=True, related_name="messages")
    ordering_key = models.UUIDField(null=True)
    position = models.BigIntegerField(null=True)
    # The last attempt is made then; without it, attempts are counted.
    give_up_at = models.DateTimeField(null=True)

    language = models.CharField(max_length=10, blank=True)
    address = models.CharField(max_length=320, blank=True)
    subject = models.CharField(max_length=255, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    # Of SMS: how many are paid for, and the price that the provider has told by now.
    segments = models.PositiveSmallIntegerField(default=0, db_default=0)
    cost = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    cost_currency = models.CharField(max_length=3, blank=True, db_default="")

    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    # Until then the broker has it; after that it is handed over again, so that nothing it loses is lost.
    handed_until = models.DateTimeField(null=True)
    claim_token = models.UUIDField(null=True)
    claimed_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["topic", "reference_id", "recipient", "channel"],
                name="message_once_per_recipient",
                condition=Q(endpoint=None),
            ),
            models.UniqueConstraint(
                fields=["endpoint", "reference_id"],
                name="message_once_per_endpoint",
                condition=Q(endpoint__isnull=False),
            ),
            models.CheckConstraint(
                name="message_webhook_complete",
                condition=Q(channel="webhook", endpoint__isnull=False, ordering_key__isnull=False)
                & Q(position__isnull=False, give_up_at__isnull=False)
                | ~Q(channel="webhook") & Q(endpoint=None, ordering_key=None, position=None),
            ),
            models.CheckConstraint(
                name="message_status_known", condition=Q(status__in=["draft", "ready", "sent", "parked", "skipped"])
            ),
            models.CheckConstraint(
                name="message_ready_complete",
                condition=~Q(status="ready") | (~Q(address="") & ~Q(text="") & Q(next_attempt_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="message_cost_complete",
                condition=Q(cost=None, cost_currency="") | Q(cost__isnull=False) & ~Q(cost_currency=""),
            ),
            models.CheckConstraint(
                name="message_forgotten_blank",
                condition=Q(forgotten_at=None)
                | Q(status__in=["sent", "skipped"], address="", subject="", text="", html=""),
            ),
            models.CheckConstraint(
                name="message_sent_dated",
                condition=Q(status="sent", sent_at__isnull=False) | ~Q(status="sent") & Q(sent_at=None),
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], name="message_due", condition=Q(status="ready")),
            models.Index(fields=["id"], name="message_parked", condition=Q(status="parked")),
            models.Index(
                fields=["customer_id", "id"], name="message_of_customer", condition=Q(customer_id__isnull=False)
            ),
            models.Index(fields=["order_id"], name="message_of_order", condition=Q(order_id__isnull=False)),
            models.Index(fields=["address"], name="message_to_number", condition=Q(channel="sms")),
            models.Index(fields=["sent_at"], name="message_sms_sent", condition=Q(channel="sms", status="sent")),
            models.Index(fields=["created_at"], name="message_of_webhooks", condition=Q(endpoint__isnull=False)),
            models.Index(
                fields=["endpoint", "ordering_key", "position"],
                name="message_in_order",
                condition=Q(status="ready", endpoint__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.reference_id}"


class Delivery(models.Model):
    """One attempt to send a message: written before the provider is asked, closed when it has answered."""

    # A provider's refusal may quote the address.
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"detail"})

    class Status(models.TextChoices):
        STARTED = "started"
        SENT = "sent"
        FAILED = "failed"  # may work later
        REFUSED = "refused"  # will not work as it is
        LOST = "lost"  # the worker ended before the answer came

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries")
    # The message's, for an endpoint's log.
    endpoint = models.ForeignKey(
        "WebhookEndpoint", on_delete=models.CASCADE, null=True, related_name="deliveries", db_index=False
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.STARTED)
    code = models.CharField(max_length=50, blank=True)
    detail = models.TextField(blank=True)
    # The provider's own id of what it took, where it gives one.
    provider_id = models.CharField(max_length=255, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.CheckConstraint(
                name="delivery_status_known", condition=Q(status__in=["started", "sent", "failed", "refused", "lost"])
            ),
            models.CheckConstraint(
                name="delivery_finished",
                condition=Q(status="started", finished_at=None) | ~Q(status="started") & Q(finished_at__isnull=False),
            ),
            models.UniqueConstraint(fields=["message"], name="delivery_one_at_a_time", condition=Q(status="started")),
        ]
        indexes = [
            models.Index(fields=["endpoint", "id"], name="delivery_of_endpoint", condition=Q(endpoint__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.code}".strip()
