"""One Idempotency-Key, one execution: claimed in PostgreSQL under a lease, then answered again byte for byte.

The row's id outlives the claim: whoever takes over an expired or released claim gets the same `claim.id`, so a view
that wrote it on what it made (the order) resumes instead of making it twice.
"""

import hashlib
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

import msgspec
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from ecommerce.kernel import clock
from ecommerce.kernel.db import alias_of
from ecommerce.kernel.errors import Invalid
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.models import IdempotencyKey
from ecommerce.kernel.rest import claims
from ecommerce.kernel.rest.authentication import caller_of
from ecommerce.kernel.rest.claims import Claim

_KEY = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?", re.ASCII)


class IdempotencyKeyRequired(Invalid):
    """This request needs an Idempotency-Key header."""

    code = "idempotency_key_required"


class InvalidIdempotencyKey(Invalid):
    """An Idempotency-Key is 1 to 255 printable ASCII characters."""

    code = "invalid_idempotency_key"


# Names an anonymous caller by the secret that he shows, the cart's id or the order's token, never by a mere id: whoever
# shows it, and knows the key, is given the kept answer. Called as `scope(request, **the address's arguments)`.
Scope = Callable[..., str | None]
Method = Callable[..., HttpResponse]


def shown_token(request: Request, **_: Any) -> str | None:
    """The order's `?token=`: what names an anonymous caller unless the view says otherwise."""
    return request.query_params.get("token")


def is_dry_run(request: Request) -> bool:
    """Whether a request only asks what it would come to: by its address, so that the body is that of the act itself."""
    return request.query_params.get("dry_run") == "true"


def idempotent(
    *, module: str, scope: Scope = shown_token, required: bool = True, dry_runs: bool = False
) -> Callable[[Method], Method]:
    """A view's method executes once per Idempotency-Key and caller; a repetition gets the first answer again.

    Refuses a missing key where one is `required` (400), another body (422), and a repetition while the first request
    is running (409). `module` names the database that keeps the row. The claim is `current_claim(request)`.

    With `dry_runs` a request that `is_dry_run` takes no key, not even one that was sent: it claims nothing and its
    answer is not kept, so the same key then does the act itself.
    """

    def decorate(method: Method) -> Method:
        @wraps(method)
        def once(view: APIView, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
            key = None if dry_runs and is_dry_run(request) else _key_of(request, required=required)
            if key is None:
                request.idempotency = None  # type: ignore[attr-defined]  # read by current_claim
                return method(view, request, *args, **kwargs)
            name = None if caller_of(request).is_authenticated else scope(request, **kwargs)
            row = _wanted_row(request, key, name)
            return _answer_once(alias_of(module), row, request, lambda: _run(method, view, request, *args, **kwargs))

        needed = "unless dry" if dry_runs else "always"
        once.idempotency = needed if required else "optional"  # type: ignore[attr-defined]  # read by the schema
        return once

    return decorate


def current_claim(request: Request) -> Claim | None:
    """The claim a view's method runs under; None for a dry run, and when the caller sent no key where
    none is required."""
    claim: Claim | None = getattr(request, "idempotency", None)
    return claim


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
    fingerprint = _digest(msgspec.json.encode(request.data, order="deterministic", enc_hook=_of_a_file))
    user_id = caller_of(request).id
    # Who shows nothing that names him is told apart by what he sends: nobody else knows body and key.
    caller = f"user:{user_id}" if user_id else f"shown:{name}" if name else f"body:{fingerprint}"
    now = clock.now()
    return IdempotencyKey(
        id=new_id(),
        scope=_digest(caller.encode()),
        method=request.method or "",
        path=request.path[:500],
        key=key,
        fingerprint=fingerprint,
        subject_id=user_id,
        claim_token=new_id(),
        claimed_until=now + claims.LEASE,
        created_at=now,
    )


def _of_a_file(value: Any) -> list[Any]:
    """What an uploaded file is known by, however the form around it was written; it stands at its beginning again."""
    if not isinstance(value, UploadedFile):
        raise TypeError(type(value).__name__)
    digest = hashlib.file_digest(cast(Any, value), "sha256").hexdigest()
    value.seek(0)
    return [value.name, digest]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


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
    claim = claims.take(alias, wanted)
    if claim is None:
        return claims.replay(alias, wanted)
    request.idempotency = claim  # type: ignore[attr-defined]  # read by current_claim
    response = run()
    claims.finish(alias, claim, response)
    return response
