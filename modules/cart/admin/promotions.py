"""What is taken off carts, in the admin: written, tried on an example cart while it is typed, and ended."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import Upper
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import action

from ecommerce.kernel import clock
from ecommerce.kernel.admin_pages import Uncounted, WrittenByLogic
from modules.cart.admin import carts, previews, words
from modules.cart.admin.promotion_filters import KindFilter, StateFilter
from modules.cart.admin.promotion_forms import OF_KINDS, PromotionForm
from modules.cart.logic import promotions
from modules.cart.logic.promotions import CouponTaken, ManyCoupons
from modules.cart.logic.states import state_of
from modules.cart.models import Coupon, Promotion
from modules.users.contracts import Scope

SHOWN = ("kind_in_words", "takes_off", "offered", "codes", "uses", "state")


@admin.register(Promotion)
class PromotionAdmin(WrittenByLogic, Uncounted, ModelAdmin):
    list_display = ("title", *SHOWN)
    list_filter = (KindFilter, StateFilter)
    search_fields = ("title",)
    search_help_text = "Words of the title, or a whole code"
    # By when they were made, which their ids tell.
    ordering = ("-id",)
    sortable_by = ()
    form = PromotionForm
    fieldsets = (
        (None, {"fields": ("title", "kind", "value", "buy_quantity", "get_quantity", "tiers", "currency",
                           "minimum_subtotal", "code", "seen_version")}),
        ("For which goods", {"fields": ("product_ids", "category_ids")}),
        ("When, and how often", {"fields": ("starts_at", "ends_at", "usage_limit", "usage_limit_per_customer")}),
        ("Beside others", {"fields": ("stackable", "priority")}),
    )  # fmt: skip
    conditional_fields = {name: " || ".join(f"kind == '{kind}'" for kind in kinds) for name, kinds in OF_KINDS.items()}
    change_form_after_template = "admin/cart/promotion_preview.html"
    delete_confirmation_template = "admin/cart/delete_promotion.html"
    actions_list = ("look_into_cart",)

    class Media:
        css = {"all": ("cart/promotion_preview.css",)}
        js = ("cart/promotion_preview.js",)

    def get_urls(self) -> list[Any]:
        tried = self.admin_site.admin_view(partial(previews.view, self))
        own = [
            path("preview/", tried, name="cart_promotion_preview"),
            path("<uuid:promotion_id>/preview/", tried, name="cart_promotion_preview_of"),
        ]
        return [*own, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Promotion]:
        # Two of a hundred thousand tell that there are many.
        some = Coupon.objects.filter(promotion=OuterRef("pk")).order_by().values("code")[:2]
        found: QuerySet[Promotion] = super().get_queryset(request).annotate(some_codes=ArraySubquery(some))
        return found

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Promotion], search_term: str
    ) -> tuple[QuerySet[Promotion], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        # The code's own index finds it: an OR across tables would read every code.
        coupons = Coupon.objects.alias(folded=Upper("code")).filter(folded=term.upper())
        by_code = queryset.filter(pk__in=list(coupons.values_list("promotion_id", flat=True)))
        return by_code | queryset.filter(title__icontains=term), False

    def get_fieldsets(self, request: HttpRequest, obj: Promotion | None = None) -> Any:
        if obj is None:
            return self.fieldsets
        if self.has_change_permission(request, obj):
            return (*self.fieldsets, ("How it is used", {"fields": ("uses", "state", "codes", "orders")}))
        return ((None, {"fields": ("title", *SHOWN, "orders", "stackable", "priority")}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Promotion | None = None) -> tuple[str, ...]:
        return (*SHOWN, "orders")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"stackable": True, "priority": 0}

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        context = (extra_context or {}) | previews.panel(request, object_id)
        return super().changeform_view(request, object_id, form_url, context)

    def save_model(self, request: HttpRequest, obj: Promotion, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's)
        with _refused_at_the_code():
            if not change:
                obj.id = promotions.make_promotion(kind=obj.kind, code=form.own_code(), **form.values()).id
            elif changes := form.changes():
                versions = frozenset({form.cleaned_data["seen_version"] or 0})
                promotions.change_promotion(promotion_id=obj.id, changes=changes, versions=versions)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        # Its codes are not listed one by one: there may be a hundred thousand.
        return [str(one) for one in objs], {}, set(), []

    def delete_model(self, request: HttpRequest, obj: Promotion) -> None:
        seen = request.POST.get("seen_version", "")
        versions = frozenset({int(seen) if seen.isdecimal() else 0})
        promotions.delete_promotion(promotion_id=obj.id, versions=versions)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: Any) -> HttpResponse:
        if Promotion.objects.filter(id=obj_id).exists():
            messages.success(request, f"{obj_display} is ended; orders have used it, so it is kept.")
        else:
            messages.success(request, f"{obj_display} is deleted.")
        return HttpResponseRedirect(reverse("admin:cart_promotion_changelist"))

    def has_look_into_carts_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(Scope.CART_READ))

    @action(description="Look into a cart", url_path="carts", permissions=["look_into_carts"])
    def look_into_cart(self, request: HttpRequest) -> HttpResponse:
        return carts.view(self.admin_site, request)

    @admin.display(description="kind")
    def kind_in_words(self, promotion: Promotion) -> str:
        return words.KINDS[promotion.kind]  # type: ignore[index]  # the words by which PromotionKind is spelled

    @admin.display()
    def takes_off(self, promotion: Promotion) -> str:
        return words.takes_off(promotion)

    @admin.display()
    def offered(self, promotion: Promotion) -> str:
        return words.period(promotion)

    @admin.display()
    def codes(self, promotion: Promotion) -> str:
        some: list[str] = promotion.some_codes  # type: ignore[attr-defined]  # annotated above
        if not some:
            return "none is left" if promotion.needs_code else "by itself"
        address = reverse("admin:cart_coupon_changelist", query={"promotion__id__exact": promotion.id})
        return format_html(
            '<a class="text-primary-600" href="{}">{}</a>', address, some[0] if len(some) == 1 else "many codes"
        )

    @admin.display(description="used")
    def uses(self, promotion: Promotion) -> str:
        return words.uses(promotion.used, promotion.usage_limit)

    @admin.display()
    def state(self, promotion: Promotion) -> str:
        return state_of(promotion, at=clock.now())

    @admin.display()
    def orders(self, promotion: Promotion) -> str:
        """Those that used its one code; of others its codes lead to theirs."""
        some: list[str] = promotion.some_codes  # type: ignore[attr-defined]  # annotated above
        if len(some) != 1:
            return "-"
        address = reverse("admin:cart_redemption_changelist", query={"q": some[0]})
        return format_html('<a class="text-primary-600" href="{}">Orders with {}</a>', address, some[0])


@contextmanager
def _refused_at_the_code() -> Iterator[None]:
    """What is wrong with the code is said at the code."""
    try:
        yield
    except (CouponTaken, ManyCoupons) as refusal:
        raise type(refusal)(refusal.detail, errors=[{"field": "code", "detail": refusal.detail}]) from refusal
