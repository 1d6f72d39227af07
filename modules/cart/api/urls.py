"""Every address under /api/v1/carts/."""

from django.urls import path

from modules.cart.api import promotions, views

urlpatterns = [
    path("carts/", views.Carts.as_view()),
    path("carts/mine/", views.OwnCart.as_view()),
    path("carts/promotions/", promotions.Promotions.as_view()),
    path("carts/promotions/<uuid:promotion_id>/", promotions.OnePromotion.as_view()),
    path("carts/<uuid:cart_id>/", views.Cart.as_view()),
    path("carts/<uuid:cart_id>/items/", views.Items.as_view()),
    path("carts/<uuid:cart_id>/items/<uuid:variant_id>/", views.Item.as_view()),
    path("carts/<uuid:cart_id>/coupons/", views.Coupons.as_view()),
    path("carts/<uuid:cart_id>/coupons/<str:code>/", views.Coupon.as_view()),
    path("carts/<uuid:cart_id>/claim/", views.Claim.as_view()),
]
