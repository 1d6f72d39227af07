"""The keys that sign access tokens."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from ecommerce.kernel.clock import now
from ecommerce.kernel.ids import new_id


class SigningKey(models.Model):
    """A key pair that access tokens are signed with; the private half is encrypted."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    class Algorithm(models.TextChoices):
        EDDSA = "EdDSA", "EdDSA"
        RS256 = "RS256", "RS256"

    kid = models.UUIDField(primary_key=True, default=new_id, editable=False)
    algorithm = models.CharField(max_length=5, choices=Algorithm.choices)
    private_key = models.BinaryField()
    public_jwk = models.JSONField()
    created_at = models.DateTimeField(default=now)
    # From then on it signs nothing more; may lie a little ahead, while its successor is made known.
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # Two processes that make the first key at once, or rotate at once, end with one.
            models.UniqueConstraint(
                fields=["algorithm"], name="signing_key_one_unretired", condition=Q(retired_at=None)
            ),
            models.CheckConstraint(name="signing_key_algorithm_known", condition=Q(algorithm__in=["EdDSA", "RS256"])),
            models.CheckConstraint(
                name="signing_key_retired_after_made",
                condition=Q(retired_at=None) | Q(retired_at__gt=F("created_at")),
            ),
        ]
