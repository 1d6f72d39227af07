"""One Idempotency-Key, one execution: claimed in PostgreSQL under a lease, then answered again byte for byte.

The row's id outlives the claim: whoever takes over an expired or released claim gets the same `claim.id`, so a view
that wrote it on what it made (the order) resumes instead of making it twice.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any, cast
from uuid import UUID

import msgspec
import structlog
from django.db import connections
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from ecommerce.kernel import clock, secrets
from ecommerce.kernel.db import alias_of, local_aliases
from ecommerce.kernel.errors import Conflict, Invalid, ServiceError
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import IdempotencyKey
from ecommerce.kernel.rest.authentication import caller_of

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
KEEP = timedelta(hours=72)
PURPOSE = "idempotent-answer"
# A business 409 or 422 is an answer like any other; what may succeed when tried again is not kept.
KEPT_REFUSALS = frozenset((409, 422))
KEPT_HEADERS = ("Content-Type", "Location", "ETag")

_KEY = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?", re.ASCII)


class IdempotencyKeyRequired(Invalid):
    """This request needs an Idempotency-Key header."""

    code = "idempotency_key_required"


class InvalidIdempotencyKey(Invalid):
    """An Idempotency-Key is 1 to 255 printable ASCII characters."""

    code = "invalid_idempotency_key"


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


# Names an anonymous caller by the cart's or the order's key that he shows: given the request and the address's
# arguments (`scope(request, **kwargs)`); None where the request shows none.
Scope = Callable[..., str | None]
Method = Callable[..., HttpResponse]


def idempotent(*, module: str, scope: Scope | None = None, required: bool = True) -> Callable[[Method], Method]:
    """A view's method executes once per Idempotency-Key and caller; a repetition gets the first answer again.

    Refuses a missing key where one is `required` (400), another body (422), and a repetition while the first request
    is running (409). `module` names the database that keeps the row. The claim is `current_claim(request)`.
    """

    def decorate(method: Method) -> Method:
        @wraps(method)
        def once(view: APIView, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
            key = _key_of(request, required=required)
            if key is None:
                request.idempotency = None  # type: ignore[attr-defined]  # read by current_claim
                return method(view, request, *args, **kwargs)
            name = scope(request, **kwargs) if scope and not caller_of(request).is_authenticated else None
            row = _wanted_row(request, key, name)
            return _answer_once(alias_of(module), row, request, lambda: _run(method, view, request, *args, **kwargs))

        once.idempotency = "required" if required else "optional"  # type: ignore[attr-defined]  # read by the schema
        return once

    return decorate


def current_claim(request: Request) -> Claim | None:
    """The claim a view's method runs under; None when the caller sent no key where none is required."""
    claim: Claim | None = getattr(request, "idempotency", None)
    return claim


def forget_old_keys() -> int:
    """Delete answers kept for 72 hours; repeating is safe."""
    before = clock.now() - KEEP
    return sum(IdempotencyKey.objects.using(a).filter(created_at__lt=before).delete()[0] for a in local_aliases())


def forget_subject(user_id: UUID) -> int:
    """Delete every answer kept for a user who is erased; repeating is safe."""
    return sum(IdempotencyKey.objects.using(a).filter(subject_id=user_id).delete()[0] for a in local_aliases())


# ── the request ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _key_of(request: Request, *, required: bool) -> str | None:
    key: str | None = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        if required:
            raise IdempotencyKeyRequired
        return None
    if not _KEY.fullmatch(key):
        raise InvalidIdempotencyKey
    return key


def _wanted_row(request: Request, key: str, name: str | None) -> IdempotencyKey:
    fingerprint = hashlib.sha256(msgspec.json.encode(request.data, order="deterministic")).hexdigest()
    user_id = caller_of(request).id
    # Who shows nothing that names him is told apart by what he sends: nobody else knows body and key.
    caller = f"user:{user_id}" if user_id else f"shown:{name}" if name else f"body:{fingerprint}"
    now = clock.now()
    return IdempotencyKey(
        id=new_id(),
        scope=hashlib.sha256(caller.encode()).hexdigest(),
        method=request.method or "",
        path=request.path[:500],
        key=key,
        fingerprint=fingerprint,
        subject_id=user_id,
        claim_token=new_id(),
        claimed_until=now + LEASE,
        created_at=now,
    )


def _run(method: Method, view: APIView, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
    response: Any
    try:
        response = method(view, request, *args, **kwargs)
    except Exception as error:  # becomes the problem document it would become one level up; that is the answer to keep
        response = view.handle_exception(error)
        response.exception = True
    final: Any = view.finalize_response(request, response, *args, **kwargs)
    if hasattr(final, "render"):
        final.render()
    return cast(HttpResponse, final)


def _answer_once(alias: str, wanted: IdempotencyKey, request: Request, run: Callable[[], HttpResponse]) -> HttpResponse:
    claim = _claim(alias, wanted)
    if claim is None:
        return _replay(alias, wanted)
    request.idempotency = claim  # type: ignore[attr-defined]  # read by current_claim
    response = run()
    _finish(alias, claim, response)
    return response


# ── the row ──────────────────────────────────────────────────────────────────────────────────────────────────────────

# One statement, one short transaction of its own: insert, or take over what is unfinished and held by nobody any more.
# The unique index makes parallel requests queue here, so exactly one of them gets a row back.
CLAIM = """
INSERT INTO kernel_idempotencykey AS held
    (id, scope, method, path, key, fingerprint, subject_id, claim_token, claimed_until, headers, created_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, '{}', %s)
ON CONFLICT (scope, method, path, key) DO UPDATE
    SET claim_token = EXCLUDED.claim_token, claimed_until = EXCLUDED.claimed_until
    WHERE held.status IS NULL AND held.fingerprint = EXCLUDED.fingerprint
      AND (held.claimed_until IS NULL OR held.claimed_until <= EXCLUDED.created_at)
RETURNING id
"""


def _claim(alias: str, row: IdempotencyKey) -> Claim | None:
    values: list[Any] = [row.id, row.scope, row.method, row.path, row.key, row.fingerprint, row.subject_id]
    with connections[alias].cursor() as cursor:
        cursor.execute(CLAIM, [*values, row.claim_token, row.claimed_until, row.created_at])
        found = cursor.fetchone()
    if found is None or row.claim_token is None:
        return None
    return Claim(id=found[0], token=row.claim_token, is_new=found[0] == row.id)


def _replay(alias: str, wanted: IdempotencyKey) -> HttpResponse:
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


def _opened(body: bytes | memoryview) -> bytes:
    try:
        return secrets.decrypt(PURPOSE, bytes(body))
    except secrets.CannotDecrypt as error:
        raise IdempotentAnswerLost from error


def _finish(alias: str, claim: Claim, response: HttpResponse) -> None:
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


def _kept(response: HttpResponse) -> dict[str, Any]:
    return {
        "status": response.status_code,
        "headers": {name: response[name] for name in KEPT_HEADERS if name in response},
        "body": secrets.encrypt(PURPOSE, response.content),
        "claim_token": None,
        "claimed_until": None,
    }
