"""What the kernel holds of a user, given up when the account is erased."""

from uuid import UUID

from ecommerce.kernel import denials
from ecommerce.kernel.db import current_alias
from ecommerce.kernel.rest import claims


def forget_user(user_id: UUID) -> None:
    """In the transaction of whoever hears that the user was erased: delete the answers kept for him, and refuse his
    access tokens from its commit on (each service of a split deployment has a Redis of its own). Repeating is safe."""
    claims.forget_subject(user_id)
    denials.deny_on_commit(user_id)


def forget_answer(claim_id: UUID) -> None:
    """In the open transaction, delete the answer kept for one Idempotency-Key: a guest's, that no user's id would find.
    Repeating is safe."""
    claims.forget(current_alias(), claim_id)
