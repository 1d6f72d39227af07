"""How mail and webhooks are sent, and from whom."""

from ecommerce.settings.environment import BASE_DIR, env

DEFAULT_FROM_EMAIL = env.email_from
STAFF_EMAILS = env.staff_emails
SENDGRID_API_KEY = env.sendgrid_api_key.get_secret_value()
EMAIL_BACKEND = env.email_backend or (
    "anymail.backends.sendgrid.EmailBackend" if SENDGRID_API_KEY else "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_FILE_PATH = env.mail_dir or str(BASE_DIR / "var" / "mail")
EMAIL_TIMEOUT = 20
ANYMAIL = {
    "SENDGRID_API_KEY": SENDGRID_API_KEY,
    "SENDGRID_API_URL": f"{env.sendgrid_api_base.rstrip('/')}/v3/",
    "SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY": env.sendgrid_webhook_key,
    "REQUESTS_TIMEOUT": (5, 20),
}

# Of the networks that are not public, those whose addresses webhooks may have all the same.
WEBHOOK_ALLOWED_NETWORKS = env.webhook_allowed_networks
