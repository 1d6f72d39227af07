"""The providers this shop knows, and those of them that are configured."""

from collections.abc import Callable

from django.conf import settings

from ecommerce.kernel.db import refuse_in_transaction
from ecommerce.kernel.errors import NotFound
from modules.payments.contracts import ProviderNotAvailable
from modules.payments.logic.providers.base import InvalidSignature, Provider
from modules.payments.logic.providers.paypal import PayPal
from modules.payments.logic.providers.sandbox import Sandbox
from modules.payments.logic.providers.stripe import Stripe

# Each with the question whether it is configured.
PROVIDERS: dict[str, tuple[Provider, Callable[[], bool]]] = {
    Sandbox.name: (Sandbox(), lambda: settings.SANDBOX_ALLOWED),
    Stripe.name: (Stripe(), lambda: bool(settings.STRIPE_SECRET_KEY and settings.STRIPE_WEBHOOK_SECRETS)),
    PayPal.name: (
        PayPal(),
        lambda: bool(settings.PAYPAL_CLIENT_ID and settings.PAYPAL_CLIENT_SECRET and settings.PAYPAL_WEBHOOK_ID),
    ),
}


def find_provider(name: str) -> Provider:
    """The provider to be asked now, which must not be inside a transaction; raises ProviderNotAvailable."""
    refuse_in_transaction(f"the payment provider {name}")
    provider, is_configured = PROVIDERS.get(name, (None, None))
    if provider is None or is_configured is None or not is_configured():
        raise ProviderNotAvailable(provider=name)
    return provider


def webhook_provider(name: str) -> Provider:
    """The provider an event is said to be from; NotFound for an unknown one, InvalidSignature without its keys."""
    if name not in PROVIDERS:
        raise NotFound("There is no such payment provider.")
    provider, is_configured = PROVIDERS[name]
    if not is_configured():
        raise InvalidSignature
    return provider


def configured_providers() -> list[Provider]:
    """The providers a buyer may choose from."""
    return [provider for provider, is_configured in PROVIDERS.values() if is_configured()]
