"""Answering other modules: POST /internal/<module>/<function>, refused by the gateway, signed by the caller."""

import importlib
from collections.abc import Callable
from typing import Any

import msgspec
import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from ecommerce.kernel import inbox, signing, wire
from ecommerce.kernel.errors import Forbidden, Invalid, NotFound, ServiceError
from ecommerce.kernel.remote import Refusal

log = structlog.get_logger()

F = Callable[..., Any]


def callers(*modules: str) -> Callable[[F], F]:
    """Name the modules that may ask this public function; without it any module may."""

    def mark(function: F) -> F:
        function.__callers__ = modules  # type: ignore[attr-defined]  # read by `answer` below
        return function

    return mark


@csrf_exempt
@require_POST
def answer(request: HttpRequest, module: str, function: str) -> HttpResponse:
    """Call a public function of a local module for another process."""
    try:
        caller = signing.verify(request.headers, "POST", request.path, request.body)
        called = _find(module, function, caller)
        result = called(**wire.decode_arguments(called, request.body))
    except signing.BadSignature as error:
        log.warning("internal_call_refused", reason=str(error), module=module, function=function)
        return _refuse(Forbidden("The call is not signed by a module of this shop."))
    except msgspec.MsgspecError as error:
        return _refuse(Invalid(str(error)))
    except ServiceError as error:
        return _refuse(error)
    return HttpResponse(wire.encode(result), content_type="application/json")


urlpatterns = [path("internal/<str:module>/<str:function>", answer)]


def _find(module: str, function: str, caller: str) -> F:
    if module not in settings.LOCAL_MODULES:
        raise NotFound(f"{module} does not run here.")
    if function == inbox.accept_events.__name__:
        return inbox.accept_events
    service = importlib.import_module(f"modules.{module}.service")
    if function not in service.__all__:
        raise NotFound(f"{module} has no function {function}.")
    found: F = getattr(service, function)
    allowed = getattr(found, "__callers__", None)
    if allowed is not None and caller not in allowed:
        raise Forbidden(f"{caller} may not ask {module}.{function}.")
    return found


def _refuse(error: ServiceError) -> HttpResponse:
    refusal = Refusal(code=error.code, detail=error.detail, details=error.details)
    return HttpResponse(msgspec.json.encode(refusal), status=error.status, content_type="application/json")
