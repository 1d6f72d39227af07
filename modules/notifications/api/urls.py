"""Notifications' addresses under /api/v1/."""

from django.urls import path

from modules.notifications.api import staff, tracking, unsubscribe, views

urlpatterns = [
    path("notifications/", views.Messages.as_view()),
    path("notifications/preferences/", views.Preferences.as_view()),
    path("notifications/unsubscribe/<str:token>/", unsubscribe.Unsubscribe.as_view()),
    path("notifications/tracking/<str:provider>/", tracking.ProviderTracking.as_view()),
    path("notifications/deliveries/", staff.Deliveries.as_view()),
    path("notifications/deliveries/<uuid:delivery_id>/replay/", staff.Replay.as_view()),
]
