"""A web process that is killed in the middle of a checkout: `python -m tests.faults.dying_checkout POINT CART KEY`."""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

BODY = {
    "email": "ada@example.com",
    "shipping_method": "standard",
    "payment": {"provider": "sandbox", "method": "sandbox_ok"},
}

# Where it dies: before or after which function.
POINTS = {
    "the order is written": ("before", "modules.catalog.service.hold_stock"),
    "the stock is held": ("after", "modules.catalog.service.hold_stock"),
    "the payment is written": ("before", "modules.payments.logic.providers.sandbox.Sandbox.create"),
    "the provider was asked": ("after", "modules.payments.logic.providers.sandbox.Sandbox.create"),
    "the payment is started": ("after", "modules.payments.service.start_payment"),
    "the order is placed": ("before", "ecommerce.kernel.rest.claims.finish"),
}


def check_out(cart_id: str, key: str) -> Any:
    """The answer to a checkout of this cart: always the same body."""
    from rest_framework.test import APIClient  # Django must be set up by now

    from tests.journeys.buyer import ADDRESS

    body = BODY | {"cart_id": cart_id, "shipping_address": ADDRESS}
    return APIClient().post("/api/v1/checkout/", body, headers={"Idempotency-Key": key})


def die(*_: Any, **__: Any) -> None:
    """No exception, no `finally`, no rollback: as a machine that is switched off."""
    os.kill(os.getpid(), signal.SIGKILL)


def main(point: str, cart_id: str, key: str) -> None:
    """Check out, and die at that point."""
    import django

    django.setup()
    when, name = POINTS[point]
    owner, attribute = resolve(name)
    original: Callable[..., Any] = getattr(owner, attribute)

    def then_die(*args: Any, **kwargs: Any) -> None:
        original(*args, **kwargs)
        die()

    with patch.object(owner, attribute, die if when == "before" else then_die):
        check_out(cart_id, key)


def resolve(name: str) -> tuple[Any, str]:
    """The module or class, and the name in it."""
    from pkgutil import resolve_name

    owner, attribute = name.rsplit(".", 1)
    return resolve_name(owner), attribute


if __name__ == "__main__":
    main(*sys.argv[1:])
