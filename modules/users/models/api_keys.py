"""Machines' keys."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from ecommerce.kernel.clock import now
from ecommerce.kernel.ids import new_id
from modules.users.models.accounts import User
from modules.users.models.roles import KNOWN_SCOPES


class ApiKey(models.Model):
    """A machine's key, exchanged for access tokens; the secret itself is shown once and kept nowhere."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    # The `sub` of its access tokens.
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=100)
    # The public part, by which the row is found and people tell keys apart.
    prefix = models.CharField(max_length=16, unique=True)
    # SHA-256 is enough: nobody guesses 256 random bits, so there is nothing to slow down.
    secret_hash = models.BinaryField(max_length=32)
    scopes = ArrayField(models.CharField(max_length=40))
    created_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    created_at = models.DateTimeField(default=now, editable=False)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    # To the minute.
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="api_key_name_given", condition=~Q(name="")),
            models.CheckConstraint(
                name="api_key_scopes_known", condition=Q(scopes__contained_by=KNOWN_SCOPES) & ~Q(scopes=[])
            ),
            models.CheckConstraint(
                name="api_key_expires_after_made",
                condition=Q(expires_at=None) | Q(expires_at__gt=F("created_at")),
            ),
        ]

    def __str__(self) -> str:
        return self.name
