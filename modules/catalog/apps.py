"""Catalog as a Django app."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "modules.catalog"
    label = "catalog"

    def ready(self) -> None:
        from ecommerce.kernel import registry
        from modules.catalog.logic.invariants import INVARIANTS
        from modules.catalog.logic.seeding import SEEDER

        registry.invariants.extend(INVARIANTS)
        registry.seeders.append(SEEDER)
