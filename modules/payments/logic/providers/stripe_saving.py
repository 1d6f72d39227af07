"""Methods that Stripe keeps for a buyer. Stripe docs: "Save a customer's payment method"."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from modules.payments.logic.providers.saving import CustomerNotKnown, SavedMethod
from modules.payments.logic.providers.stripe_client import PAGE, Answer, api, asking, looking


class StripeSaving:
    """Fulfils SavesMethods."""

    def create_customer(self, user_id: UUID) -> str:
        with looking():
            # Nothing about the person: Stripe learns from his own browser what it needs.
            made = api().customers.create(
                {"metadata": {"user_id": str(user_id)}}, {"idempotency_key": f"customer-{user_id}"}
            )
        return made.id

    def begin_saving(self, customer: str) -> str:
        with _of_customer():
            intent = api().setup_intents.create(
                {"customer": customer, "usage": "off_session", "automatic_payment_methods": {"enabled": True}}
            )
        return intent.client_secret or ""

    def list_saved(self, customer: str) -> list[SavedMethod]:
        with _of_customer():
            # One page: nobody has a hundred cards.
            found = api().customers.payment_methods.list(customer, {"type": "card", "limit": PAGE})
        return [_saved(method.to_dict()) for method in found.data]

    def forget(self, customer: str, method_id: str) -> None:
        if all(saved.id != method_id for saved in self.list_saved(customer)):
            return
        from stripe import InvalidRequestError

        try:
            with asking():
                api().payment_methods.detach(method_id)
        except InvalidRequestError:
            # Somebody was quicker.
            return

    def forget_customer(self, customer: str) -> None:
        try:
            with _of_customer():
                api().customers.delete(customer)
        except CustomerNotKnown:
            return


@contextmanager
def _of_customer() -> Iterator[None]:
    from stripe import InvalidRequestError

    with looking():
        try:
            yield
        except InvalidRequestError as error:
            if error.code != "resource_missing":
                raise
            raise CustomerNotKnown from None


def _saved(method: Answer) -> SavedMethod:
    card = method["card"]
    return SavedMethod(
        id=method["id"],
        brand=card["brand"],
        last4=card["last4"],
        exp_month=card["exp_month"],
        exp_year=card["exp_year"],
    )
