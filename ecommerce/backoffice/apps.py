"""The back office as a Django app."""

from django.apps import AppConfig
from django.conf import settings


class BackofficeConfig(AppConfig):
    name = "ecommerce.backoffice"
    label = "backoffice"

    def ready(self) -> None:
        # Where orders runs, catalog and payments can be asked as well, here or over the wire; calls go down only.
        if "orders" in settings.LOCAL_MODULES:
            from ecommerce.backoffice.crosschecks import CROSS_CHECKS
            from ecommerce.kernel import registry

            registry.cross_checks += CROSS_CHECKS
