"""Accounts elsewhere that open an account here."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from ecommerce.kernel.clock import now
from ecommerce.kernel.ids import new_id
from modules.users.models.accounts import User


class Identity(models.Model):
    """Somebody's account at an issuer of OpenID Connect: whoever signs in there is this user here."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"subject"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="identities")
    # The id in OIDC_PROVIDERS by which it was linked.
    provider = models.CharField(max_length=32)
    # Together what OpenID Connect promises never to give to another person (Core, 2).
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="identity_once"),
            models.CheckConstraint(name="identity_told", condition=~Q(issuer="") & ~Q(subject="")),
        ]
