"""Requests for a mailed link, until they are answered."""

from typing import ClassVar

from django.db import models

from ecommerce.kernel.clock import now
from ecommerce.kernel.ids import new_id


class LinkRequest(models.Model):
    """Somebody typed an address and wants a link mailed to it: deleted as soon as that was seen to.

    Whether there is an account is looked up later, so the request itself is the same for every address.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"email"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    purpose = models.CharField(max_length=20)
    email = models.EmailField(max_length=254)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="link_request_purpose_known", condition=models.Q(purpose__in=["verify_email", "reset_password"])
            ),
        ]
