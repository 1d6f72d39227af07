"""What Prometheus is told of facts on their way and of what is parked."""

from ecommerce.kernel import clock, parked
from ecommerce.kernel.metrics import gauge


def register() -> None:
    """Offer the gauges; each is asked when Prometheus comes."""
    gauge("outbox_undelivered", lambda: parked.undelivered()[0], "Events that a listener has not accepted yet.")
    gauge("outbox_lag_seconds", lag_seconds, "How long the oldest of them has been waiting.")
    gauge("parked", lambda: {kind: float(count) for kind, count in parked.count_parked().items()}, "Tried in vain.")


def lag_seconds() -> float:
    """The age of the oldest event that a listener has not accepted yet; 0 where there is none."""
    _, since = parked.undelivered()
    return max(0.0, (clock.now() - since).total_seconds()) if since else 0.0
