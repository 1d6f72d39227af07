"""What staff may do: roles made of scopes, and who has which."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from ecommerce.kernel.clock import now
from ecommerce.kernel.ids import new_id
from modules.users.contracts import Scope
from modules.users.models.accounts import User

KNOWN_SCOPES = [scope.value for scope in Scope]


class Role(models.Model):
    """A kind of work in the shop: a name for the scopes it needs."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=500, blank=True)
    # Sorted, each once.
    scopes = ArrayField(models.CharField(max_length=40))
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), name="role_name_once"),
            models.CheckConstraint(name="role_name_given", condition=~Q(name="")),
            # Who has a role is staff, so a role lets its holder do something.
            models.CheckConstraint(
                name="role_scopes_known", condition=Q(scopes__contained_by=KNOWN_SCOPES) & ~Q(scopes=[])
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RoleAssignment(models.Model):
    """Somebody has a role."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_assignments")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="assignments")
    granted_by_id = models.UUIDField()
    granted_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "role"], name="role_assigned_once")]
