"""Users' tables: one file per subject."""

from modules.users.models.accounts import ERASED_AT, User, UserManager, default_language
from modules.users.models.addresses import Address
from modules.users.models.api_keys import ApiKey
from modules.users.models.exports import Export, ExportPart
from modules.users.models.farewells import Farewell
from modules.users.models.identities import Identity
from modules.users.models.impersonations import Impersonation
from modules.users.models.link_requests import LinkRequest
from modules.users.models.roles import Role, RoleAssignment
from modules.users.models.second_factor import RecoveryCode, SecondFactor
from modules.users.models.sessions import RefreshSession
from modules.users.models.signing_keys import SigningKey

__all__ = [
    "ERASED_AT",
    "Address",
    "ApiKey",
    "Export",
    "ExportPart",
    "Farewell",
    "Identity",
    "Impersonation",
    "LinkRequest",
    "RecoveryCode",
    "RefreshSession",
    "Role",
    "RoleAssignment",
    "SecondFactor",
    "SigningKey",
    "User",
    "UserManager",
    "default_language",
]
