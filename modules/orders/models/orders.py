"""Orders, their lines, and what happened to them."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from ecommerce.kernel.ids import new_id
from modules.orders.models.taxes import TaxExemption


class Order(models.Model):
    """An order; while it is `opening` its checkout is still running and nobody sees it."""

    # The fingerprint is a digest of the rest, so it tells whether a guess at it is right.
    PERSONAL: ClassVar = frozenset(
        {"email", "shipping_address", "billing_address", "search_name", "vat_id", "note", "fingerprint", "refusal"}
    )

    class Status(models.TextChoices):
        OPENING = "opening"
        ABANDONED = "abandoned"
        PENDING = "pending"
        CONFIRMED = "confirmed"
        PROCESSING = "processing"
        SHIPPED = "shipped"
        DELIVERED = "delivered"
        CANCELLED = "cancelled"
        EXPIRED = "expired"

    class PaymentStatus(models.TextChoices):
        UNPAID = "unpaid"
        AUTHORIZED = "authorized"
        PARTIALLY_PAID = "partially_paid"
        PAID = "paid"
        PARTIALLY_REFUNDED = "partially_refunded"
        REFUNDED = "refunded"
        FAILED = "failed"

    class FulfilmentStatus(models.TextChoices):
        UNFULFILLED = "unfulfilled"
        PARTIAL = "partial"
        FULFILLED = "fulfilled"
        RETURNED = "returned"

    # What nobody buys any more: their cart may be ordered again.
    ENDED_UNSOLD = (Status.ABANDONED, Status.CANCELLED, Status.EXPIRED)
    # What nothing happens to any more, but that an expired one may be paid for after all.
    FINAL = (*ENDED_UNSOLD, Status.DELIVERED)
    # What nobody but the checkout sees.
    INTERNAL = (Status.OPENING, Status.ABANDONED)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # Null until the order is placed: many have none, and no two have the same.
    number = models.CharField(max_length=20, null=True, unique=True)  # noqa: DJ001  (as said)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.OPENING)
    payment_status = models.CharField(max_length=20, choices=PaymentStatus.choices, default=PaymentStatus.UNPAID)
    fulfilment_status = models.CharField(
        max_length=12, choices=FulfilmentStatus.choices, default=FulfilmentStatus.UNFULFILLED
    )
    version = models.PositiveIntegerField(default=1)

    # Where it came from: one cart, one live order; one Idempotency-Key, one order.
    cart_id = models.UUIDField()
    cart_version = models.PositiveIntegerField()
    idempotency_id = models.UUIDField(null=True, unique=True)
    # Digest of the request's body: the same cart version with another body is another wish.
    fingerprint = models.CharField(max_length=64)
    refusal = models.JSONField(null=True)

    customer_id = models.UUIDField(null=True)
    # The customer has erased his account: what is personal here goes when the order is final, or is gone already.
    customer_erased_at = models.DateTimeField(null=True)
    email = models.CharField(max_length=254, blank=True)
    language = models.CharField(max_length=10)
    shipping_address = models.JSONField()
    billing_address = models.JSONField()
    # Both addresses' names and companies as logic/names.py folds them: staff search by the words' beginnings.
    search_name = models.TextField(blank=True, db_default="")
    # A buyer's VAT identification number: a sole trader's names a person.
    vat_id = models.CharField(max_length=30, blank=True)
    note = models.TextField(blank=True)
    token_generation = models.PositiveIntegerField(default=1)

    currency = models.CharField(max_length=3)
    prices_include_tax = models.BooleanField()
    subtotal_minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField()
    shipping_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    captured_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    # What of both came by other ways than the order's own payment: by its edits' payments, and by setting off what was
    # taken off it against what was added, which counts as captured and as refunded.
    edits_captured_minor = models.BigIntegerField(default=0, db_default=0)
    edits_refunded_minor = models.BigIntegerField(default=0, db_default=0)
    set_off_minor = models.BigIntegerField(default=0, db_default=0)
    # What of shipping_minor is tax: the ledger's split needs shipping without it.
    shipping_tax_minor = models.BigIntegerField()
    discounts = models.JSONField(default=list)
    taxes = models.JSONField(default=list)
    tax_exemption = models.CharField(max_length=40, choices=TaxExemption.choices, blank=True)

    shipping_code = models.CharField(max_length=50)
    shipping_title = models.CharField(max_length=100)
    is_pick_up = models.BooleanField(default=False)
    payment_id = models.UUIDField(null=True)
    payment_provider = models.CharField(max_length=30, blank=True)

    # Under which reference catalog and cart hold stock and coupons; a late payment takes them again under a new one.
    stock_reference = models.UUIDField()
    coupon_codes = models.JSONField(default=list)
    # Taken over from another shop, with what was paid and sent there: payments and catalog hold nothing for it.
    is_imported = models.BooleanField(default=False, db_default=False)

    created_at = models.DateTimeField()
    payable_until = models.DateTimeField()
    placed_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cart_id"],
                name="order_one_live_per_cart",
                condition=~Q(status__in=["abandoned", "cancelled", "expired"]),
            ),
            models.CheckConstraint(
                name="order_status_known",
                condition=Q(
                    status__in=[
                        "opening",
                        "abandoned",
                        "pending",
                        "confirmed",
                        "processing",
                        "shipped",
                        "delivered",
                        "cancelled",
                        "expired",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="order_placed_is_numbered",
                condition=Q(status__in=["opening", "abandoned"]) | Q(number__isnull=False, placed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="order_amounts_not_negative",
                condition=Q(
                    subtotal_minor__gte=0,
                    discount_minor__gte=0,
                    shipping_minor__gte=0,
                    tax_minor__gte=0,
                    total_minor__gte=0,
                    captured_minor__gte=0,
                    refunded_minor__gte=0,
                    refunded_minor__lte=F("captured_minor"),
                ),
            ),
            models.CheckConstraint(
                name="order_forgets_the_erased",
                condition=Q(customer_erased_at=None)
                | ~Q(status__in=["abandoned", "cancelled", "expired", "delivered"])
                | Q(email="", note="", fingerprint="", search_name="", vat_id=""),
            ),
            models.CheckConstraint(
                name="order_imported_has_no_payment",
                condition=Q(is_imported=False) | Q(payment_id=None),
            ),
            models.CheckConstraint(
                name="order_total_adds_up",
                condition=Q(
                    prices_include_tax=True,
                    total_minor=F("subtotal_minor") - F("discount_minor") + F("shipping_minor"),
                )
                | Q(
                    prices_include_tax=False,
                    total_minor=F("subtotal_minor") - F("discount_minor") + F("shipping_minor") + F("tax_minor"),
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["customer_id", "-placed_at", "-id"], name="order_of_customer"),
            models.Index(
                fields=["-placed_at", "-id"], name="order_newest", condition=~Q(status__in=["opening", "abandoned"])
            ),
            models.Index(
                fields=["status", "-placed_at", "-id"],
                name="order_by_status",
                condition=~Q(status__in=["opening", "abandoned"]),
            ),
            models.Index(fields=["payable_until"], name="order_to_expire", condition=Q(status="pending")),
            models.Index(
                fields=["payment_status", "-placed_at", "-id"],
                name="order_by_payment",
                condition=~Q(status__in=["opening", "abandoned"]),
            ),
            models.Index(
                fields=["fulfilment_status", "-placed_at", "-id"],
                name="order_by_fulfilment",
                condition=~Q(status__in=["opening", "abandoned"]),
            ),
            # Searches answer by id, newest first: what is found by several of its words stands in one list.
            models.Index(Lower("email"), F("id").desc(), name="order_email_newest"),
            GinIndex(SearchVector("search_name", config="simple"), name="order_search_name", fastupdate=False),
        ]


class SoldUnits(models.Model):
    """So many units of one variant, as they were priced when they were bought."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    variant_id = models.UUIDField()
    sku = models.CharField(max_length=100)
    title = models.CharField(max_length=200)
    options = models.JSONField(default=dict)
    image = models.TextField(null=True)  # noqa: DJ001  (null is what the API answers)
    quantity = models.PositiveIntegerField()
    unit_price_minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    # What is paid for the line: quantity × price − discount, with its tax also where prices exclude tax.
    total_minor = models.BigIntegerField()
    tax_class = models.CharField(max_length=30)
    tax_rate = models.DecimalField(max_digits=7, decimal_places=4)

    class Meta:
        abstract = True


