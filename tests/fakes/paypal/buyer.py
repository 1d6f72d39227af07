"""What the buyer does on PayPal's pages. Follows docs/checkout/standard/integrate."""

from tests.fakes.paypal import orders
from tests.fakes.paypal.books import Books
from tests.fakes.paypal.http import Json


class Buyer:
    """A buyer with a PayPal account."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def approve(self, order_id: str) -> str:
        """He agrees to pay: the order is APPROVED, and he is sent to the returned address."""
        with self._books.lock:
            order = self._order(order_id)
            order["status"] = "APPROVED"
            order["payment_source"] = {"paypal": {"email_address": "buyer@example.com", "account_id": "FAKEPAYER0001"}}
            told = {"id": order_id, "intent": order["intent"], "status": "APPROVED", "purchase_units": [order["unit"]]}
            self._books.tell("CHECKOUT.ORDER.APPROVED", "checkout-order", told)
            return f"{order['context'].get('return_url', '')}?token={order_id}&PayerID=FAKEPAYER0001"

    def abandons(self, order_id: str) -> str:
        """He goes back to the shop without paying: nothing changes, and he is sent to the returned address."""
        with self._books.lock:
            return f"{self._order(order_id)['context'].get('cancel_url', '')}?token={order_id}"

    def funding_fails(self, order_id: str) -> None:
        """His bank will refuse the next payment of this order.

        docs/checkout/standard/customize/handle-funding-failures: 422 INSTRUMENT_DECLINED; the order stays approved.
        """
        with self._books.lock:
            self._order(order_id)
            self._books.unfunded.add(order_id)

    def _order(self, order_id: str) -> Json:
        return orders.find(self._books, order_id)
