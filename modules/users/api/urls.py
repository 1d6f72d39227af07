"""Users' addresses under /api/v1/."""

from django.urls import path

from modules.users.api import views

urlpatterns = [
    path("users/register/", views.Registration.as_view()),
    path("users/token/", views.Token.as_view()),
    path("users/token/refresh/", views.TokenRefresh.as_view()),
    path("users/token/revoke/", views.TokenRevocation.as_view()),
    path("users/me/", views.Me.as_view()),
    path("users/jwks/", views.SigningKeys.as_view()),
]
