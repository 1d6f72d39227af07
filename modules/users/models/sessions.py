"""Signed-in sessions."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from ecommerce.kernel.clock import now
from ecommerce.kernel.ids import new_id
from modules.users.models.accounts import User

NETWORK_LENGTH, USER_AGENT_LENGTH = 64, 200


class RefreshSession(models.Model):
    """One sign-in: a family of refresh tokens, of which only the current one may be exchanged."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"network", "user_agent"})

    # The `sid` of every token of the family.
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    # The current token (its `jti`, `iat` and `exp`); who exchanges it must find it still here.
    token_id = models.UUIDField()
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # The tokens exchanged in the last seconds, oldest first: each one's successor is the next, the last one's is the
    # current. Nobody else needs remembering: a token of ours that is neither here nor current was used before.
    replaced = models.JSONField(default=list)
    # Where it was begun, for its owner to know it again: a network (kernel throttles' notion), a browser's own words.
    network = models.CharField(max_length=NETWORK_LENGTH, blank=True)
    user_agent = models.CharField(max_length=USER_AGENT_LENGTH, blank=True)
    created_at = models.DateTimeField(default=now)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="session_expires_after_issue", condition=Q(expires_at__gt=F("issued_at"))),
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="session_expiry"),
            models.Index(fields=["user", "-created_at", "-id"], name="session_of_user", condition=Q(revoked_at=None)),
        ]
