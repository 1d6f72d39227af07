"""What staff send to make and change products and variants."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework.exceptions import ErrorDetail

from ecommerce.kernel.money import Money
from ecommerce.kernel.rest.serializers import (
    AwareDateTimeField,
    CharField,
    ChoiceField,
    DictField,
    IntegerField,
    ListField,
    MoneyField,
    SlugField,
    StrictSerializer,
    UUIDField,
    ValidationError,
)
from modules.catalog.api.translations import TranslationsField
from modules.catalog.logic.price_lists import PriceWish
from modules.catalog.logic.prices import NewPrice
from modules.catalog.logic.product_variants import BARCODE, MOST_VARIANTS
from modules.catalog.logic.related import MAX_RELATED

STATUSES = ["draft", "published", "archived"]
TAX_CLASSES = ["standard", "reduced"]
# One in each currency that there is.
MOST_PRICES = 200


def names() -> ListField:
    """What a product's variants differ in."""
    return ListField(child=CharField(max_length=60), required=False, max_length=10, help_text='["Size", "Colour"]')


def values() -> DictField:
    """A variant's value of each option."""
    return DictField(child=CharField(max_length=100), required=False, help_text='{"Size": "M"}')


class SaleInput(StrictSerializer):
    amount = CharField(max_length=25, help_text="In the price's own currency, lower than the price.")
    starts_at = AwareDateTimeField(required=False, allow_null=True, help_text="At once when left out.")
    ends_at = AwareDateTimeField(required=False, allow_null=True, help_text="Never when left out.")


class PriceInput(StrictSerializer):
    amount = CharField(max_length=25, help_text="The regular price.")
    currency = CharField(max_length=3)
    sale = SaleInput(
        required=False, allow_null=True, help_text="null ends the sale; in a change, the sale stays when left out."
    )

    def validate(self, values: dict[str, Any]) -> Any:
        sale = values.get("sale")
        price = NewPrice(
            regular=_money(values["amount"], values["currency"]),
            sale=_sale_money(sale["amount"], values["currency"]) if sale else None,
            sale_starts_at=sale.get("starts_at") if sale else None,
            sale_ends_at=sale.get("ends_at") if sale else None,
        )
        _check_sale(price)
        return PriceWish(price=price, keeps_sale="sale" not in values)


class WithPrices(StrictSerializer):
    prices = ListField(child=PriceInput(), required=False, max_length=MOST_PRICES)

    def validate_prices(self, wishes: list[PriceWish]) -> list[PriceWish]:
        seen: set[str] = set()
        for place, wish in enumerate(wishes):
            if (currency := wish.price.regular.currency) in seen:
                _refuse(str(place), "currency", code="duplicate_currency", detail="The currency is given twice.")
            seen.add(currency)
        return wishes

    def validate_barcode(self, barcode: str) -> str:
        if barcode and not BARCODE.fullmatch(barcode):
            raise ValidationError("Give 8 to 14 digits.")
        return barcode


class VariantInput(WithPrices):
    sku = CharField(max_length=64)
    options = values()
    barcode = CharField(required=False, allow_blank=True, max_length=14, help_text="GTIN: 8 to 14 digits.")
    weight_g = IntegerField(required=False, min_value=0)
    on_hand = IntegerField(required=False, min_value=0, help_text="0 when left out; a row in the stock journal.")


class NewVariantInput(VariantInput):
    prices = ListField(child=PriceInput(), max_length=MOST_PRICES)


class VariantChange(WithPrices):
    sku = CharField(max_length=64, required=False)
    options = values()
    barcode = CharField(required=False, allow_blank=True, max_length=14, help_text="Empty takes it away.")
    weight_g = IntegerField(required=False, min_value=0)


class VariantsChange(VariantChange):
    id = UUIDField()


class SeoInput(StrictSerializer):
    title = CharField(required=False, allow_blank=True, max_length=200)
    description = CharField(required=False, allow_blank=True, max_length=500)

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        return {name: text for name, text in values.items() if text}


class WordsInput(StrictSerializer):
    title = CharField(required=False, allow_blank=True, max_length=200)
    description = CharField(required=False, allow_blank=True, max_length=50_000)
    seo = SeoInput(required=False)


class ProductFields(StrictSerializer):
    title = CharField(max_length=200, required=False)
    slug = SlugField(max_length=200, required=False, help_text="The address of before leads to the new one.")
    description = CharField(required=False, allow_blank=True, max_length=50_000)
    category_id = UUIDField(required=False)
    tax_class = ChoiceField(TAX_CLASSES, required=False)
    status = ChoiceField(STATUSES, required=False)
    publish_at = AwareDateTimeField(
        required=False, allow_null=True, help_text="A draft appears at that time; null takes it back."
    )
    attributes = DictField(required=False, help_text="Text, number, boolean or a list of texts by code; all of them.")
    options = names()
    seo = SeoInput(required=False)
    external_key = CharField(required=False, allow_null=True, max_length=100)
    translations = TranslationsField(child=WordsInput(allow_null=True))
    related_ids = ListField(
        child=UUIDField(), required=False, max_length=MAX_RELATED, help_text="What stands beside it, in this order."
    )


class ProductChange(ProductFields):
    variants = ListField(
        child=VariantsChange(),
        required=False,
        max_length=MOST_VARIANTS,
        help_text="Changes of variants by their ids, such as other options along with the product's; others stay.",
    )


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A shirt in two sizes",
            {
                "title": "Linen shirt",
                "category_id": "0190d1c2-7f4e-7cc0-9a3e-5f2b8f0a1c11",
                "status": "published",
                "options": ["Size"],
                "attributes": {"material": "linen"},
                "variants": [
                    {
                        "sku": "LINEN-M",
                        "options": {"Size": "M"},
                        "prices": [{"amount": "39.90", "currency": "EUR"}],
                        "on_hand": 12,
                    },
                    {
                        "sku": "LINEN-L",
                        "options": {"Size": "L"},
                        "prices": [{"amount": "39.90", "currency": "EUR", "sale": {"amount": "29.90"}}],
                    },
                ],
            },
        )
    ]
)
class ProductInput(ProductFields):
    title = CharField(max_length=200)
    slug = SlugField(max_length=200, required=False, help_text="Made from the title when left out.")
    category_id = UUIDField()
    variants = ListField(child=NewVariantInput(), allow_empty=False, max_length=MOST_VARIANTS)

    def validate_variants(self, variants: list[dict[str, Any]]) -> list[dict[str, Any]]:
        seen: set[str] = set()
        for place, variant in enumerate(variants):
            if variant["sku"] in seen:
                _refuse(str(place), "sku", code="duplicate_sku", detail="Two variants have this SKU.")
            seen.add(variant["sku"])
        return variants


def _money(amount: str, currency: str) -> Money:
    money: Money = MoneyField(min_value=0).run_validation({"amount": amount, "currency": currency})
    return money


def _sale_money(amount: str, currency: str) -> Money:
    try:
        return _money(amount, currency)
    except ValidationError as error:
        raise ValidationError({"sale": error.detail}) from error


def _check_sale(price: NewPrice) -> None:
    if price.sale is not None and not price.sale < price.regular:
        _refuse("sale", "amount", code="sale_not_lower", detail="A sale price is lower than the regular one.")
    starts, ends = price.sale_starts_at, price.sale_ends_at
    if starts and ends and starts >= ends:
        _refuse("sale", "ends_at", code="ends_first", detail="A sale ends after it has begun.")


def _refuse(place: str, field: str, *, code: str, detail: str) -> None:
    raise ValidationError({place: {field: [ErrorDetail(detail, code)]}})
