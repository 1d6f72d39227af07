"""What staff see and do in the admin: by their scopes. Django's own groups and permissions are not used."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from modules.users.contracts import Scope
from modules.users.logic import passwords
from modules.users.logic.scopes import EVERYTHING, common, held_by
from modules.users.models import User

KNOWN = frozenset(scope.value for scope in Scope)
VERBS = {"view": "read", "add": "write", "change": "write", "delete": "write"}
# Where an app's scopes do not begin with its name.
AREAS = {"kernel": "operations", "backoffice": "reports"}
# Rights are handed out on these pages, whatever is done there.
OF_ROLES = frozenset({"role", "roleassignment", "apikey"})


class ScopeBackend(ModelBackend):
    """Signs in by e-mail and password; `<app>.view_x` asks for `<app>.read`, adding, changing and deleting for write.

    Where no scope says anything of a page (the admin's own log), only who owns the shop sees it.
    """

    def authenticate(self, request: Any, username: Any = None, password: Any = None, **_: Any) -> User | None:
        """Who has this address and this password; None for everybody else, and for who is locked."""
        if username is None or password is None:
            return None
        user = User.objects.with_email(username).first()
        return user if passwords.matches(password, user) and self.user_can_authenticate(user) else None

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Whether he holds the scope that a permission, or a scope by its own name, asks for."""
        return bool(common(_held(user_obj), scope_of(perm)))

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Whether he holds any scope of an app's pages."""
        held = _held(user_obj)
        areas = {"users", "roles"} if app_label == "users" else {AREAS.get(app_label, app_label)}
        return held == EVERYTHING or any(scope.split(".")[0] in areas for scope in held)

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()


def scope_of(perm: str) -> frozenset[str]:
    """The scope that a permission of Django's asks for; empty where there is none."""
    app, _, codename = perm.partition(".")
    verb, _, model = codename.partition("_")
    if perm in KNOWN:
        return frozenset({perm})
    if app == "users" and model in OF_ROLES:
        return frozenset({Scope.ROLES_WRITE})
    return KNOWN & {f"{AREAS.get(app, app)}.{VERBS.get(verb, '')}"}


def _held(user: Any) -> frozenset[str]:
    # Each request reads its user anew, and a page asks dozens of times.
    if not hasattr(user, "held_scopes"):
        user.held_scopes = held_by(user)
    held: frozenset[str] = user.held_scopes
    return held
