"""What Prometheus reads: requests counted as they pass, and gauges that are asked when it comes."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings

if settings.METRICS_DIR:
    # prometheus_client decides at its first import whether the processes of this machine share files.
    Path(settings.METRICS_DIR).mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", settings.METRICS_DIR)

import structlog
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from ecommerce.kernel.deadlines import ask_all

log = structlog.get_logger(__name__)

GAUGE_SECONDS = 2.0
GAUGES_AT_ONCE = 4

Reading = float | dict[str, float]

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
REQUESTS = Counter("http_requests_total", "Answered requests.", ["method", "route", "status"])
LATENCY = Histogram("http_request_seconds", "Time to answer.", ["method", "route"], buckets=BUCKETS)
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))

_gauges: dict[str, tuple[str, Callable[[], Reading]]] = {}


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answer; `route` is the URL's pattern, never the path (which has no end of values)."""
    method = method if method in METHODS else "OTHER"
    REQUESTS.labels(method, route, str(status)).inc()
    LATENCY.labels(method, route).observe(seconds)


def gauge(name: str, read: Callable[[], Reading], help_text: str = "") -> None:
    """Ask `read` at each scrape: a number, or {label: number}. Registering a name again replaces it."""
    _gauges[name] = (help_text or name.replace("_", " "), read)


def exposition() -> bytes:
    """All metrics in Prometheus' text format; of every process of this machine when METRICS_DIR is set."""
    registry = REGISTRY
    if settings.METRICS_DIR:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library has no types here
    gauges = CollectorRegistry()
    gauges.register(_Gauges())
    return generate_latest(registry) + generate_latest(gauges)


class _Gauges(Collector):
    def collect(self) -> Iterator[GaugeMetricFamily]:
        # A gauge asks a database, and one that is down must neither hide the others nor make Prometheus give up.
        questions = {name: read for name, (_, read) in _gauges.items()}
        for name, value in ask_all(questions, seconds=GAUGE_SECONDS, at_once=GAUGES_AT_ONCE).items():
            if isinstance(value, Exception):
                log.warning("gauge failed", gauge=name, error=repr(value))
            else:
                yield _family(name, _gauges[name][0], value)


def _family(name: str, help_text: str, value: Reading) -> GaugeMetricFamily:
    if not isinstance(value, dict):
        return GaugeMetricFamily(name, help_text, value=value)
    family = GaugeMetricFamily(name, help_text, labels=["label"])
    for label, number in value.items():
        family.add_metric([label], number)
    return family
