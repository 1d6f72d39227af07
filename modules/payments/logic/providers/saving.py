"""What a provider offers that keeps a buyer's payment methods for him."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable
from uuid import UUID

from ecommerce.kernel.errors import NotFound


class CustomerNotKnown(NotFound):
    """The payment provider does not know this customer, or not any more."""


@dataclass(frozen=True, kw_only=True)
class SavedMethod:
    """A method that the provider keeps: all that we know of a card, and may show its holder."""

    id: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int


@runtime_checkable
class SavesMethods(Protocol):
    """Saved payment methods: they are the provider's, and hang on its own name for the buyer. Each may be repeated.

    begin_saving and list_saved raise CustomerNotKnown; all raise Unavailable.
    """

    def create_customer(self, user_id: UUID) -> str:
        """The provider's name for a user; the same user soon after has the same name."""

    def begin_saving(self, customer: str) -> str:
        """What the buyer's browser needs to hand a method to the provider without a payment: a client_secret."""

    def list_saved(self, customer: str) -> list[SavedMethod]:
        """The customer's methods."""

    def forget(self, customer: str, method_id: str) -> None:
        """Forget one of the customer's methods; another's is left alone, and one that is gone is gone."""

    def forget_customer(self, customer: str) -> None:
        """Forget the customer and all his methods."""
