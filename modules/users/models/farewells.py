"""Where the last mail about an erased account goes."""

from typing import ClassVar

from django.db import models

from modules.users.models.accounts import User


class Farewell(models.Model):
    """The address that an account had: kept until its owner has been told of the erasure, or the erasure is closed."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"email"})

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="farewell")
    email = models.EmailField(max_length=254)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.user_id)
