"""Carts by HTTP. A guest's cart is held by its id alone, so none of these needs a login but one's own cart."""

from typing import cast
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ecommerce.kernel.identity import Principal
from ecommerce.kernel.rest.etags import check_if_match, expected_versions, strong_etag
from ecommerce.kernel.rest.permissions import IsSignedIn
from modules.cart.api import serializers
from modules.cart.logic import carts, claims, coupons, items
from modules.cart.logic.baskets import Basket
from modules.cart.logic.pricing import PricedCart


class Carts(APIView):
    @extend_schema(request=serializers.CartInput, responses={201: serializers.Cart})
    def post(self, request: Request) -> Response:
        """A new cart for a guest; the user's one cart, made or returned, for who is signed in."""
        body = serializers.CartInput.parse(request)
        return _answer(carts.open_cart(caller_id=_caller(request), **body), status=201)


class OwnCart(APIView):
    permission_classes = [IsSignedIn]
    problems = (404,)

    @extend_schema(parameters=[serializers.CartFilter], responses=serializers.Cart)
    def get(self, request: Request) -> Response:
        """The caller's cart; 404 while there is none."""
        return _answer(carts.get_own_cart(user_id=_user(request)), explained=_explained(request))


class Cart(APIView):
    problems = (412,)

    @extend_schema(parameters=[serializers.CartFilter], responses=serializers.Cart)
    def get(self, request: Request, cart_id: UUID) -> Response:
        """The cart at the prices of now."""
        return _answer(carts.get_cart(cart_id=cart_id, caller_id=_caller(request)), explained=_explained(request))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, cart_id: UUID) -> Response:
        """Let the cart go, for good."""
        carts.discard_cart(basket=_basket(request, cart_id), versions=expected_versions(request))
        return Response(status=204)


class Items(APIView):
    problems = (409, 412)

    @extend_schema(request=serializers.ItemInput, responses=serializers.Cart)
    def post(self, request: Request, cart_id: UUID) -> Response:
        """Add so many to what is there."""
        basket = _basket(request, cart_id)
        body = serializers.ItemInput.parse(request)
        return _answer(items.add_item(basket=basket, versions=expected_versions(request), **body))


class Item(APIView):
    problems = (409, 412)

    @extend_schema(request=serializers.QuantityInput, responses=serializers.Cart)
    def patch(self, request: Request, cart_id: UUID, variant_id: UUID) -> Response:
        """Give a line another quantity; 0 removes it."""
        basket, versions = _basket(request, cart_id), expected_versions(request)
        body = serializers.QuantityInput.parse(request)
        return _answer(items.set_quantity(basket=basket, variant_id=variant_id, versions=versions, **body))

    @extend_schema(responses={200: serializers.Cart})
    def delete(self, request: Request, cart_id: UUID, variant_id: UUID) -> Response:
        """Take a line out; one that is not there changes nothing."""
        basket, versions = _basket(request, cart_id), expected_versions(request)
        return _answer(items.remove_item(basket=basket, variant_id=variant_id, versions=versions))


class Coupons(APIView):
    problems = (409, 412)

    @extend_schema(request=serializers.CouponInput, responses=serializers.Cart)
    def post(self, request: Request, cart_id: UUID) -> Response:
        """Put a coupon code into the cart."""
        basket = _basket(request, cart_id)
        body = serializers.CouponInput.parse(request)
        check_if_match(request, basket.version)
        return _answer(coupons.apply_coupon(basket=basket, versions=expected_versions(request), **body))


class Coupon(APIView):
    problems = (412,)

    @extend_schema(responses={200: serializers.Cart})
    def delete(self, request: Request, cart_id: UUID, code: str) -> Response:
        """Take a coupon code out; one that is not there changes nothing."""
        basket = _basket(request, cart_id)
        return _answer(coupons.remove_coupon(basket=basket, code=code, versions=expected_versions(request)))


class Claim(APIView):
    permission_classes = [IsSignedIn]
    problems = (409, 412)

    @extend_schema(request=None, responses={200: serializers.Cart})
    def post(self, request: Request, cart_id: UUID) -> Response:
        """Merge a guest's cart into the caller's; again, it answers the caller's cart, unchanged."""
        serializers.ClaimInput.parse(request)
        return _answer(claims.claim_cart(cart_id=cart_id, user_id=_user(request), versions=expected_versions(request)))


def _answer(cart: PricedCart, *, status: int = 200, explained: bool = False) -> Response:
    answer = serializers.answer_cart(cart, explained=explained)
    return Response(answer, status=status, headers={"ETag": strong_etag(answer.version)})


def _explained(request: Request) -> bool:
    return serializers.CartFilter.parse_query(request).get("explain") == "true"


def _basket(request: Request, cart_id: UUID) -> Basket:
    """What the caller's cart holds; read before the body, so that who may not see a cart learns nothing of it."""
    return carts.get_basket(cart_id=cart_id, caller_id=_caller(request))


def _caller(request: Request) -> UUID | None:
    return cast(Principal, request.user).id


def _user(request: Request) -> UUID:
    """Who is signed in: the view's permission has seen to it that somebody is."""
    return cast(UUID, _caller(request))
