"""Users' tables: one file per subject."""

from modules.users.models.accounts import User, UserManager, default_language
from modules.users.models.identities import Identity
from modules.users.models.sessions import RefreshSession
from modules.users.models.signing_keys import SigningKey

__all__ = ["Identity", "RefreshSession", "SigningKey", "User", "UserManager", "default_language"]
