"""The token by which a guest reaches an order: an HMAC over (purpose, id, generation), so nothing is stored."""

import hashlib
from uuid import UUID

from django.conf import settings

from ecommerce.kernel import secrets
from modules.orders.models import Order

PURPOSE = "order-access"


def access_token(order_id: UUID, generation: int) -> str:
    """The token of that generation; a new generation revokes the ones before."""
    return secrets.sign(PURPOSE, order_id, generation)


def opens(order: Order, token: str) -> bool:
    """Whether this token is the order's, compared in constant time."""
    return secrets.verify(token, PURPOSE, order.pk, order.token_generation)


def token_hash(order_id: UUID, generation: int) -> str:
    """What payments keeps, so that the token opens the payment too without payments knowing how it is made."""
    return hashlib.sha256(access_token(order_id, generation).encode()).hexdigest()


def link(order: Order) -> str:
    """Where the buyer finds the order."""
    return f"{settings.PUBLIC_URL}/api/v1/orders/{order.pk}/?token={access_token(order.pk, order.token_generation)}"
