"""How often one caller may call: counted in Redis for all processes together, by settings' rates."""

import hashlib
import ipaddress
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog
from django.conf import settings
from django.core.checks import Error, register
from django_redis import get_redis_connection
from redis.exceptions import NoScriptError, RedisError
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

if TYPE_CHECKING:  # DRF's views import what its settings name: this module
    from rest_framework.views import APIView

log = structlog.get_logger(__name__)

SECONDS = {"s": 1, "sec": 1, "min": 60, "m": 60, "hour": 3600, "h": 3600, "day": 86400, "d": 86400}
# With Redis down each request would wait for the connection to fail: this long nobody asks it again.
PAUSE_SECONDS = 5.0

COUNT = """
local counts = {}
for i, key in ipairs(KEYS) do
  counts[i] = redis.call('INCR', key)
  if counts[i] == 1 then redis.call('EXPIRE', key, ARGV[i]) end
end
return counts
"""
COUNT_SHA = hashlib.sha1(COUNT.encode()).hexdigest()  # noqa: S324  (how Redis names scripts)


class Window(NamedTuple):
    """One limit as it applies to one caller now."""

    key: str
    limit: int
    seconds: int
    left: float


class CallerThrottle(BaseThrottle):
    """Fixed windows per user or network address; a view's `throttle_scope` (login, register) counts besides.

    Refuses with 429 and Retry-After. Without Redis everyone passes: a shop that sells beats one that counts.
    """

    _paused_until = 0.0

    def __init__(self) -> None:
        self._wait: float | None = None

    def allow_request(self, request: Request, view: "APIView") -> bool:
        if settings.RATE_LIMITS == "off" or time.monotonic() < CallerThrottle._paused_until:
            return True
        windows = self._windows(request, view)
        try:
            counts = _count(windows)
        except RedisError as error:
            CallerThrottle._paused_until = time.monotonic() + PAUSE_SECONDS
            log.warning("throttles pass everyone: Redis does not answer", error=repr(error))
            return True
        self._tell(request, windows[-1], counts[-1])
        waits = [window.left for window, count in zip(windows, counts, strict=True) if count > window.limit]
        self._wait = max(waits, default=None)
        return not waits

    def wait(self) -> float | None:
        return self._wait

    def _windows(self, request: Request, view: "APIView") -> list[Window]:
        user_id = getattr(request.user, "id", None)
        address = network(self.get_ident(request))
        windows = [_window("user", str(user_id)) if user_id else _window("anonymous", address)]
        if scope := getattr(view, "throttle_scope", None):
            windows.append(_window(scope, address))
        return windows

    def _tell(self, request: Request, window: Window, count: int) -> None:
        # RequestGate writes it on the answer, also on the 429.
        request._request.rate_limit = (  # type: ignore[attr-defined]  # read by RequestGate
            window.limit,
            max(0, window.limit - count),
            int(window.left) + 1,
        )


def network(address: str) -> str:
    """What counts as one caller: an IPv4 address, or an IPv6 customer's whole /64."""
    try:
        ip = ipaddress.ip_address(_without_port(address))
    except ValueError:
        return str(address)[:64]
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    # What listens on [::] sees every IPv4 caller in ::/64.
    return str(ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False))


def _without_port(address: str) -> str:
    """Some proxies write it too; it is the caller's choice, so it tells nobody apart."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address


@register("security", deploy=True)
def rate_limits_are_on(**_: Any) -> list[Error]:
    """`check --deploy`: RATE_LIMITS=off is for load tests."""
    if settings.RATE_LIMITS == "on":
        return []
    return [Error("RATE_LIMITS is off: anyone may guess passwords without end.", id="shop.E001")]


def _window(scope: str, caller: str) -> Window:
    limit, seconds = _rate(str(api_settings.DEFAULT_THROTTLE_RATES[scope]))
    number, passed = divmod(time.time(), seconds)
    return Window(f"shop:throttle:{scope}:{caller}:{int(number)}", limit, seconds, seconds - passed)


def _rate(text: str) -> tuple[int, int]:
    limit, _, period = text.partition("/")
    return int(limit), SECONDS[period]


def _count(windows: list[Window]) -> list[int]:
    redis: Any = get_redis_connection("default")
    arguments = [len(windows), *(window.key for window in windows), *(window.seconds for window in windows)]
    try:
        counts: list[int] = redis.evalsha(COUNT_SHA, *arguments)
    except NoScriptError:
        counts = redis.eval(COUNT, *arguments)
    return counts
