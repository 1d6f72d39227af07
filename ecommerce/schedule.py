"""What beat sends to the worker, and how often: for the modules that run here."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from celery.schedules import crontab

# What is found too late to matter is dropped (`expires`): the next one finds the same rows.
_SCHEDULE: dict[str, dict[str, dict[str, Any]]] = {
    "kernel": {
        "heartbeat": {"task": "kernel.heartbeat", "schedule": timedelta(seconds=10)},
        "forget-old-rows": {"task": "kernel.forget_old_rows", "schedule": timedelta(hours=1)},
    },
    "users": {
        "forget-ended-sessions": {"task": "users.forget_old_rows", "schedule": timedelta(hours=1)},
    },
    "catalog": {
        "publish-due": {
            "task": "catalog.publish_due",
            "schedule": timedelta(seconds=10),
            "options": {"expires": 10},
        },
        "flip-prices": {"task": "catalog.flip_prices", "schedule": 2.0, "options": {"expires": 2}},
        # What no worker was told of, and what a worker left behind.
        "run-imports": {"task": "catalog.run_imports", "schedule": 30.0, "options": {"expires": 30}},
        # Behind what a buyer waits for, which has priority 0.
        "make-renditions": {
            "task": "catalog.make_due_renditions",
            "schedule": 30.0,
            "options": {"expires": 30, "priority": 9},
        },
        "delete-files": {"task": "catalog.delete_files", "schedule": timedelta(minutes=1), "options": {"expires": 60}},
        "refresh-stale": {
            "task": "catalog.refresh_stale",
            "schedule": 15.0,
            "options": {"expires": 15, "priority": 9},
        },
        "count-words": {"task": "catalog.count_words", "schedule": timedelta(hours=6)},
        "count-sales": {
            "task": "catalog.count_sales",
            "schedule": timedelta(minutes=15),
            "options": {"expires": 900, "priority": 9},
        },
        "forget-old-imports": {"task": "catalog.forget_old_rows", "schedule": timedelta(hours=6)},
    },
    "cart": {
        "save-carts": {"task": "cart.save_carts", "schedule": 2.0, "options": {"expires": 2}},
        "announce-abandoned-carts": {
            "task": "cart.announce_abandoned",
            "schedule": timedelta(minutes=5),
            "options": {"expires": 300, "priority": 9},
        },
        "forget-expired-carts": {"task": "cart.forget_old_rows", "schedule": timedelta(hours=6)},
    },
    "notifications": {
        "send-due": {"task": "notifications.send_due", "schedule": 5.0, "options": {"expires": 5}},
        "tell-back-in-stock": {
            "task": "notifications.tell_back_in_stock",
            "schedule": timedelta(minutes=1),
            "options": {"expires": 60},
        },
        "forget-old-webhooks": {"task": "notifications.forget_old_rows", "schedule": timedelta(hours=1)},
        "count-sms-costs": {
            "task": "notifications.count_sms_costs",
            "schedule": timedelta(hours=1),
            "options": {"expires": 3600, "priority": 9},
        },
    },
    "orders": {
        # Where orders runs, payments and catalog can be asked as well.
        "reconcile": {"task": "backoffice.reconcile", "schedule": crontab(hour="3", minute="17")},
        "expire-unpaid": {
            "task": "orders.expire_unpaid",
            "schedule": timedelta(seconds=15),
            "options": {"expires": 15},
        },
    },
    "payments": {
        "deliver-sandbox-webhooks": {
            "task": "payments.deliver_sandbox_webhooks",
            "schedule": timedelta(seconds=3),
            "options": {"expires": 3},
        },
        "refund-surplus": {
            "task": "payments.refund_surplus",
            "schedule": timedelta(minutes=1),
            "options": {"expires": 60},
        },
        "capture-lapsing": {"task": "payments.capture_lapsing", "schedule": timedelta(hours=1)},
        "forget-old-events": {"task": "payments.forget_old_events", "schedule": timedelta(hours=1)},
    },
}


def beat_schedule(modules: Collection[str]) -> dict[str, dict[str, Any]]:
    """The kernel's periodic work and that of these modules, as Celery wants it."""
    return {name: entry for module in ("kernel", *modules) for name, entry in _SCHEDULE.get(module, {}).items()}
