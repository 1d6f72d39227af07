"""What an endpoint's messages are signed with: one secret, or two for a day while it is rotated."""

import base64
from datetime import datetime, timedelta
from uuid import UUID

from standardwebhooks import Webhook

from ecommerce.kernel import chance, clock
from ecommerce.kernel.secrets import decrypt, encrypt
from modules.notifications.models import WebhookEndpoint

PREFIX = "whsec_"
SECRET_BYTES = 32
BOTH_VALID = timedelta(hours=24)


def new_secret() -> str:
    """A secret in the specification's notation."""
    return PREFIX + base64.b64encode(chance.random_bytes(SECRET_BYTES)).decode()


def sealed(endpoint_id: UUID, secret: str) -> bytes:
    """The secret as it is kept, worthless in another endpoint's row."""
    return encrypt(_purpose(endpoint_id), secret.encode())


def signatures(endpoint: WebhookEndpoint, message_id: str, at: datetime, body: str) -> str:
    """The header that proves a message; one signature for each secret that is valid now."""
    valid = [bytes(endpoint.secret)]
    if endpoint.previous_secret and endpoint.previous_secret_until and endpoint.previous_secret_until > clock.now():
        valid.append(bytes(endpoint.previous_secret))
    return " ".join(_opened(endpoint, secret).sign(message_id, at, body) for secret in valid)


def _opened(endpoint: WebhookEndpoint, secret: bytes) -> Webhook:
    return Webhook(decrypt(_purpose(endpoint.id), secret).decode())


def _purpose(endpoint_id: UUID) -> str:
    return f"webhook:{endpoint_id}"
