"""No table of users is forgotten by an export: a new one about people fails here until its section is there."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from ecommerce.kernel import wire
from ecommerce.kernel.clock import now
from modules.users.logic import erasure
from modules.users.logic.export_sections import own_part
from modules.users.models import (
    ApiKey,
    Export,
    ExportPart,
    Farewell,
    Impersonation,
    LinkRequest,
    Role,
    RoleAssignment,
    User,
)
from modules.users.tests.factories import StaffFactory, UserFactory

# What a table refers to people by besides a foreign key.
REFERENCES = {"user_id", "actor_id", "customer_id", "email"}

# Of these there is nothing to tell, and this is why.
LEFT_OUT = {
    Export: "it is this document",
    ExportPart: "it is this document",
    LogEntry: "it tells of others, in their names",
    Farewell: "made by the erasure, which ends exports too, and gone in minutes",
    LinkRequest: "an address that somebody typed, gone as soon as it was answered",
    User.groups.through: "Django's groups are not used",
    User.user_permissions.through: "Django's permissions are not used",
}


def about_users() -> list[type[models.Model]]:
    """Every table that refers to accounts, or has a personal field."""
    referring = {relation.related_model for relation in erasure.references_to_users()}
    own = [model for model in User._meta.app_config.get_models() if _is_about_people(model)]
    return sorted(referring.union(own), key=lambda model: model._meta.label)


def _is_about_people(model: type[models.Model]) -> bool:
    names = {field.attname for field in model._meta.concrete_fields}
    return bool(getattr(model, "PERSONAL", ()) or names & REFERENCES)


@pytest.mark.parametrize("model", about_users(), ids=lambda model: model._meta.label)
def test_every_table_about_users_has_a_section_or_a_reason_why_not(model: type[models.Model], user: User) -> None:
    with CaptureQueriesContext(connection) as asked:
        own_part(user.id)

    is_read = any(f'FROM "{model._meta.db_table}"' in query["sql"] for query in asked)
    assert is_read is (model not in LEFT_OUT), f"{model._meta.label}: add its section to export_sections.py"


def test_who_works_here_reads_what_he_may_and_which_keys_he_made_and_no_secret(clock, db) -> None:
    clerk = StaffFactory.create(is_superuser=False)
    role = Role.objects.create(name="Warehouse", scopes=["catalog.write"])
    RoleAssignment.objects.create(user=clerk, role=role, granted_by_id=UserFactory.create().id)
    key = ApiKey.objects.create(
        name="Scales", prefix="0a1b2c", secret_hash=b"secret", scopes=["catalog.write"], created_by=clerk
    )

    part = own_part(clerk.id)

    assert part["roles"] == [{"name": "Warehouse", "scopes": ["catalog.write"], "granted_at": now()}]
    assert part["api_keys"] == [
        {
            "id": key.id,
            "name": "Scales",
            "prefix": "0a1b2c",
            "scopes": ["catalog.write"],
            "created_at": now(),
            "expires_at": None,
            "revoked_at": None,
            "last_used_at": None,
        }
    ]


def test_a_customer_reads_when_and_why_somebody_acted_as_him_and_not_who(clock, user) -> None:
    clerk, other = StaffFactory.create(), UserFactory.create()
    for customer in (user, other):
        Impersonation.objects.create(actor_id=clerk.id, user_id=customer.id, reason=f"Called by {customer.email}")

    part = own_part(user.id)

    assert part["impersonations"] == [{"at": now(), "reason": f"Called by {user.email}"}]
    assert str(clerk.id) not in wire.encode(part).decode()
