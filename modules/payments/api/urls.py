"""Payments' addresses under /api/v1/."""

from django.urls import path

from modules.payments.api import saved_methods, staff, views

urlpatterns = [
    path("payments/methods/", views.Methods.as_view()),
    path("payments/saved-methods/", saved_methods.SavedMethods.as_view()),
    path("payments/saved-methods/<str:provider>/<str:method_id>/", saved_methods.SavedMethod.as_view()),
    path("payments/webhooks/<str:provider>/", views.Webhook.as_view()),
    path("payments/<uuid:payment_id>/", views.Payment.as_view()),
    path("payments/<uuid:payment_id>/confirm/", views.Confirm.as_view()),
    path("payments/<uuid:payment_id>/retry/", views.Retry.as_view()),
    path("payments/<uuid:payment_id>/capture/", staff.Capture.as_view()),
    path("payments/<uuid:payment_id>/void/", staff.Void.as_view()),
    path("payments/<uuid:payment_id>/refunds/", staff.Refunds.as_view()),
]
