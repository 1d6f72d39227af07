"""How a payment ended, without what differs from run to run (ids, times), so that two runs can be compared."""

from collections import Counter
from typing import Any

from django.db.models import Sum

from ecommerce.kernel.models import OutboxEvent
from modules.payments import models
from modules.payments.tests.chaos.shop import Shop

AMOUNTS = (
    *("authorized_minor", "captured_minor", "refunded_minor", "refund_pending_minor", "disputed_minor"),
    *("failure_code", "next_action", "client_secret"),
)


def outcome(shop: Shop) -> dict[str, Any]:
    """Everything that has to be the same however the events came."""
    payment = shop.payment
    return {
        "status": payment.status,
        **{name: getattr(payment, name) for name in AMOUNTS},
        "attempts": list(payment.attempts.order_by("number").values_list("number", "provider", "status")),
        "instructions": list(payment.instructions.order_by("created_at").values_list("kind", "status", "amount_minor")),
        "refunds": _refunds(shop, payment),
        "disputes": sorted(
            payment.disputes.values_list("status", "amount_minor", "withdrawn_minor", "reinstated_minor", "reason")
        ),
        "books": _books(payment),
        "facts": _facts(shop, payment),
        "unhandled": models.ProviderEvent.objects.filter(provider=shop.world.name, handled_at=None).count(),
    }


def _refunds(shop: Shop, payment: models.Payment) -> list[tuple[str, int, str]]:
    rows = payment.refunds.values_list("reference", "amount_minor", "status")
    return sorted((_label(shop, reference), minor, status) for reference, minor, status in rows)


def _books(payment: models.Payment) -> dict[tuple[str, str], int]:
    """What the payment makes stand in each account and currency."""
    lines = models.Entry.objects.filter(posting__payment=payment).values_list("account", "currency").order_by()
    return {(account, currency): minor for account, currency, minor in lines.annotate(Sum("amount_minor")) if minor}


def _facts(shop: Shop, payment: models.Payment) -> dict[str, Any]:
    """Of what was announced what is promised.

    Not promised are: PaymentFailed (a decline that is followed by another card before anybody asks is never seen),
    a refund's PaymentRefunded where it has failed since (it may be seen only when it is over), what PaymentRefunded
    says in between (two refunds that are seen at once say their sum twice), and the order of facts of which neither
    needs the other.
    """
    found = _announced(payment)
    failed = {_label(shop, row.reference) for row in payment.refunds.filter(status="failed")}
    refunded = [(_of(shop, fact), fact["refunded"]["minor"]) for name, fact in found if name == "PaymentRefunded"]
    return {
        "authorized": [fact["authorized"]["minor"] for name, fact in found if name == "PaymentAuthorized"],
        "voided": sum(name == "PaymentVoided" for name, _ in found),
        "captured": [fact["captured"]["minor"] for name, fact in found if name == "PaymentCaptured"],
        "refunds": sorted(label for label, _ in refunded if label not in failed),
        "refunded": max((minor for label, minor in refunded if label not in failed), default=0),
        "refunds failed": sorted(
            (_of(shop, fact), fact["amount"]["minor"]) for name, fact in found if name == "RefundFailed"
        ),
        "disputed": sorted((fact["amount"]["minor"], fact["reason"]) for n, fact in found if n == "PaymentDisputed"),
        "disputes closed": sorted(fact["outcome"] for name, fact in found if name == "DisputeClosed"),
        # A dispute's end is never told before its beginning, and nothing goes back before it came.
        "told in order": _is_in_order([name for name, _ in found]),
    }


def _announced(payment: models.Payment) -> list[tuple[str, dict[str, Any]]]:
    rows = OutboxEvent.objects.filter(name__startswith="payments.", payload__payment_id=str(payment.pk))
    return [(row.name.removeprefix("payments."), row.payload) for row in rows.order_by("position")]


def _is_in_order(names: list[str]) -> bool:
    pairs = (("PaymentDisputed", "DisputeClosed"), ("PaymentCaptured", "PaymentRefunded"))
    seen: Counter[str] = Counter()
    for name in names:
        if any(name == later and not seen[earlier] for earlier, later in pairs):
            return False
        seen[name] += 1
    return True


def _of(shop: Shop, fact: dict[str, Any]) -> str:
    return _label(shop, fact["reference"])


def _label(shop: Shop, reference: object) -> str:
    """Which of the refunds it was that were asked for."""
    asked_for = [str(one) for one in shop.references]
    return f"refund {asked_for.index(str(reference))}" if reference else "made at the provider"
