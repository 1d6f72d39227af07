"""A Stripe of our own: `with StripeServer() as stripe:` and point the official SDK at `stripe.base_url`.

Everything is in memory. What is not Stripe's API (the buyer's browser, the banks, the network, time) are commands of
the server object. Each file names the pages of Stripe's documentation that it follows.
"""

from tests.fakes.stripe.faults import Fault
from tests.fakes.stripe.server import StripeServer

__all__ = ["Fault", "StripeServer"]
