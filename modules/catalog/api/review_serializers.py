"""Bodies and answers about reviews: the schema. review_answers.py makes the public shape as structs."""

from rest_framework.request import Request

from ecommerce.kernel.rest.serializers import (
    AwareDateTimeField,
    BooleanField,
    CharField,
    ChoiceField,
    IntegerField,
    StrictSerializer,
    UUIDField,
)
from modules.catalog.models import Review as ReviewModel

STATUSES = ReviewModel.Status.values
FIRST_STATUS = ReviewModel.Status.PENDING.value


class Review(StrictSerializer):
    id = UUIDField()
    stars = IntegerField()
    title = CharField()
    body = CharField()
    author_name = CharField()
    created_at = AwareDateTimeField()
    verified_buyer = BooleanField()


class ReviewInput(StrictSerializer):
    stars = IntegerField(min_value=1, max_value=5)
    title = CharField(max_length=150, required=False, allow_blank=True, help_text="Plain text.")
    body = CharField(max_length=5000, required=False, allow_blank=True, help_text="Plain text.")
    author_name = CharField(
        max_length=100, required=False, allow_blank=True, help_text="As the author wants to be called, if at all."
    )


class OwnReview(StrictSerializer):
    id = UUIDField()
    product_id = UUIDField()
    stars = IntegerField()
    title = CharField()
    body = CharField()
    author_name = CharField()
    status = ChoiceField(STATUSES)
    reason = CharField(help_text="Why it was rejected.")
    created_at = AwareDateTimeField()
    verified_buyer = BooleanField(default=True)


class ReviewedProduct(StrictSerializer):
    id = UUIDField()
    slug = CharField()
    title = CharField()


class ModeratedReview(StrictSerializer):
    id = UUIDField()
    product = ReviewedProduct()
    author_id = UUIDField(allow_null=True, help_text="null when the account is erased.")
    author_name = CharField()
    stars = IntegerField()
    title = CharField()
    body = CharField()
    language = CharField()
    status = ChoiceField(STATUSES)
    reason = CharField()
    created_at = AwareDateTimeField()
    moderated_at = AwareDateTimeField(allow_null=True)
    moderator_id = UUIDField(allow_null=True)
    version = IntegerField()


class RejectionInput(StrictSerializer):
    reason = CharField(max_length=200, required=False, allow_blank=True, help_text="The author reads it.")


class NothingInput(StrictSerializer):
    """Nothing needs saying."""


class ReviewFilter(StrictSerializer):
    """Which of a product's reviews."""

    stars = ChoiceField(["1", "2", "3", "4", "5"], required=False)

    @classmethod
    def read(cls, request: Request, besides: frozenset[str]) -> int | None:
        """The number of stars that is asked for, if any."""
        stars: str | None = cls.parse_query(request, besides=besides).get("stars")
        return int(stars) if stars else None


class ModerationFilter(StrictSerializer):
    """Which reviews staff want to see."""

    status = ChoiceField(STATUSES, required=False, help_text="pending when left out.")
