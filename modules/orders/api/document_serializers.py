"""Answers about invoices and credit notes."""

from ecommerce.kernel.rest.serializers import AwareDateTimeField, CharField, MoneyField, StrictSerializer, UUIDField


class InvoiceSerializer(StrictSerializer):
    id = UUIDField()
    number = CharField()
    issued_at = AwareDateTimeField()
    edit_id = UUIDField(allow_null=True, help_text="Null: of the order as it was bought; else of what this edit added")
    tax = MoneyField(help_text="Of the total")
    total = MoneyField()


class InvoicesSerializer(StrictSerializer):
    results = InvoiceSerializer(many=True)


class CreditNoteSerializer(StrictSerializer):
    id = UUIDField()
    number = CharField()
    issued_at = AwareDateTimeField()
    invoice_id = UUIDField(help_text="The invoice that it takes back of")
    refund_id = UUIDField(allow_null=True, help_text="Null: of all that was left when the order was called off")
    tax = MoneyField(help_text="Of the total")
    total = MoneyField(help_text="What was taken back of the invoice, positive")


class CreditNotesSerializer(StrictSerializer):
    results = CreditNoteSerializer(many=True)
