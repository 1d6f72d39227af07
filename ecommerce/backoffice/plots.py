"""Drift by day, drawn: one plot per provider, as SVG that needs no script.

A drift that several runs of a day find is one drift; it is mended if any of them mended it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, Value
from django.db.models.functions import Concat, TruncDate
from django.template.loader import render_to_string

from ecommerce.backoffice.models import FoundDrift
from ecommerce.kernel import clock

DAYS = 30
# In the drawing's own units.
HEIGHT, STEP, BAR, LEFT, RIGHT, BOTTOM, TOP = 120, 22, 16, 44, 12, 22, 8


@dataclass(frozen=True, kw_only=True)
class Day:
    """What was found on one day."""

    on: date
    mended: int = 0
    left: int = 0

    @property
    def told(self) -> str:
        return f"{self.on:%Y-%m-%d}: {self.mended} mended, {self.left} left"


def drift_by_day(days: int = DAYS) -> dict[str, list[Day]]:
    """By provider, the last days up to today (of UTC), each with what was found; one statement."""
    today = clock.now().astimezone(UTC).date()
    first = today - timedelta(days=days - 1)
    beginning = datetime.combine(first, datetime.min.time(), UTC)
    told = Concat("kind", Value(" "), "reference")
    rows = (
        FoundDrift.objects.filter(run__started_at__gte=beginning)
        .values("run__provider", on=TruncDate("run__started_at", tzinfo=UTC))
        .annotate(all=Count(told, distinct=True), mended=Count(told, distinct=True, filter=Q(is_fixed=True)))
        .order_by("run__provider", "on")
    )
    found: dict[str, dict[date, Day]] = {}
    for row in rows:
        day = Day(on=row["on"], mended=row["mended"], left=row["all"] - row["mended"])
        found.setdefault(row["run__provider"], {})[row["on"]] = day
    dates = [first + timedelta(days=number) for number in range(days)]
    return {provider: [by_date.get(on, Day(on=on)) for on in dates] for provider, by_date in found.items()}


def plot(provider: str, days: Sequence[Day]) -> str:
    """One provider's plot: mended below, left above it."""
    most = _round_up(max(day.mended + day.left for day in days))
    context = {
        "provider": provider,
        "told": _summary(days),
        "width": LEFT + STEP * len(days) + RIGHT,
        "height": TOP + HEIGHT + BOTTOM,
        "left": LEFT,
        "baseline": TOP + HEIGHT,
        "bar": BAR,
        "bars": [_bar(number, day, most) for number, day in enumerate(days)],
        "lines": [{"y": _y(part, most), "value": part} for part in sorted({0, most // 2, most})],
    }
    return render_to_string("admin/backoffice/plot.svg", context)


def _summary(days: Sequence[Day]) -> str:
    mended, left = sum(day.mended for day in days), sum(day.left for day in days)
    worst = max(days, key=lambda day: day.mended + day.left)
    return f"In {len(days)} days {mended} mended, {left} left. The most on {worst.told}."


def _bar(number: int, day: Day, most: int) -> dict[str, Any]:
    mended, top = _y(day.mended, most), _y(day.mended + day.left, most)
    return {
        "x": LEFT + STEP * number + (STEP - BAR) // 2,
        "middle": LEFT + STEP * number + STEP // 2,
        "mended_y": mended,
        "mended_height": TOP + HEIGHT - mended,
        "left_y": top,
        "left_height": mended - top,
        # A label for each would be too narrow.
        "label": f"{day.on:%d %b}" if number % 7 == 1 else "",
        "day": day,
    }


def _y(value: int, most: int) -> int:
    """How far down a value lies; what is more than nothing is seen."""
    height = round(HEIGHT * value / most)
    return TOP + HEIGHT - (max(height, 1) if value else 0)


def _round_up(value: int) -> int:
    """The end of the scale: 2, 10, 20, 100, 200 …"""
    end = 2
    while end < value:
        end = end * 5 if str(end)[0] == "2" else end * 2
    return end
