"""Users' addresses under /.well-known/ (RFC 8615)."""

from django.urls import path

from modules.users.api.views import signing_keys

urlpatterns = [path("jwks.json", signing_keys.WellKnownKeys.as_view())]
