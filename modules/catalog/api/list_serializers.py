"""The schema of lists: list_answers.py makes the same shapes as structs."""

from rest_framework import serializers

from ecommerce.kernel.rest.serializers import BooleanField, CharField, IntegerField, MoneyField, StrictSerializer
from modules.catalog.api.serializers import CategoryLink, Image, ProductCard


class CategoryCount(CategoryLink):
    count = IntegerField()


class AttributeValue(StrictSerializer):
    value = CharField(help_text="As `attr.<code>` takes it.")
    name = CharField()
    count = IntegerField()


class AttributeFacet(StrictSerializer):
    code = CharField()
    name = CharField()
    kind = CharField()
    unit = CharField()
    values = AttributeValue(many=True)


class PriceRange(StrictSerializer):
    min = MoneyField()
    max = MoneyField()


class FacetList(StrictSerializer):
    categories = CategoryCount(many=True)
    attributes = AttributeFacet(many=True)
    price = PriceRange(allow_null=True)
    exact = BooleanField(
        help_text="False where there is more than was looked through: then these are the counts of a part."
    )


class ProductCardPage(StrictSerializer):
    results = ProductCard(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    count = CharField(
        required=False,
        help_text='With `count=true`: digits, or "10,000+" (in a search "2,000+"), or where filters leave some of very '
        'many products "120+": at least so many.',
    )
    facets = FacetList(required=False, help_text="With `facets=true`.")


class Suggestion(StrictSerializer):
    type = serializers.ChoiceField(["category", "product"])
    title = CharField()
    slug = CharField()
    image = Image(allow_null=True)


class SuggestionList(StrictSerializer):
    results = Suggestion(many=True)
