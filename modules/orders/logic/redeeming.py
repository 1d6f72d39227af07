"""Whose coupons are counted together."""

from uuid import UUID

from ecommerce.kernel import secrets

PURPOSE = "coupon-customer"


def customer_key(customer_id: UUID | None, email: str) -> str:
    """The user's id, or for a guest an HMAC of the normalised address: limits per customer need no personal data."""
    return str(customer_id) if customer_id else secrets.sign(PURPOSE, email.strip().casefold())
