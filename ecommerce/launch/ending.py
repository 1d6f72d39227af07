"""`stop` and `clean`: ending runs of this checkout from another terminal, and removing what they leave."""

import os
import shutil
import signal
import time
from contextlib import suppress

from ecommerce.launch.screen import say
from ecommerce.launch.slot import CHECKOUT, Slot, holder, slots

# A run ends within 15 seconds of the signal.
PATIENCE = 20


def stop_shops() -> int:
    """End every running shop of this checkout; its tests go on."""
    stopped = [end(slot) for slot in slots(CHECKOUT) if slot.name.startswith("shop") and holder(slot) is not None]
    if not stopped:
        say("no shop of this checkout is running")
    return 0 if all(stopped) else 1


def clean() -> int:
    """End every run of this checkout, tests too, and remove all data they made."""
    if not all(end(slot) for slot in slots(CHECKOUT) if holder(slot) is not None):
        return 1
    for slot in slots(CHECKOUT):
        shutil.rmtree(slot.socket_directory, ignore_errors=True)
        shutil.rmtree(slot.root_store, ignore_errors=True)
    shutil.rmtree(CHECKOUT / "var", ignore_errors=True)
    say("removed var/ with all data of this checkout's shop and tests")
    return 0


def end(slot: Slot) -> bool:
    """Ask the run in this slot to end, and wait until it has."""
    deadline = time.monotonic() + PATIENCE
    asked = 0
    while (facts := holder(slot)) is not None:
        pid = int(facts.get("pid", 0))
        if pid and pid != asked:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            asked = pid
        if time.monotonic() > deadline:
            say(f"{slot.name} (process {pid}) does not end")
            return False
        time.sleep(0.1)
    say(f"{slot.name} stopped (it was process {asked})")
    return True
