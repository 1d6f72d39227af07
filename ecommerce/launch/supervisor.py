"""Keeps processes running: what dies is started again, later each time it dies soon after."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from ecommerce.launch.process import Process, ProcessFailed
from ecommerce.launch.screen import say

LONGEST_PAUSE = 30.0
# One that ran this long has earned a quick restart.
HEALTHY_SECONDS = 60.0
# The shop without web is none, so a web that keeps dying ends the run.
VITAL = "web"
CHANCES = 5


@dataclass
class Watched:
    """A process and how often it died of late."""

    process: Process
    started_at: float
    deaths: int = 0
    restart_at: float | None = None


class Supervisor:
    """Starts the processes and, asked now and then, restarts those that died."""

    def __init__(self, processes: Iterable[Process]) -> None:
        self._watched = [Watched(process, time.monotonic()) for process in processes]

    def restart_what_died(self) -> None:
        """Look at each process once. Call it every few tenths of a second, from the main thread."""
        now = time.monotonic()
        for watched in self._watched:
            if watched.restart_at is not None:
                self._restart_in_time(watched, now)
            elif not watched.process.is_alive():
                self._plan_restart(watched, now)

    def _plan_restart(self, watched: Watched, now: float) -> None:
        watched.deaths = 1 if now - watched.started_at > HEALTHY_SECONDS else watched.deaths + 1
        process = watched.process
        if process.name == VITAL and watched.deaths >= CHANCES:
            raise ProcessFailed(f"{process.name} keeps dying ({process.ending})", process.log)
        pause = min(LONGEST_PAUSE, 0.5 * 2 ** (watched.deaths - 1))
        watched.restart_at = now + pause
        process.kill()  # what it had started itself
        say(f"{process.name} ended ({process.ending}); it starts again in {pause:g} s, see {process.log}", "yellow")

    def _restart_in_time(self, watched: Watched, now: float) -> None:
        if watched.restart_at is None or now < watched.restart_at:
            return
        watched.process.start()
        watched.started_at, watched.restart_at = now, None
