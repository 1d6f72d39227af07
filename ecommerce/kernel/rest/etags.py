"""ETags: strong ones guard what staff edit and carts, weak ones save reading the same catalog page twice."""

import hashlib
import re
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from ecommerce.kernel.errors import PreconditionFailed
from ecommerce.kernel.rest.renderers import encode

_STRONG = re.compile(r'"(0|[1-9][0-9]{0,18})"', re.ASCII)


def strong_etag(version: int) -> str:
    """The ETag of one version of a thing."""
    return f'"{version}"'


def check_if_match(request: Request, version: int) -> None:
    """Refuse (412) a change based on another version; without If-Match, or with `*`, every version will do."""
    versions = expected_versions(request)
    if versions is not None and version not in versions:
        raise PreconditionFailed(version=version)


def expected_versions(request: Request) -> frozenset[int] | None:
    """The versions that If-Match names, to be compared where the change is made; None where every version will do."""
    header = request.META.get("HTTP_IF_MATCH")
    tags = {tag.strip() for tag in header.split(",")} if header is not None else {"*"}
    if "*" in tags:
        return None
    return frozenset(int(match[1]) for tag in tags if (match := _STRONG.fullmatch(tag)))


def cached_answer(request: Request, data: Any, *, cache_control: str = "public, no-cache") -> HttpResponse:
    """Answer a public read with a weak ETag made of its bytes; 304 when If-None-Match names it.

    `no-cache` lets caches keep the answer but ask each time, so that every committed change shows at the next read.
    """
    content = encode(data)
    tag = f'W/"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
    if _names(request.META.get("HTTP_IF_NONE_MATCH", ""), tag):
        response = HttpResponse(status=304)
        # Django's default, text/html, would replace the kept answer's in a cache.
        del response["Content-Type"]
    else:
        response = HttpResponse(content, content_type="application/json")
    response["ETag"] = tag
    response["Cache-Control"] = cache_control
    return response


def _names(header: str, tag: str) -> bool:
    given = {part.strip().removeprefix("W/") for part in header.split(",")}
    return "*" in given or tag.removeprefix("W/") in given
