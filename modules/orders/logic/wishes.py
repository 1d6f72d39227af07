"""What a buyer asks for at checkout."""

import hashlib
from dataclasses import dataclass, replace
from uuid import UUID

from ecommerce.kernel import wire
from ecommerce.kernel.money import Money


@dataclass(frozen=True, kw_only=True)
class CheckoutWish:
    """The body of a checkout, validated."""

    cart_id: UUID
    email: str
    shipping_address: dict[str, str]
    billing_address: dict[str, str]
    shipping_method: str
    provider: str
    method: str | None
    expected_total: Money | None
    note: str
    vat_id: str = ""

    @property
    def fingerprint(self) -> str:
        """The same for the same wish: two requests that differ only in what total they expect want the same order."""
        return hashlib.sha256(wire.encode(replace(self, expected_total=None))).hexdigest()
