"""The facts that users announces."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class UserRegistered:
    """Somebody has an account now."""

    user_id: UUID


@dataclass(frozen=True, kw_only=True)
class EmailVerified:
    """Somebody has shown that the account's e-mail address is theirs."""

    user_id: UUID


@dataclass(frozen=True, kw_only=True)
class UserErased:
    """An account was closed at its owner's wish: whoever holds personal data of theirs anonymises it."""

    user_id: UUID


@dataclass(frozen=True, kw_only=True)
class ExportRequested:
    """Somebody wants everything the shop holds about them: each module contributes its part."""

    export_id: UUID
    user_id: UUID


@dataclass(frozen=True, kw_only=True)
class EmailVerificationRequested:
    """An account's address is to be proven: its owner needs a link. Each request is a message of its own."""

    user_id: UUID
    request_id: UUID


@dataclass(frozen=True, kw_only=True)
class PasswordResetRequested:
    """An account's owner wants a link to choose a new password."""

    user_id: UUID
    request_id: UUID


@dataclass(frozen=True, kw_only=True)
class PasswordChanged:
    """An account has a new password: its owner is told, in case it was somebody else."""

    user_id: UUID
    change_id: UUID
