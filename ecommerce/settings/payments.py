"""The payment providers: which are configured, and how they are reached."""

from ecommerce.settings.environment import env
from ecommerce.settings.project import DEBUG

# Empty where a provider is not configured.
STRIPE_SECRET_KEY = env.stripe_secret_key.get_secret_value()
STRIPE_PUBLISHABLE_KEY = env.stripe_publishable_key
STRIPE_WEBHOOK_SECRETS = [secret.get_secret_value() for secret in env.stripe_webhook_secrets]
STRIPE_API_BASE = env.stripe_api_base.rstrip("/")
PAYPAL_CLIENT_ID = env.paypal_client_id
PAYPAL_CLIENT_SECRET = env.paypal_client_secret.get_secret_value()
PAYPAL_WEBHOOK_ID = env.paypal_webhook_id
PAYPAL_API_BASE = env.paypal_api_base.rstrip("/")
PAYMENTS_CAPTURE = env.payments_capture
SANDBOX_ALLOWED = DEBUG or env.payments_allow_sandbox
SANDBOX_WEBHOOK_SECRET = env.sandbox_webhook_secret.get_secret_value()
