"""`manage.py doctor`: whether everything the shop needs is there, and what to do where it is not."""

from argparse import ArgumentParser
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.management.base import BaseCommand

from ecommerce.kernel import clock, console, health, parked, registry

LONGEST_LAG = timedelta(minutes=1)

# What to do about a check of /readyz, by the beginning of its name.
REMEDIES = {
    "database": "start PostgreSQL, set DATABASE_URL, run `manage.py migrate`",
    "cache": "start Redis, set REDIS_URL",
    "broker": "start Redis, set CELERY_BROKER_URL",
    "worker": "start `celery -A ecommerce worker` and `celery -A ecommerce beat`",
    "relay": "start `manage.py relay`",
    "seeded": "run `manage.py seed`",
}


class Command(BaseCommand):
    help = "Ask everything the shop needs whether it is well; exit 1 where something is not."
    # They are among the questions: a mistake is to be one line of the table.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        console.add_format(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        answers = examine()
        healthy = all(answer["result"] == "ok" for answer in answers)
        if options["format"] == "json":
            console.show_json(self.stdout, {"healthy": healthy, "answers": answers})
        else:
            console.show_table(self.stdout, "The shop's health", answers, empty="")
        if not healthy:
            raise SystemExit(1)


def examine() -> list[dict[str, str]]:
    """Ask each question; a question that cannot be asked is answered badly, and the others are still asked."""
    own = [("settings", settings_mistakes)]
    facts = [("outbox lag", outbox_lag), ("parked events and steps", parked_work)]
    diagnoses = [(diagnosis.name, diagnosis.ask) for diagnosis in registry.diagnoses]
    return [
        *(_answer(name, _asked(ask)) for name, ask in own),
        *(_answer(name, _remedy(name, result)) for name, result in health.ask().items()),
        *(_answer(name, _asked(ask)) for name, ask in [*facts, *diagnoses]),
    ]


def settings_mistakes() -> str | None:
    """What Django's own checks find; those for deployment too, unless DEBUG is on."""
    found = checks.run_checks(include_deployment_checks=not settings.DEBUG)
    mistakes = [message for message in found if message.is_serious() and not message.is_silenced()]
    return "; ".join(f"{message.id}: {message.msg}" for message in mistakes) or None


def outbox_lag() -> str | None:
    """Whether events reach their listeners."""
    count, since = parked.undelivered()
    if since is None or clock.now() - since < LONGEST_LAG:
        return None
    return f"{count} events wait, the oldest since {since:%Y-%m-%d %H:%M:%S} UTC: is `manage.py relay` running?"


def parked_work() -> str | None:
    """Whether anything waits for people."""
    counts = parked.count_parked()
    if not any(counts.values()):
        return None
    return f"{counts['events']} events and {counts['steps']} steps: see `manage.py events list` (and `--steps`)"


def _asked(ask: Callable[[], str | None]) -> str | None:
    try:
        return ask()
    except Exception as error:  # a database that is down, a module that does not answer: whatever it is, say so
        return f"cannot be asked: {type(error).__name__}: {str(error).strip().splitlines()[0] if str(error) else ''}"


def _remedy(name: str, result: str) -> str | None:
    if result == "ok":
        return None
    remedy = next((text for prefix, text in REMEDIES.items() if name.startswith(prefix)), "")
    return f"{result}: {remedy}" if remedy else result


def _answer(name: str, complaint: str | None) -> dict[str, str]:
    return {"question": name, "result": "failed" if complaint else "ok", "what to do": complaint or ""}
