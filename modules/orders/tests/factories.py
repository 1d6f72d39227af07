"""Orders as rows, for tests that do not go through a checkout."""

from datetime import timedelta
from typing import Any

import factory

from ecommerce.kernel import clock
from ecommerce.kernel.ids import new_capability_id, new_id
from modules.orders.models import Order, OrderLine, TimelineEntry
from modules.orders.tests.world import SHIRT


class OrderLineFactory(factory.django.DjangoModelFactory[OrderLine]):
    class Meta:
        model = OrderLine

    position = 0
    variant_id = SHIRT
    sku = "SHIRT-M"
    title = "Shirt"
    options = {"Size": "M"}
    quantity = 2
    unit_price_minor = 1999
    discount_minor = 0
    tax_minor = 638
    total_minor = 3998
    tax_class = "standard"
    tax_rate = "0.1900"


class OrderFactory(factory.django.DjangoModelFactory[Order]):
    """A guest's placed, unpaid order of two shirts to Berlin: 44.88 EUR."""

    class Meta:
        model = Order
        skip_postgeneration_save = True

    id = factory.LazyFunction(new_id)
    number = factory.Sequence(lambda n: f"T{n}")
    status = "pending"
    cart_id = factory.LazyFunction(new_capability_id)
    cart_version = 1
    idempotency_id = factory.LazyFunction(new_id)
    fingerprint = "f"
    email = "ada@example.com"
    language = "en"
    shipping_address = {
        "full_name": "Ada Lovelace",
        "line1": "Unter den Linden 1",
        "city": "Berlin",
        "postal_code": "10117",
        "country": "DE",
    }
    billing_address = factory.SelfAttribute("shipping_address")
    currency = "EUR"
    prices_include_tax = True
    subtotal_minor = 3998
    discount_minor = 0
    shipping_minor = 490
    shipping_tax_minor = 78
    tax_minor = 716
    total_minor = 4488
    shipping_code = "standard"
    shipping_title = "Standard"
    payment_provider = "sandbox"
    payment_id = factory.LazyFunction(new_id)
    stock_reference = factory.SelfAttribute("id")
    created_at = factory.LazyFunction(clock.now)
    placed_at = factory.LazyFunction(clock.now)
    payable_until = factory.LazyFunction(lambda: clock.now() + timedelta(minutes=30))

    @factory.post_generation
    def with_line(self: Any, create: bool, extracted: Any, **_: Any) -> None:
        OrderLineFactory.create(order=self)
        TimelineEntry.objects.create(order=self, at=self.created_at, event="placed", actor="system")
