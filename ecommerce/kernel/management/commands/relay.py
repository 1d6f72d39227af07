"""`manage.py relay`: hands over events, drains inboxes, runs durable steps, until it is told to stop."""

import signal
from typing import Any

from django.core.management.base import BaseCommand

from ecommerce.kernel.relay import Relay


class Command(BaseCommand):
    help = "Hand over events, handle them and run durable steps; any number of these may run."

    def handle(self, *args: Any, **options: Any) -> None:
        relay = Relay()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: relay.stop())
        relay.run()
