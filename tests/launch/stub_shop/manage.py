"""Stands in for the shop's commands: notes that they ran, and in which order."""

import os
import sys
import time
from pathlib import Path

NOTES = Path("notes")

if __name__ == "__main__":
    with NOTES.open("a") as notes:
        notes.write(f"{' '.join(sys.argv[1:])} products={os.environ.get('SEED_PRODUCTS')}\n")
    while sys.argv[1] == "relay":
        time.sleep(1)
