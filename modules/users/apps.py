"""Users as a Django app."""

from django.apps import AppConfig

from ecommerce.kernel import identity, registry


class UsersConfig(AppConfig):
    name = "modules.users"
    label = "users"

    def ready(self) -> None:
        from modules.users.logic import demonstration, diagnoses, invariants, signing_keys

        identity.use_keys(signing_keys.public_keys)
        registry.invariants.extend(invariants.INVARIANTS)
        registry.seeders.append(demonstration.SEEDER)
        registry.diagnoses.extend(diagnoses.DIAGNOSES)
