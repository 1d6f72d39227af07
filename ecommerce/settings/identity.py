"""Accounts, passwords, tokens, who may vouch for people; the keys by which modules know each other."""

from datetime import timedelta
from typing import Any

from ecommerce.openid_providers import plain
from ecommerce.settings.environment import env
from ecommerce.settings.modules import HAS_USERS

AUTH_USER_MODEL = "users.User" if HAS_USERS else "auth.User"
if HAS_USERS:
    AUTHENTICATION_BACKENDS = ["modules.users.logic.admin_access.ScopeBackend"]
# E-mail is unique by a constraint on its folded form, which the first two do not look at; redirecting to https is the
# gateway's business, which the third does not know.
SILENCED_SYSTEM_CHECKS = ["auth.E003", "auth.W004", "security.W008"]
PASSWORD_HASHERS = [
    "modules.users.logic.passwords.Argon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
JWT_KEY_ENCRYPTION_KEY = env.jwt_key_encryption_key.get_secret_value()
JWT_ALGORITHM = env.jwt_algorithm
STAFF_MFA = env.staff_mfa
JWT_ISSUER = "shop"
JWT_AUDIENCE = "shop"
ACCESS_TOKEN_LIFETIME = timedelta(minutes=10)
REFRESH_TOKEN_LIFETIME = timedelta(days=14)
OIDC_PROVIDERS: list[dict[str, Any]] = [plain(provider) for provider in env.oidc_providers]
INTERNAL_KEYS = env.internal_keys.get_secret_value()
