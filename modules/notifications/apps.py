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
        from modules.notifications.logic.sms_costs import segments_of_the_day

        subscribe("notifications", HANDLERS)
        registry.invariants += INVARIANTS
        registry.diagnoses += DIAGNOSES
        gauge("notifications_parked", count_parked, "Messages that were tried in vain.")
        gauge("notifications_sms_segments", segments_of_the_day, "Segments of SMS sent in the last 24 hours.")
