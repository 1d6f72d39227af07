"""Whether the demonstration shop is there: a development shop is not ready without something to sell."""

from django.conf import settings

from ecommerce.kernel import health, registry


def register() -> None:
    """Add the question to /readyz."""
    health.readiness("seeded")(is_seeded)


def is_seeded() -> str | None:
    """None when it is, or need not be; else whose part is missing."""
    if not settings.DEBUG:
        return None
    missing = [seeder.module for seeder in registry.seeders if seeder.is_empty()]
    return f"nothing of {', '.join(missing)}: run manage.py seed" if missing else None
