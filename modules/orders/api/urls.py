"""The addresses that orders answers."""

from django.urls import path

from modules.orders.api import views

urlpatterns = [
    path("checkout/quote/", views.QuoteView.as_view()),
    path("checkout/", views.CheckoutView.as_view()),
    path("orders/", views.OrderListView.as_view()),
    path("orders/<uuid:order_id>/", views.OrderView.as_view()),
    path("orders/<uuid:order_id>/cancel/", views.CancelView.as_view()),
]
