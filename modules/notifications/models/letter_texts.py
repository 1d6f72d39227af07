"""What staff let letters say."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from ecommerce.kernel.ids import new_id
from modules.notifications.models.messages import Message


class LetterText(models.Model):
    """What staff let a letter say in one language, instead of the words that come with the shop; with gaps."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    topic = models.CharField(max_length=50, choices=Message.Topic.choices)
    language = models.CharField(max_length=10)
    subject = models.CharField(max_length=150)
    # What a mailbox shows beside the subject.
    preheader = models.CharField(max_length=200, blank=True)
    heading = models.CharField(max_length=150)
    introduction = models.TextField()
    closing = models.TextField(blank=True)
    version = models.BigIntegerField(default=1)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["topic", "language"], name="letter_text_once"),
            models.CheckConstraint(
                name="letter_text_says_something",
                condition=~Q(subject="") & ~Q(heading="") & ~Q(introduction=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} ({self.language})"
