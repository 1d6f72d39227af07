"""Messages to people, and every attempt to deliver them."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
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
        EMAIL_VERIFICATION = "email_verification"
        PASSWORD_RESET = "password_reset"  # noqa: S105  (a topic, no password)
        PASSWORD_CHANGED = "password_changed"  # noqa: S105  (a topic, no password)
        REVIEW_REQUEST = "review_request"
        ACCOUNT_ERASED = "account_erased"

    class Recipient(models.TextChoices):
        BUYER = "buyer"
        OWNER = "owner"  # of an account
        ENDPOINT = "endpoint"  # another program

    class Channel(models.TextChoices):
        MAIL = "mail"
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


class OptOut(models.Model):
    """A user does not want to hear of a topic on a channel."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    customer_id = models.UUIDField()
    topic = models.CharField(max_length=50, choices=Message.Topic.choices)
    channel = models.CharField(max_length=20, choices=Message.Channel.choices)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer_id", "topic", "channel"], name="opt_out_once")]

    def __str__(self) -> str:
        return f"{self.topic} {self.channel}"


class Tracking(models.Model):
    """What a provider has told of a message that it took."""

    # A receiving server's words may quote the address.
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"detail"})

    class Outcome(models.TextChoices):
        DELIVERED = "delivered"
        DEFERRED = "deferred"
        BOUNCED = "bounced"
        REJECTED = "rejected"  # the provider did not even try
        COMPLAINED = "complained"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="tracking")
    provider = models.CharField(max_length=30)
    event_id = models.CharField(max_length=255)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    detail = models.TextField(blank=True)
    at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "tracking"
        constraints = [models.UniqueConstraint(fields=["provider", "event_id"], name="tracking_once")]

    def __str__(self) -> str:
        return self.outcome


class Suppression(models.Model):
    """An address that is not written to any more, in small letters."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"address"})

    class Reason(models.TextChoices):
        BOUNCED = "bounced"  # no mail reaches it
        COMPLAINED = "complained"  # its owner called a mail of ours spam: no marketing

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    address = models.CharField(max_length=320)
    reason = models.CharField(max_length=10, choices=Reason.choices)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["address", "reason"], name="suppression_once")]

    def __str__(self) -> str:
        return self.reason


class LetterText(models.Model):
    """What staff let a letter say in one language, instead of the words that come with the shop; with gaps."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    topic = models.CharField(max_length=50, choices=Message.Topic.choices)
    language = models.CharField(max_length=10)
    subject = models.CharField(max_length=150)
    # What a mailbox shows beside the subject.
    preheader = models.CharField(max_length=200, blank=True)
    heading = models.CharField(max_length=150)
    introduction = models.TextField()
    closing = models.TextField(blank=True)
    version = models.BigIntegerField(default=1)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["topic", "language"], name="letter_text_once"),
            models.CheckConstraint(
                name="letter_text_says_something",
                condition=~Q(subject="") & ~Q(heading="") & ~Q(introduction=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} ({self.language})"


class WebhookEndpoint(models.Model):
    """Another program's address, which is told of events."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    class DisabledReason(models.TextChoices):
        STAFF = "staff"
        FAILING = "failing"  # it has taken nothing for days
        GONE = "gone"  # it has answered 410

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    url = models.CharField(max_length=2000)
    description = models.CharField(max_length=200, blank=True)
    events = ArrayField(models.CharField(max_length=50))
    # Encrypted: whoever reads a backup cannot speak for the shop.
    secret = models.BinaryField()
    previous_secret = models.BinaryField(null=True)
    previous_secret_until = models.DateTimeField(null=True)
    # It is told of events as long as this is empty.
    disabled_reason = models.CharField(max_length=10, choices=DisabledReason.choices, blank=True)
    disabled_at = models.DateTimeField(null=True)
    # Since the last message that it took.
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    # One that keeps failing is left alone until then.
    paused_until = models.DateTimeField(null=True)
    version = models.BigIntegerField(default=1)
    created_at = models.DateTimeField()
    # Kept as long as its log.
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="endpoint_hears_something", condition=~Q(events=[])),
            models.CheckConstraint(
                name="endpoint_disabled_for_a_reason",
                condition=Q(disabled_reason="", disabled_at=None)
                | Q(disabled_reason__in=["staff", "failing", "gone"], disabled_at__isnull=False),
            ),
            models.CheckConstraint(
                name="endpoint_previous_secret_ends",
                condition=Q(previous_secret=None, previous_secret_until=None)
                | Q(previous_secret__isnull=False, previous_secret_until__isnull=False),
            ),
            models.CheckConstraint(
                name="endpoint_failing_since",
                condition=Q(failures=0, failing_since=None, paused_until=None)
                | Q(failures__gt=0, failing_since__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.description or self.url

    @property
    def is_enabled(self) -> bool:
        """Whether it is told of events."""
        return not self.disabled_reason
