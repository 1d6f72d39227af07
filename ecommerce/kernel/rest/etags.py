"""ETags: strong ones guard what staff edit and carts, weak ones save reading the same catalog page twice."""

import hashlib
import re
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from ecommerce.kernel import editions
from ecommerce.kernel.errors import PreconditionFailed
from ecommerce.kernel.rest.renderers import encode

# Caches may keep the answer but ask each time, so that every committed change shows at the next read.
REVALIDATE = "public, no-cache"
EMPTY = zlib.compress(b"")

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


def cached_answer(request: Request, data: Any, *, cache_control: str = REVALIDATE) -> HttpResponse:
    """Answer a public read with a weak ETag made of its bytes; 304 when If-None-Match names it."""
    content = encode(data)
    return _answer(request, _weak(content), content, cache_control)


def kept_answer(
    request: Request, edition: str, make: Callable[[], Any], *, variant: str = "", keep_body: bool = True
) -> HttpResponse:
    """`cached_answer`, made once per edition of what is shown (kernel.editions): who asks for it again gets what is
    kept, or a 304, without a row being read. Errors are never kept, nor is a response that `make` gives (a redirect).

    `variant` is what the answer depends on besides the address (a language). Without `keep_body` only the tag is kept:
    for addresses that hardly anybody asks for twice.
    """
    key = _key(request, variant)
    found = editions.look(edition, key)
    if found.answer and (found.answer.body is not None or _is_known(request, found.answer.tag)):
        return _answer(request, found.answer.tag, zlib.decompress(found.answer.body or EMPTY))
    made = make()
    if isinstance(made, HttpResponse):
        return made
    content = encode(made)
    tag = _weak(content)
    if found.edition is not None:
        body = zlib.compress(content, level=1) if keep_body else None
        editions.keep(edition, key, editions.Answer(found.edition, tag, body))
    return _answer(request, tag, content)


def _answer(request: Request, tag: str, content: bytes, cache_control: str = REVALIDATE) -> HttpResponse:
    if _is_known(request, tag):
        response = HttpResponse(status=304)
        # Django's default, text/html, would replace the kept answer's in a cache.
        del response["Content-Type"]
    else:
        response = HttpResponse(content, content_type="application/json")
    response["ETag"] = tag
    response["Cache-Control"] = cache_control
    return response


def _weak(content: bytes) -> str:
    return f'W/"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'


def _key(request: Request, variant: str) -> str:
    # The host too: links in the answer are absolute.
    parts = [request.get_host(), request.path, variant, *sorted(f"{k}={v}" for k, v in _parameters(request))]
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


def _parameters(request: Request) -> Iterator[tuple[str, str]]:
    for name, texts in request.query_params.lists():
        for text in texts:
            yield name, str(text)


def _is_known(request: Request, tag: str) -> bool:
    return _names(request.META.get("HTTP_IF_NONE_MATCH", ""), tag)


def _names(header: str, tag: str) -> bool:
    given = {part.strip().removeprefix("W/") for part in header.split(",")}
    return "*" in given or tag.removeprefix("W/") in given
