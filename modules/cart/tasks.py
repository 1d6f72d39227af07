"""Cart's periodic work."""

from celery import shared_task

from modules.cart.logic import abandoned, safekeeping


@shared_task(name="cart.save_carts")
def save_carts() -> None:
    """Sent by beat: users' carts are written behind to PostgreSQL within seconds of a change."""
    safekeeping.save_due()


@shared_task(name="cart.announce_abandoned")
def announce_abandoned() -> None:
    """Sent by beat: users who have left something in their carts may be reminded."""
    abandoned.announce_abandoned()


@shared_task(name="cart.forget_old_rows")
def forget_old_rows() -> None:
    """Sent by beat: saved carts that have outlived their 30 days go."""
    safekeeping.forget_expired()
