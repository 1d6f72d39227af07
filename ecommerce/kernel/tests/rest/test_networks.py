"""What counts as one caller, however a server or a proxy writes the address."""

import pytest

from ecommerce.kernel.rest.throttles import network


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        # A socket that listens on [::] sees every IPv4 caller so; they do not share one /64.
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:192.0.2.1", "192.0.2.1"),
        # Some proxies write the port too, which the caller chooses.
        ("192.0.2.1:50123", "192.0.2.1"),
        ("[2001:db8:0:1::5]:50123", "2001:db8:0:1::/64"),
        ("[2001:db8:0:1::5]", "2001:db8:0:1::/64"),
        ("2001:db8:0:1::5", "2001:db8:0:1::/64"),
        ("unix:", "unix:"),
        ("", ""),
    ],
)
def test_an_address_is_one_caller(address, counted):
    assert network(address) == counted
