"""The rows of Idempotency-Keys: claimed under a lease, then the answer to repeat."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import connections
from django.http import HttpResponse

from ecommerce.kernel import clock, secrets
from ecommerce.kernel.db import local_aliases
from ecommerce.kernel.errors import Conflict, ServiceError
from ecommerce.kernel.models import IdempotencyKey

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
KEEP = timedelta(hours=72)
PURPOSE = "idempotent-answer"
# A business 409 or 422 is an answer like any other; what may succeed when tried again is not kept.
KEPT_REFUSALS = frozenset((409, 422))
KEPT_HEADERS = ("Content-Type", "Location", "ETag")


class IdempotencyKeyReused(ServiceError):
    """This Idempotency-Key was sent with another body."""

    code = "idempotency_key_reused"
    status = 422


class IdempotencyInProgress(Conflict):
    """The first request with this Idempotency-Key is still running."""

    code = "idempotency_in_progress"


class IdempotentAnswerLost(Conflict):
    """This was done before, but its answer cannot be read any more (the shop's keys were changed)."""

    code = "idempotent_answer_lost"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The right to execute one key; `id` is the same for whoever executes it later, `token` is this execution's."""

    id: UUID
    token: UUID
    is_new: bool


def take(alias: str, wanted: IdempotencyKey) -> Claim | None:
    """The claim on a key, new or taken over when nobody holds it; None when it is held, finished or another body's."""
    with connections[alias].cursor() as cursor:
        cursor.execute(CLAIM, [getattr(wanted, column) for column in COLUMNS])
        found = cursor.fetchone()
    if found is None or wanted.claim_token is None:
        return None
    return Claim(id=found[0], token=wanted.claim_token, is_new=found[0] == wanted.id)


def replay(alias: str, wanted: IdempotencyKey) -> HttpResponse:
    """The kept answer; refuses another body (422) and a key whose first request is still running (409)."""
    same = {name: getattr(wanted, name) for name in ("scope", "method", "path", "key")}
    kept = IdempotencyKey.objects.using(alias).filter(**same).first()
    # Gone between the two statements: the first request failed just now, and the next try gets through.
    if kept is None:
        raise IdempotencyInProgress(retry_after=1)
    if kept.fingerprint != wanted.fingerprint:
        raise IdempotencyKeyReused
    if kept.status is None or kept.body is None:
        raise IdempotencyInProgress(retry_after=1)
    response = HttpResponse(_opened(kept.body), status=kept.status, headers=kept.headers)
    response["Idempotent-Replayed"] = "true"
    return response


def finish(alias: str, claim: Claim, response: HttpResponse) -> None:
    """Keep the answer, or let the claim go so that the request may be tried again; nothing when the claim was lost."""
    ours = IdempotencyKey.objects.using(alias).filter(id=claim.id, claim_token=claim.token)
    if response.status_code < 300 or response.status_code in KEPT_REFUSALS:
        done = ours.update(**_kept(response))
    elif response.status_code < 500 and claim.is_new:
        # Nothing happened: the key is free again, for a corrected body too.
        done, _ = ours.delete()
    else:
        # The outcome may be unknown: the same body may try again, and goes on under the same id.
        done = ours.update(claim_token=None, claimed_until=None)
    if not done:
        log.warning("idempotency claim was lost", claim=str(claim.id), status=response.status_code)


def forget_old_keys() -> int:
    """Delete answers kept for 72 hours; repeating is safe."""
    before = clock.now() - KEEP
    return sum(IdempotencyKey.objects.using(a).filter(created_at__lt=before).delete()[0] for a in local_aliases())


def forget_subject(user_id: UUID) -> int:
    """Delete every answer kept for a user who is erased; repeating is safe."""
    return sum(IdempotencyKey.objects.using(a).filter(subject_id=user_id).delete()[0] for a in local_aliases())


def forget(alias: str, claim_id: UUID) -> None:
    """Delete one key with the answer kept for it; repeating is safe."""
    IdempotencyKey.objects.using(alias).filter(id=claim_id).delete()


# One statement, one short transaction of its own: insert, or take over what is unfinished and held by nobody any more.
# The unique index makes parallel requests queue here, so exactly one of them gets a row back.
_WHAT = ("id", "scope", "method", "path", "key", "fingerprint", "subject_id")
COLUMNS = (*_WHAT, "claim_token", "claimed_until", "created_at")
CLAIM = f"""
INSERT INTO kernel_idempotencykey AS held ({", ".join(COLUMNS)}, headers)
VALUES ({", ".join(["%s"] * len(COLUMNS))}, '{{}}')
ON CONFLICT (scope, method, path, key) DO UPDATE
    SET claim_token = EXCLUDED.claim_token, claimed_until = EXCLUDED.claimed_until
    WHERE held.status IS NULL AND held.fingerprint = EXCLUDED.fingerprint
      AND (held.claimed_until IS NULL OR held.claimed_until <= EXCLUDED.created_at)
RETURNING id
"""  # noqa: S608  (made of the constants above)


def _opened(body: bytes | memoryview) -> bytes:
    try:
        return secrets.decrypt(PURPOSE, bytes(body))
    except secrets.CannotDecrypt as error:
        raise IdempotentAnswerLost from error


def _kept(response: HttpResponse) -> dict[str, Any]:
    return {
        "status": response.status_code,
        "headers": {name: response[name] for name in KEPT_HEADERS if name in response},
        "body": secrets.encrypt(PURPOSE, response.content),
        "claim_token": None,
        "claimed_until": None,
    }
