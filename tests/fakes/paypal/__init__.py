"""A PayPal to test against: Orders v2, Payments v2, disputes, transaction search and signed webhooks, in memory.

    with PayPalServer() as paypal:
        paypal.base_url                         where its API is
        paypal.buyer.approve(order_id)          what the buyer does
        paypal.bank.holds_captures = True       what his bank and PayPal's risk checks do
        paypal.webhooks.deliver()               events, when the test says so
        paypal.failures.add("drop_after", "/capture")

Each behaviour names the page of PayPal's documentation that it follows, by its path under developer.paypal.com.
"""

from tests.fakes.paypal.server import PayPalServer

__all__ = ["PayPalServer"]
