"""What shoppers are shown, as one edition: any change of it begins the next, and what was kept is dropped."""

from ecommerce.kernel import editions
from ecommerce.kernel.events import publish
from modules.catalog.events import AssortmentChanged

EDITION = "catalog"


def begin_change() -> None:
    """In the open transaction: something that shoppers see changes. Repeating it in one transaction is free."""
    if change_id := editions.begin_change(EDITION):
        publish(AssortmentChanged(change_id=change_id))


def drop_kept_answers(event: AssortmentChanged) -> None:
    """Again, by the event: the commit's own word may be lost with its process, or while Redis is away."""
    editions.renew(EDITION, event.change_id)
