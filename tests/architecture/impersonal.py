"""Of every table, the fields that might hold a person's data by their type, and do not: see test_personal_data.py."""

IMPERSONAL = {
    # Facts and steps carry ids and figures (test_modules.py); an error is masked before it is kept (kernel.logs).
    "kernel.Delivery": "last_error listener source",
    "kernel.Heartbeat": "process",
    "kernel.IdempotencyKey": "headers method path scope",
    "kernel.InboxEvent": "context last_error listener name payload source",
    "kernel.OutboxEvent": "context name payload",
    "kernel.Saga": "module",
    "kernel.Step": "arguments context key last_error module name",
    # A password's hash is no data to hand over; an erasure replaces it by one that nothing matches.
    "users.ApiKey": "name prefix scopes secret_hash",
    "users.ExportPart": "module",
    "users.Identity": "issuer provider",
    "users.LinkRequest": "purpose",
    "users.RecoveryCode": "digest",
    "users.RefreshSession": "replaced",
    "users.Role": "description name scopes",
    "users.SecondFactor": "secret",
    "users.SigningKey": "private_key public_jwk",
    "users.User": "language password",
    "catalog.Category": "description image name slug",
    "catalog.Location": "name",
    "catalog.Price": "currency",
    "catalog.Product": "attributes description images options seo slug title",
    "catalog.ProductPrice": "currency",
    "catalog.Variant": "images options sku",
    "cart.Redemption": "codes promotion_ids",
    # What providers say is kept in our own words: codes, their standing sentences, addresses to go on at.
    "payments.Attempt": "method provider provider_reference",
    "payments.Entry": "account currency",
    "payments.Observation": "digest said",
    "payments.Payment": "client_secret currency failure_code failure_message next_action provider purpose",
    "payments.Posting": "kind reference",
    "payments.ProviderEvent": "event_id provider provider_reference type",
    "payments.Refund": "provider_reference",
    "payments.SandboxPayment": "currency method return_url",
    "payments.SandboxWebhook": "last_error type",
    # An actor is an account's id, or `guest`, or `system`.
    "orders.Order": (
        "coupon_codes currency discounts language number payment_provider shipping_code shipping_title taxes"
    ),
    "orders.OrderLine": "image options sku tax_class title",
    "orders.ShippingMethod": "code countries title",
    "orders.ShippingPrice": "currency",
    "orders.TaxRate": "country tax_class title",
    "orders.TimelineEntry": "actor event",
    "notifications.Delivery": "code provider_id",
    "notifications.Message": "language",
}
