"""Notifications' addresses under /api/v1/."""

from django.urls import path

from modules.notifications.api import staff, stock_alerts, tracking, twilio, unsubscribe, views, webhooks

urlpatterns = [
    path("notifications/", views.Messages.as_view()),
    path("notifications/preferences/", views.Preferences.as_view()),
    path("notifications/stock-alerts/", stock_alerts.StockAlerts.as_view()),
    path("notifications/stock-alerts/<uuid:alert_id>/", stock_alerts.OneStockAlert.as_view()),
    path("notifications/unsubscribe/<str:token>/", unsubscribe.Unsubscribe.as_view()),
    path("notifications/tracking/twilio/", twilio.SmsTracking.as_view()),
    path("notifications/incoming/twilio/", twilio.SmsAnswer.as_view()),
    path("notifications/tracking/<str:provider>/", tracking.ProviderTracking.as_view()),
    path("notifications/webhooks/", webhooks.Webhooks.as_view()),
    path("notifications/webhooks/<uuid:webhook_id>/", webhooks.OneWebhook.as_view()),
    path("notifications/webhooks/<uuid:webhook_id>/test/", webhooks.Test.as_view()),
    path("notifications/webhooks/<uuid:webhook_id>/rotate-secret/", webhooks.RotateSecret.as_view()),
    path("notifications/deliveries/", staff.Deliveries.as_view()),
    path("notifications/deliveries/<uuid:delivery_id>/replay/", staff.Replay.as_view()),
]
