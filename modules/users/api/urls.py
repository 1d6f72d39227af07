"""Users' addresses under /api/v1/."""

from django.urls import path

from modules.users.api.views import (
    accounts,
    addresses,
    api_keys,
    exports,
    passwords,
    people,
    roles,
    second_factor,
    sessions,
    signing_keys,
)

urlpatterns = [
    path("users/register/", accounts.Registration.as_view()),
    path("users/email/verify/", passwords.EmailVerification.as_view()),
    path("users/email/verify/resend/", passwords.EmailVerificationResend.as_view()),
    path("users/password/reset/", passwords.PasswordReset.as_view()),
    path("users/password/reset/confirm/", passwords.PasswordResetConfirmation.as_view()),
    path("users/password/change/", passwords.PasswordChange.as_view()),
    path("users/me/", accounts.Me.as_view()),
    path("users/me/addresses/", addresses.AddressBook.as_view()),
    path("users/me/addresses/<uuid:address_id>/", addresses.AddressEntry.as_view()),
    path("users/me/second-factor/", second_factor.SecondFactor.as_view()),
    path("users/me/second-factor/confirm/", second_factor.SecondFactorConfirmation.as_view()),
    path("users/me/second-factor/recovery-codes/", second_factor.RecoveryCodes.as_view()),
    path("users/me/sessions/", sessions.SessionList.as_view()),
    path("users/me/sessions/<uuid:session_id>/", sessions.SessionEnd.as_view()),
    path("users/me/exports/", exports.Exports.as_view()),
    path("users/me/exports/<uuid:export_id>/", exports.Export.as_view()),
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
