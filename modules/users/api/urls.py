"""Users' addresses under /api/v1/."""

from django.urls import path

from modules.users.api.views import accounts, identities, sessions, signing_keys

urlpatterns = [
    path("users/register/", accounts.Registration.as_view()),
    path("users/me/", accounts.Me.as_view()),
    path("users/token/", sessions.Token.as_view()),
    path("users/token/refresh/", sessions.TokenRefresh.as_view()),
    path("users/token/revoke/", sessions.TokenRevocation.as_view()),
    path("users/oidc/", identities.Providers.as_view()),
    path("users/oidc/<str:provider>/start/", identities.Start.as_view()),
    path("users/oidc/<str:provider>/finish/", identities.Finish.as_view()),
    path("users/me/identities/", identities.Identities.as_view()),
    path("users/me/identities/<uuid:identity_id>/", identities.Identity.as_view()),
    path("users/jwks/", signing_keys.SigningKeys.as_view()),
]
