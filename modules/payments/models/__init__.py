"""Payments' tables. Money is BIGINT minor units in the payment's currency; only logic/ writes here."""

from modules.payments.models.afterwards import Dispute, Instruction, Refund
from modules.payments.models.ledger import Entry, Posting
from modules.payments.models.payments import Attempt, Observation, Payment
from modules.payments.models.providers import ProviderCustomer, ProviderEvent
from modules.payments.models.sandbox import SandboxPayment, SandboxRefund, SandboxWebhook
from modules.payments.models.statuses import OPEN, AttemptStatus, DisputeStatus, RefundStatus

__all__ = [
    "OPEN",
    "Attempt",
    "AttemptStatus",
    "Dispute",
    "DisputeStatus",
    "Entry",
    "Instruction",
    "Observation",
    "Payment",
    "Posting",
    "ProviderCustomer",
    "ProviderEvent",
    "Refund",
    "RefundStatus",
    "SandboxPayment",
    "SandboxRefund",
    "SandboxWebhook",
]
