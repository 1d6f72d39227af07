"""Who acted as whom."""

from typing import ClassVar

from django.db import models

from ecommerce.kernel.clock import now
from ecommerce.kernel.ids import new_id


class Impersonation(models.Model):
    """A member of staff was given an access token of a customer; written before the token is signed, never changed."""

    # Ids alone, so that the record outlives both; the reason is free text and may speak of the customer.
    PERSONAL: ClassVar[frozenset[str]] = frozenset({"reason"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    actor_id = models.UUIDField()
    user_id = models.UUIDField(db_index=True)
    reason = models.CharField(max_length=500)
    at = models.DateTimeField(default=now, editable=False)
