"""Users' addresses under /api/v1/."""

from django.urls import path

from modules.users.api.views import accounts, second_factor, sessions, signing_keys

urlpatterns = [
    path("users/register/", accounts.Registration.as_view()),
    path("users/me/", accounts.Me.as_view()),
    path("users/me/second-factor/", second_factor.SecondFactor.as_view()),
    path("users/me/second-factor/confirm/", second_factor.SecondFactorConfirmation.as_view()),
    path("users/me/second-factor/recovery-codes/", second_factor.RecoveryCodes.as_view()),
    path("users/token/", sessions.Token.as_view()),
    path("users/token/refresh/", sessions.TokenRefresh.as_view()),
    path("users/token/revoke/", sessions.TokenRevocation.as_view()),
    path("users/jwks/", signing_keys.SigningKeys.as_view()),
]
