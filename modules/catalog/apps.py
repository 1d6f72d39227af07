"""Catalog as a Django app."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "modules.catalog"
    label = "catalog"

    def ready(self) -> None:
        from ecommerce.kernel import registry
        from ecommerce.kernel.events import subscribe
        from modules.catalog.handlers import HANDLERS
        from modules.catalog.logic.diagnoses import DIAGNOSES
        from modules.catalog.logic.invariants import INVARIANTS
        from modules.catalog.logic.seeding import SEEDER

        subscribe("catalog", HANDLERS)
        registry.invariants.extend(INVARIANTS)
        registry.seeders.append(SEEDER)
        registry.diagnoses.extend(DIAGNOSES)
