"""The kernel as a Django app: its tables are migrated in each database."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "ecommerce.kernel"
    label = "kernel"

    def ready(self) -> None:
        from ecommerce.kernel import gauges, seeding

        gauges.register()
        seeding.register()
