"""Promotions as staff write them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from ecommerce.kernel import clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Conflict, NotFound, PreconditionFailed
from ecommerce.kernel.ids import new_id
from modules.cart.logic.database import fetch
from modules.cart.logic.promotion_values import set_values, written
from modules.cart.logic.storage import Versions
from modules.cart.models import Coupon, Promotion


class PromotionNotFound(NotFound):
    """There is no such promotion."""


class CouponTaken(Conflict):
    """Another promotion has this code; codes are compared without case."""

    code = "coupon_taken"


class ManyCoupons(Conflict):
    """This promotion has many codes; none of them can be changed here."""

    code = "many_coupons"


def make_promotion(*, kind: str, code: str | None = None, **values: Any) -> Promotion:
    """Offer something, at once unless `starts_at` says otherwise; with a code only to whoever enters it.

    Refuses (InvalidPromotion) what does not fit its kind, and (CouponTaken) a code that another has.
    """
    promotion = draft_promotion(kind=kind, needs_code=code is not None, **values)
    with _one_of_each_code(), atomic(Promotion):
        promotion.save(force_insert=True)
        if code is not None:
            Coupon.objects.create(promotion=promotion, code=code, created_at=promotion.created_at)
    return promotion


def draft_promotion(*, kind: str, needs_code: bool, **values: Any) -> Promotion:
    """A promotion that is kept nowhere yet; refuses (InvalidPromotion) what does not fit its kind."""
    promotion = Promotion(id=new_id(), kind=kind, created_at=clock.now(), needs_code=needs_code)
    set_values(promotion, values)
    return promotion


def change_promotion(*, promotion_id: UUID, changes: Mapping[str, Any], versions: Versions = None) -> Promotion:
    """Change what is given; its kind stays. With `code` None it applies by itself from now on. What changes nothing
    makes no new version, so repeating is safe.

    Refuses what make_promotion refuses, another version (PreconditionFailed), and a code where there are many.
    """
    with _one_of_each_code(), atomic(Promotion):
        promotion = _locked(promotion_id, versions)
        recoded = "code" in changes and _set_code(promotion, changes["code"])
        kept = written(promotion)
        set_values(promotion, kept | {name: value for name, value in changes.items() if name != "code"})
        if recoded or written(promotion) != kept:
            promotion.version += 1
            promotion.save()
    return promotion


def delete_promotion(*, promotion_id: UUID, versions: Versions = None) -> None:
    """Offer it no more: what an order ever used is ended, since orders and customers are counted by it; any other
    goes, with its codes."""
    with atomic(Promotion):
        promotion = _locked(promotion_id, versions)
        if promotion.used or promotion.customer_uses.exists():
            promotion.ends_at = min(promotion.ends_at or clock.now(), clock.now())
            promotion.starts_at = None
            promotion.version += 1
            promotion.save(update_fields=["ends_at", "starts_at", "version"])
            return
        promotion.delete()


def get_promotion(*, promotion_id: UUID) -> Promotion:
    """As it is now; raises PromotionNotFound."""
    if (promotion := Promotion.objects.filter(id=promotion_id).first()) is None:
        raise PromotionNotFound
    return promotion


def codes_of(promotion_ids: list[UUID]) -> dict[UUID, str]:
    """The oldest code of each that has any, by one statement, however many it has."""
    return dict(fetch(_OLDEST_CODES, [promotion_ids]))


def _set_code(promotion: Promotion, code: str | None) -> bool:
    """Give it that one code, or none; whether that is a change."""
    coupons = list(promotion.coupons.order_by("created_at", "id")[:2])
    if len(coupons) > 1:
        raise ManyCoupons
    if (code is None and not promotion.needs_code) or (coupons and coupons[0].code == code):
        return False
    # Another code is another coupon, of which none is used yet.
    promotion.coupons.all().delete()
    if code is not None:
        Coupon.objects.create(promotion=promotion, code=code, created_at=clock.now())
    promotion.needs_code = code is not None
    return True


def _locked(promotion_id: UUID, versions: Versions) -> Promotion:
    promotion = Promotion.objects.select_for_update(no_key=True).filter(id=promotion_id).first()
    if promotion is None:
        raise PromotionNotFound
    if versions is not None and promotion.version not in versions:
        raise PreconditionFailed(version=promotion.version)
    return promotion


@contextmanager
def _one_of_each_code() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        if str(getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")) != "coupon_code_once":
            raise
        raise CouponTaken from error


_OLDEST_CODES = """
    SELECT promotion.id, oldest.code
    FROM unnest(%s::uuid[]) AS promotion (id)
    CROSS JOIN LATERAL (
        SELECT code FROM cart_coupon WHERE promotion_id = promotion.id ORDER BY created_at, id LIMIT 1
    ) oldest
"""
