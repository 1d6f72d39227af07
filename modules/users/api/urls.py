"""Users' addresses under /api/v1/."""

from django.urls import path

from modules.users.api.views import accounts, api_keys, people, roles, sessions, signing_keys

urlpatterns = [
    path("users/register/", accounts.Registration.as_view()),
    path("users/me/", accounts.Me.as_view()),
    path("users/token/", sessions.Token.as_view()),
    path("users/token/refresh/", sessions.TokenRefresh.as_view()),
    path("users/token/revoke/", sessions.TokenRevocation.as_view()),
    path("users/jwks/", signing_keys.SigningKeys.as_view()),
    path("users/roles/", roles.Roles.as_view()),
    path("users/roles/<uuid:role_id>/", roles.Role.as_view()),
    path("users/api-keys/", api_keys.ApiKeys.as_view()),
    path("users/api-keys/token/", api_keys.ApiKeyToken.as_view()),
    path("users/api-keys/<uuid:key_id>/", api_keys.ApiKey.as_view()),
    path("users/", people.People.as_view()),
    path("users/<uuid:user_id>/", people.Person.as_view()),
    path("users/<uuid:user_id>/roles/", people.PersonRoles.as_view()),
    path("users/<uuid:user_id>/impersonate/", people.Impersonation.as_view()),
]
