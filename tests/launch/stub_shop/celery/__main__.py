"""A worker, or a beat, with nothing to do."""

import time

while True:
    time.sleep(1)
