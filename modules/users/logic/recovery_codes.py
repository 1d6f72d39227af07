"""Recovery codes: ten for the day on which the phone is gone, each of which serves once.

Eighty random bits cannot be guessed, so a keyed HMAC is all the hashing they need.
"""

import base64
from textwrap import wrap
from uuid import UUID

from ecommerce.kernel import chance, clock, secrets
from ecommerce.kernel.ids import new_id
from modules.users.models import RecoveryCode

COUNT = 10
RANDOM_BYTES = 10
PURPOSE = "recovery-code"


def renew(*, user_id: UUID) -> list[str]:
    """Ten new codes, as their owner writes them down; the old ones serve no more. Call it inside a transaction."""
    RecoveryCode.objects.filter(user_id=user_id).delete()
    codes = [base64.b32encode(chance.random_bytes(RANDOM_BYTES)).decode().lower() for _ in range(COUNT)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(id=new_id(), user_id=user_id, digest=secrets.sign(PURPOSE, user_id, code)) for code in codes
    )
    return ["-".join(wrap(code, 4)) for code in codes]


def claim(*, user_id: UUID, code: str) -> bool:
    """Use up one of the user's codes (without dashes, in lower case); False when it is none, or was used."""
    unused = RecoveryCode.objects.filter(user_id=user_id, used_at=None).order_by("id")
    # One by one, since a code may have been signed with a SECRET_KEY that is a fallback by now.
    found = next((row for row in unused if secrets.verify(row.digest, PURPOSE, user_id, code)), None)
    return found is not None and bool(unused.filter(id=found.id).update(used_at=clock.now()))
