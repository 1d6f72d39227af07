"""Bodies and answers of catalog: the schema. answers.py makes the same shapes as structs; a test compares the two."""

from typing import Any

from drf_spectacular.helpers import lazy_serializer
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from ecommerce.kernel.rest.serializers import (
    AwareDateTimeField,
    BooleanField,
    CharField,
    ChoiceField,
    IntegerField,
    MoneyField,
    StrictSerializer,
    UUIDField,
    ValidationError,
)

LOWEST = "While the price is reduced: the lowest of the 30 days before the reduction began."


class CategoryLink(StrictSerializer):
    id = UUIDField()
    slug = CharField()
    name = CharField()


@extend_schema_field(lazy_serializer("modules.catalog.api.serializers.CategoryNode")(many=True))
class Children(serializers.ListField):
    """Nodes below a node."""


class CategoryNode(CategoryLink):
    description = CharField()
    image = serializers.URLField(allow_null=True)
    product_count = IntegerField()
    children = Children()


class CategoryTree(StrictSerializer):
    results = CategoryNode(many=True)


class Category(CategoryNode):
    ancestors = CategoryLink(many=True)


class Rendition(StrictSerializer):
    url = serializers.URLField()
    width = IntegerField()
    height = IntegerField()


class Image(StrictSerializer):
    alt = CharField()
    small = Rendition()
    medium = Rendition()
    large = Rendition()


class Rating(StrictSerializer):
    average = serializers.FloatField()
    count = IntegerField()


class ProductCard(StrictSerializer):
    id = UUIDField()
    slug = CharField()
    title = CharField()
    category = CategoryLink()
    image = Image(allow_null=True)
    price_from = MoneyField()
    compare_at = MoneyField(allow_null=True)
    lowest_price_30_days = MoneyField(allow_null=True, help_text=LOWEST)
    in_stock = BooleanField()
    rating = Rating(allow_null=True)


class Option(StrictSerializer):
    name = CharField()
    values = serializers.ListField(child=CharField())


class StaffSale(StrictSerializer):
    amount = CharField()
    starts_at = AwareDateTimeField(allow_null=True)
    ends_at = AwareDateTimeField(allow_null=True)


class StaffPrice(StrictSerializer):
    amount = CharField(help_text="The regular price.")
    currency = CharField()
    sale = StaffSale(allow_null=True)


class Variant(StrictSerializer):
    id = UUIDField()
    sku = CharField()
    options = serializers.DictField(child=CharField())
    price = MoneyField(allow_null=True)
    compare_at = MoneyField(allow_null=True)
    lowest_price_30_days = MoneyField(allow_null=True, help_text=LOWEST)
    in_stock = BooleanField()
    low_stock = BooleanField()
    images = Image(many=True)
    barcode = CharField(required=False, help_text="Only for staff, as all that follows.")
    weight_g = IntegerField(required=False)
    on_hand = IntegerField(required=False)
    held = IntegerField(required=False)
    available = IntegerField(required=False)
    prices = StaffPrice(many=True, required=False)


class Seo(StrictSerializer):
    title = CharField()
    description = CharField()


class Words(StrictSerializer):
    title = CharField()
    description = CharField()
    seo = Seo()


class Product(StrictSerializer):
    id = UUIDField()
    slug = CharField()
    title = CharField()
    description = CharField()
    category = CategoryLink()
    breadcrumb = CategoryLink(many=True)
    options = Option(many=True)
    variants = Variant(many=True)
    attributes = serializers.DictField()
    images = Image(many=True)
    price_from = MoneyField(allow_null=True)
    compare_at = MoneyField(allow_null=True)
    lowest_price_30_days = MoneyField(allow_null=True, help_text=LOWEST)
    in_stock = BooleanField()
    seo = Seo()
    rating = Rating(allow_null=True)
    related = ProductCard(many=True, help_text="What staff put beside it: at most 12, in their order.")
    status = ChoiceField(
        ["draft", "published", "archived"], required=False, help_text="Only for staff, as all that follows."
    )
    publish_at = AwareDateTimeField(allow_null=True, required=False)
    published_at = AwareDateTimeField(allow_null=True, required=False)
    tax_class = ChoiceField(["standard", "reduced"], required=False)
    external_key = CharField(allow_null=True, required=False)
    version = IntegerField(required=False)
    created_at = AwareDateTimeField(required=False)
    updated_at = AwareDateTimeField(required=False)
    translations = serializers.DictField(
        child=Words(), required=False, help_text="By language; what is empty is shown in the own words."
    )
    related_ids = serializers.ListField(child=UUIDField(), required=False)


@extend_schema_serializer(
    examples=[
        OpenApiExample("So many more", {"delta": 20, "reason": "received"}),
        OpenApiExample("A stock-take", {"on_hand": 12, "reason": "counted in January"}),
    ]
)
class StockInput(StrictSerializer):
    delta = IntegerField(required=False, help_text="So many more, or fewer.")
    on_hand = IntegerField(required=False, min_value=0, help_text="A stock-take found so many.")
    location = CharField(max_length=120, required=False, help_text="Its id or name; the default one when left out.")
    reason = CharField(max_length=200, help_text="Kept in the journal; received and damaged are kinds of their own.")

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        if ("delta" in values) == ("on_hand" in values):
            raise ValidationError({"delta": "Give delta or on_hand, one of them."})
        if values.get("delta") == 0:
            raise ValidationError({"delta": "Nothing would change."})
        return values


class Shelf(StrictSerializer):
    id = UUIDField()
    name = CharField()
    on_hand = IntegerField()
    held = IntegerField()


class Stock(StrictSerializer):
    variant_id = UUIDField()
    on_hand = IntegerField()
    held = IntegerField()
    available = IntegerField()
    locations = Shelf(many=True)


class Movement(StrictSerializer):
    id = UUIDField()
    location_id = UUIDField()
    kind = CharField()
    delta = IntegerField()
    reason = CharField()
    reference = UUIDField(allow_null=True, help_text="The order or the return it was for.")
    actor_id = UUIDField(allow_null=True)
    created_at = AwareDateTimeField()


class StockWithJournal(Stock):
    movements = Movement(many=True, help_text="The last ones, newest first.")


class LocationInput(StrictSerializer):
    name = CharField(max_length=120)


class Location(LocationInput):
    id = UUIDField()
    is_default = BooleanField()


class LocationList(StrictSerializer):
    results = Location(many=True)
