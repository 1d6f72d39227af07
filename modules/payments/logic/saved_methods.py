"""Methods that a signed-in buyer has saved: they lie with the provider, which alone knows them.

We keep the provider's name of him and nothing else, so there is no card here that could be lost.
"""

from uuid import UUID

from ecommerce.kernel import clock
from ecommerce.kernel.steps import NewStep, Run, add_steps, step
from modules.payments.contracts import MethodsNotSaved
from modules.payments.logic.providers import PROVIDERS, configured_providers, find_provider
from modules.payments.logic.providers.saving import CustomerNotKnown, SavedMethod, SavesMethods
from modules.payments.models import ProviderCustomer


def list_saved(*, user_id: UUID) -> list[tuple[str, SavedMethod]]:
    """The user's methods with each configured provider. Raises Unavailable."""
    customers = {one.provider: one.reference for one in ProviderCustomer.objects.filter(user_id=user_id)}
    found = []
    for provider in configured_providers():
        if provider.name in customers and isinstance(provider, SavesMethods):
            found += [(provider.name, method) for method in _listed(provider, customers[provider.name])]
    return found


def begin_saving(*, user_id: UUID, provider: str) -> str:
    """What the buyer's browser needs to hand a method to the provider: a client_secret. Repeating begins once more.

    Raises ProviderNotAvailable, MethodsNotSaved for a provider that saves none, and Unavailable.
    """
    saving = _saving(provider)
    customer = find_customer(user_id, provider) or _new_customer(user_id, provider)
    try:
        return saving.begin_saving(customer)
    except CustomerNotKnown:
        # Deleted at the provider's: he is made known anew.
        ProviderCustomer.objects.filter(user_id=user_id, provider=provider, reference=customer).delete()
        return saving.begin_saving(_new_customer(user_id, provider))


def forget_saved(*, user_id: UUID, provider: str, method_id: str) -> None:
    """Have the provider forget one of the user's methods; one that is gone, or somebody else's, is left alone."""
    if customer := find_customer(user_id, provider):
        _saving(provider).forget(customer, method_id)


def find_customer(user_id: UUID | None, provider: str) -> str:
    """The provider's name of a user; empty where it has none, or saves no methods."""
    known: object = PROVIDERS[provider][0] if provider in PROVIDERS else None
    if user_id is None or not isinstance(known, SavesMethods):
        return ""
    names = ProviderCustomer.objects.filter(user_id=user_id, provider=provider).values_list("reference", flat=True)
    return names.first() or ""


def promise_forgetting(user_id: UUID) -> None:
    """In the open transaction, have every provider forget a user who has erased his account; repeating is safe."""
    known = ProviderCustomer.objects.filter(user_id=user_id).order_by("provider").values_list("provider", flat=True)
    for provider in known:
        add_steps(user_id, [NewStep(forget_at_provider, {"provider": provider}, key=provider)])


@step
def forget_at_provider(run: Run, *, provider: str) -> None:
    """The provider forgets the customer and all his methods, and then we his name there."""
    customers = ProviderCustomer.objects.filter(user_id=run.aggregate_id, provider=provider)
    for customer in customers:
        _saving(provider).forget_customer(customer.reference)
    with run.done(ProviderCustomer):
        customers.delete()


def _listed(provider: SavesMethods, customer: str) -> list[SavedMethod]:
    try:
        return provider.list_saved(customer)
    except CustomerNotKnown:
        return []


def _saving(provider: str) -> SavesMethods:
    found = find_provider(provider)
    if not isinstance(found, SavesMethods):
        raise MethodsNotSaved(provider=provider)
    return found


def _new_customer(user_id: UUID, provider: str) -> str:
    reference = _saving(provider).create_customer(user_id)
    # Of two requests at once the provider gave both the same name.
    customer, _ = ProviderCustomer.objects.get_or_create(
        user_id=user_id, provider=provider, defaults={"reference": reference, "created_at": clock.now()}
    )
    return customer.reference
