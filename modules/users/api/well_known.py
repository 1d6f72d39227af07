"""Users' addresses under /.well-known/ (RFC 8615)."""

from django.urls import path

from modules.users.api import views

urlpatterns = [path("jwks.json", views.WellKnownKeys.as_view())]
