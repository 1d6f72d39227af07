"""Payments as a Django app."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "modules.payments"
    label = "payments"

    def ready(self) -> None:
        from ecommerce.kernel import registry
        from ecommerce.kernel.events import subscribe
        from modules.payments.handlers import HANDLERS
        from modules.payments.logic import authorizations, refunds, saved_methods, webhooks  # noqa: F401  (the relay has to know their steps)
        from modules.payments.logic.invariants import INVARIANTS

        subscribe("payments", HANDLERS)
        registry.invariants.extend(INVARIANTS)
