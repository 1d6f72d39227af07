"""What users itself holds on a user, section by section."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from modules.users.models import (
    Address,
    ApiKey,
    Identity,
    Impersonation,
    RecoveryCode,
    RefreshSession,
    RoleAssignment,
    SecondFactor,
    User,
)


def account_of(user_id: UUID) -> dict[str, Any]:
    """The account, without its password's hash."""
    user = User.objects.get(id=user_id)
    return {
        "id": user.id,
        "email": user.email,
        "email_verified": user.email_verified,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "phone": user.phone,
        "accepts_marketing": user.accepts_marketing,
        "language": user.language,
        "is_staff": user.is_staff,
        "created_at": user.created_at,
    }


def sessions_of(user_id: UUID) -> list[dict[str, Any]]:
    """The sessions that are kept, oldest first; `refreshed_at` is when the storefront last came for new tokens."""
    return [
        {
            "id": session.id,
            "network": session.network,
            "user_agent": session.user_agent,
            "created_at": session.created_at,
            "refreshed_at": session.issued_at,
            "expires_at": session.expires_at,
            "revoked_at": session.revoked_at,
        }
        for session in RefreshSession.objects.filter(user_id=user_id).order_by("created_at", "id")
    ]


def addresses_of(user_id: UUID) -> list[dict[str, Any]]:
    """The address book, oldest entry first."""
    fields = [field.name for field in Address._meta.concrete_fields if field.name != "user"]
    return list(Address.objects.filter(user_id=user_id).order_by("created_at", "id").values(*fields))


def second_factor_of(user_id: UUID) -> dict[str, Any]:
    """Since when signing in takes a second factor, and when recovery codes were used; no secret."""
    codes = RecoveryCode.objects.filter(user_id=user_id, used_at__isnull=False).order_by("used_at")
    return {
        "enabled_at": User.objects.get(id=user_id).second_factor_at,
        "app_added_at": SecondFactor.objects.filter(user_id=user_id).values_list("created_at", flat=True).first(),
        "recovery_codes_used_at": list(codes.values_list("used_at", flat=True)),
    }


def identities_of(user_id: UUID) -> list[dict[str, Any]]:
    """The accounts elsewhere that open this one."""
    fields = ("id", "provider", "issuer", "subject", "created_at")
    return list(Identity.objects.filter(user_id=user_id).order_by("id").values(*fields))


def roles_of(user_id: UUID) -> list[dict[str, Any]]:
    """What lets somebody work in the shop, and since when."""
    assignments = RoleAssignment.objects.filter(user_id=user_id).select_related("role").order_by("id")
    return [
        {"name": assignment.role.name, "scopes": assignment.role.scopes, "granted_at": assignment.granted_at}
        for assignment in assignments
    ]


def api_keys_of(user_id: UUID) -> list[dict[str, Any]]:
    """The machines' keys that somebody made; no secret."""
    fields = ("id", "name", "prefix", "scopes", "created_at", "expires_at", "revoked_at", "last_used_at")
    return list(ApiKey.objects.filter(created_by_id=user_id).order_by("id").values(*fields))


def impersonations_of(user_id: UUID) -> list[dict[str, Any]]:
    """When somebody of the staff saw the shop as this user does, and why; not who it was."""
    fields = ("at", "reason")
    return list(Impersonation.objects.filter(user_id=user_id).order_by("id").values(*fields))


# Whoever adds a table about users adds its section here: the name it has in the document, and who reads it.
SECTIONS: Mapping[str, Callable[[UUID], Any]] = {
    "account": account_of,
    "addresses": addresses_of,
    "api_keys": api_keys_of,
    "identities": identities_of,
    "impersonations": impersonations_of,
    "roles": roles_of,
    "second_factor": second_factor_of,
    "sessions": sessions_of,
}


def own_part(user_id: UUID) -> dict[str, Any]:
    """All of it."""
    return {name: read(user_id) for name, read in SECTIONS.items()}
