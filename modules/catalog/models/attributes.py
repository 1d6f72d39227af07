"""What products are described by, and shoppers filter by: each attribute has one type in the whole shop."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from ecommerce.kernel.ids import new_id


class Attribute(models.Model):
    """A named, typed property: products keep its value in `attributes` under its code."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    class Kind(models.TextChoices):
        TEXT = "text"
        NUMBER = "number"
        CHOICE = "choice"
        BOOLEAN = "boolean"
        COLOUR = "colour"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # Of a number: "kg", "cm".
    unit = models.CharField(max_length=20, blank=True)
    # Of a choice or a colour, in the order they are offered: [{"value": "red", "name": "Red", "hex": "#c23b3b"}].
    choices = models.JSONField(default=list, blank=True)
    # The name and the choices' names in more languages: {"de": {"name": "Farbe", "choices": {"red": "Rot"}}}.
    translations = models.JSONField(default=dict, blank=True)
    # Whether shoppers are offered it as a filter.
    is_filterable = models.BooleanField(default=True)
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="attribute_kind_known", condition=Q(kind__in=["text", "number", "choice", "boolean", "colour"])
            ),
            models.CheckConstraint(name="attribute_code_plain", condition=Q(code__regex="^[a-z0-9][a-z0-9_-]*$")),
        ]

    def __str__(self) -> str:
        return self.name
