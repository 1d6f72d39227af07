"""How codes are used: each code with its count, and which orders used which."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.db.models.functions import Upper
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin

from ecommerce.kernel.admin_pages import ReadOnly, Uncounted
from modules.cart.admin import words
from modules.cart.models import Coupon, Promotion, Redemption

# So much of the end of a customer's key tells two customers apart and names none; it begins with a time.
SHOWN_OF_A_KEY = 8


@admin.register(Coupon)
class CouponAdmin(ReadOnly, Uncounted, ModelAdmin):
    """The codes, of one promotion or of all; written with their promotion."""

    list_display = ("code", "promotion", "uses", "orders", "created_at")
    list_select_related = ("promotion",)
    search_fields = ("code",)
    search_help_text = "A whole code"
    # By when they were made, which their ids tell.
    ordering = ("-id",)
    sortable_by = ()
    fields = ("code", "promotion", "uses", "orders", "created_at")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Coupon], search_term: str
    ) -> tuple[QuerySet[Coupon], bool]:
        if not (term := search_term.strip()):
            return queryset, False
        return queryset.alias(folded=Upper("code")).filter(folded=term.upper()), False

    @admin.display(description="used")
    def uses(self, coupon: Coupon) -> str:
        return words.uses(coupon.used, coupon.usage_limit)

    @admin.display()
    def orders(self, coupon: Coupon) -> str:
        address = reverse("admin:cart_redemption_changelist", query={"q": coupon.code})
        return format_html('<a class="text-primary-600" href="{}">Orders</a>', address)


@admin.register(Redemption)
class RedemptionAdmin(ReadOnly, Uncounted, ModelAdmin):
    """Which orders used promotions, the newest first."""

    list_display = ("order_id", "status", "used_codes", "customer", "created_at", "released_at")
    list_filter = ("status",)
    search_fields = ("order_id",)
    search_help_text = "A whole code, or the id of an order or of a customer"
    # By when they were made, which their ids tell.
    ordering = ("-id",)
    sortable_by = ()
    fields = ("order_id", "status", "used_codes", "promotions", "customer", "created_at", "released_at")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Redemption], search_term: str
    ) -> tuple[QuerySet[Redemption], bool]:
        if not (term := search_term.strip()):
            return queryset, False
        try:
            wanted = UUID(term)
        except ValueError:
            # As carts hold them, in capitals.
            return queryset.filter(codes__contains=[term.upper()]), False
        return queryset.filter(Q(order_id=wanted) | Q(customer_key=str(wanted))), False

    @admin.display(description="codes")
    def used_codes(self, redemption: Redemption) -> str:
        return ", ".join(redemption.codes) or "-"

    @admin.display()
    def customer(self, redemption: Redemption) -> str:
        key = redemption.customer_key
        return f"…{key[-SHOWN_OF_A_KEY:]}" if key else "-"

    @admin.display()
    def promotions(self, redemption: Redemption) -> Any:
        found = Promotion.objects.filter(id__in=redemption.promotion_ids).order_by("id")
        return ", ".join(found.values_list("title", flat=True)) or "-"
