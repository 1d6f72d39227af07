"""Users as a Django app."""

from django.apps import AppConfig
from django.core import checks

from ecommerce.kernel import identity, registry


class UsersConfig(AppConfig):
    name = "modules.users"
    label = "users"

    def ready(self) -> None:
        from modules.users.logic import demonstration, diagnoses, invariants, second_factor, signing_keys

        identity.use_keys(signing_keys.public_keys)
        registry.invariants.extend(invariants.INVARIANTS)
        registry.seeders.append(demonstration.SEEDER)
        registry.diagnoses.extend(diagnoses.DIAGNOSES)
        checks.register(second_factor.staff_have_one, checks.Tags.security, deploy=True)
