"""What the tax office may ask for: invoices and credit notes, as they were issued, numbered without gaps."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from ecommerce.kernel.ids import new_id
from modules.orders.models.edits import OrderEdit
from modules.orders.models.orders import Order
from modules.orders.models.refunds import Refund


class DocumentCounter(models.Model):
    """The last number of a series (R-2026). Whoever takes the next one holds the row until his document is written, so
    that one that fails gives its number back. It goes up by one, and in no other way (a trigger)."""

    PERSONAL: ClassVar = frozenset[str]()

    series = models.CharField(max_length=20, primary_key=True)
    last = models.PositiveIntegerField()
    # When that was: a later number is never of an earlier instant.
    issued_at = models.DateTimeField()


class Document(models.Model):
    """An invoice, or a credit note that takes back some of one; never changed and never deleted (a trigger).

    `snapshot` is everything that its pages show, frozen: the order may change and forget, the document does not. So an
    erased buyer stays named in it for as long as the law wants it kept (docs/decisions/0026-invoices.md).
    """

    PERSONAL: ClassVar = frozenset({"snapshot"})

    class Kind(models.TextChoices):
        INVOICE = "invoice"
        CREDIT_NOTE = "credit_note"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="documents")
    # Of a credit note: the invoice that it corrects, and the refund that it is for. Without one it is for all that was
    # left when the order was called off.
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="credit_notes")
    # One refund may take back of several invoices.
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, null=True, related_name="credit_notes")
    # Of an invoice: the edit whose additions it is about.
    edit = models.ForeignKey(OrderEdit, on_delete=models.PROTECT, null=True, related_name="documents")
    series = models.CharField(max_length=20)
    position = models.PositiveIntegerField()
    number = models.CharField(max_length=30, unique=True)
    issued_at = models.DateTimeField()
    language = models.CharField(max_length=10)
    currency = models.CharField(max_length=3)
    # A credit note's are positive too: it is its kind that takes them back.
    tax_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    snapshot = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "position"], name="order_document_position"),
            models.UniqueConstraint(
                fields=["order"], name="order_document_one_invoice", condition=Q(kind="invoice", edit=None)
            ),
            models.UniqueConstraint(
                fields=["edit"], name="order_document_one_invoice_per_edit", condition=Q(kind="invoice")
            ),
            models.UniqueConstraint(
                fields=["corrects"],
                name="order_document_one_note_of_all",
                condition=Q(kind="credit_note", refund=None),
            ),
            models.UniqueConstraint(fields=["refund", "corrects"], name="order_document_one_note_per_refund"),
            models.CheckConstraint(
                name="order_document_corrects_an_invoice",
                condition=Q(kind="invoice", corrects=None, refund=None)
                | Q(kind="credit_note", corrects__isnull=False, edit=None),
            ),
            models.CheckConstraint(
                name="order_document_amounts",
                condition=Q(position__gt=0, tax_minor__gte=0, total_minor__gte=models.F("tax_minor")),
            ),
        ]

    def __str__(self) -> str:
        return self.number
