"""Staff's pages of payments: payments, disputes, what providers told, the books. Writing is logic's."""

from modules.payments.admin import disputes, events, ledger, payments

__all__ = ["disputes", "events", "ledger", "payments"]