class OrderLine(SoldUnits):
    """One variant as it was bought."""

    PERSONAL: ClassVar = frozenset[str]()

    # Found by order_line_place.
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines", db_index=False)
    position = models.PositiveSmallIntegerField()
    # The edit that added it, whose invoice it stands on.
    edit_id = models.UUIDField(null=True)
    fulfilled = models.PositiveIntegerField(default=0)
    # Never to be shipped: refunded before it was.
    cancelled = models.PositiveIntegerField(default=0)
    refunded = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="order_line_place"),
            models.CheckConstraint(
                name="order_line_quantities",
                condition=Q(
                    quantity__gt=0,
                    fulfilled__lte=F("quantity") - F("cancelled"),
                    cancelled__lte=F("refunded"),
                    refunded__lte=F("quantity"),
                ),
            ),
            models.CheckConstraint(
                name="order_line_amounts",
                condition=Q(unit_price_minor__gte=0, discount_minor__gte=0, tax_minor__gte=0, total_minor__gte=0),
            ),
        ]
        indexes = [models.Index(fields=["sku", "-order"], name="order_line_sku_newest")]


class TimelineEntry(models.Model):
    """What happened to an order, in the words that its timeline shows."""

    # Among it is what somebody typed, such as why he cancels.
    PERSONAL: ClassVar = frozenset({"detail"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # Found by timeline_of_order.
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="timeline", db_index=False)
    at = models.DateTimeField()
    event = models.CharField(max_length=40)
    actor = models.CharField(max_length=60)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["order", "at", "id"], name="timeline_of_order")]
