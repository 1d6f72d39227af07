"""Users' addresses under /api/v1/."""

from django.urls import path

from modules.users.api.views import accounts, exports, sessions, signing_keys

urlpatterns = [
    path("users/register/", accounts.Registration.as_view()),
    path("users/me/", accounts.Me.as_view()),
    path("users/me/exports/", exports.Exports.as_view()),
    path("users/me/exports/<uuid:export_id>/", exports.Export.as_view()),
    path("users/token/", sessions.Token.as_view()),
    path("users/token/refresh/", sessions.TokenRefresh.as_view()),
    path("users/token/revoke/", sessions.TokenRevocation.as_view()),
    path("users/jwks/", signing_keys.SigningKeys.as_view()),
]
