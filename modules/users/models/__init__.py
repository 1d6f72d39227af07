"""Users' tables: one file per subject."""

from modules.users.models.accounts import User, UserManager, default_language
from modules.users.models.api_keys import ApiKey
from modules.users.models.impersonations import Impersonation
from modules.users.models.roles import Role, RoleAssignment
from modules.users.models.sessions import RefreshSession
from modules.users.models.signing_keys import SigningKey

__all__ = [
    "ApiKey",
    "Impersonation",
    "RefreshSession",
    "Role",
    "RoleAssignment",
    "SigningKey",
    "User",
    "UserManager",
    "default_language",
]
