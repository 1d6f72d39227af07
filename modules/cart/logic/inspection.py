"""Staff look into a cart: a guest's that they were told the id of, or a customer's."""

from uuid import UUID

from ecommerce.kernel.errors import Forbidden, Invalid
from modules.cart.contracts import CartNotFound
from modules.cart.logic import storage
from modules.cart.logic.baskets import Basket
from modules.cart.logic.carts import show
from modules.cart.logic.pricing import PricedCart
from modules.users import service as users_service


class CustomersCart(Forbidden):
    """This is a customer's cart: only who may see customers sees it."""

    code = "customers_cart"


def look_into(*, wanted: str, may_see_customers: bool) -> PricedCart:
    """The cart of this id, of this user's id, or of this e-mail address, at the prices of now; changes nothing.

    Refuses what is none of these (Invalid), what is not there (CartNotFound), a customer's (CustomersCart) to who may
    not see customers. A guest's id is a key: it is neither kept nor told.
    """
    basket = _find(wanted.strip(), may_see_customers=may_see_customers)
    if basket.owner_id and not may_see_customers:
        raise CustomersCart
    return show(basket)


def _find(wanted: str, *, may_see_customers: bool) -> Basket:
    if "@" in wanted:
        if not may_see_customers:
            raise CustomersCart
        return _of_address(wanted)
    try:
        id_ = UUID(wanted)
    except ValueError as error:
        raise Invalid("Give the id of a cart or of a user, or an e-mail address.") from error
    try:
        return storage.find_basket(id_)
    except CartNotFound:
        own = storage.find_basket_of(id_) if may_see_customers else None
        if own is None:
            # Not as it came: where the rest of an ordered cart lies is the guest's to know.
            raise CartNotFound from None
        return own


def _of_address(email: str) -> Basket:
    found = users_service.find_contacts(emails=[email])
    if not found:
        raise CartNotFound("No account has this address.")
    basket = storage.find_basket_of(found[0].user_id)
    if basket is None:
        raise CartNotFound("This customer has no cart.")
    return basket
