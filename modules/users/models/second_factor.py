"""The second factor of those who have one. `User.second_factor_at` says whether it is on."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from ecommerce.kernel.clock import now
from ecommerce.kernel.ids import new_id
from modules.users.models.accounts import User


class SecondFactor(models.Model):
    """The secret that a user's authenticator app shares with us, and which of its codes were used."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="second_factor")
    # Encrypted, and bound to this row's id.
    secret = models.BinaryField()
    # The time step of the last code that was accepted: only a later one is, so each serves once.
    last_step = models.BigIntegerField(default=0)
    # Wrong codes in a row, from whatever network, and the time of the last one that counted.
    failures = models.PositiveSmallIntegerField(default=0)
    failed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="second_factor_failed_some_time", condition=Q(failures=0) | Q(failed_at__isnull=False)
            ),
        ]


class RecoveryCode(models.Model):
    """What replaces the authenticator app once, when it is lost; only its HMAC is kept."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=43, unique=True)
    used_at = models.DateTimeField(null=True)
