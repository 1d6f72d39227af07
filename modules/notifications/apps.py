"""Notifications as a Django app."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "modules.notifications"
    label = "notifications"

    def ready(self) -> None:
        from ecommerce.kernel import registry
        from ecommerce.kernel.events import subscribe
        from ecommerce.kernel.observability import gauge
        from modules.notifications.handlers import HANDLERS
        from modules.notifications.logic.invariants import DIAGNOSES, INVARIANTS, count_parked

        subscribe("notifications", HANDLERS)
        registry.invariants += INVARIANTS
        registry.diagnoses += DIAGNOSES
        gauge("notifications_parked", count_parked, "Messages that were tried in vain.")
