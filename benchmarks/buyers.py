"""`python -m benchmarks.buyers`: a process of buyers who hold and buy in-process, with no HTTP; stock.py starts it.

It says `ready`, waits for a line, answers with a line of JSON. `--statements` shows the SQL of one purchase instead.
"""

import argparse
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import django


def main() -> None:
    """What the arguments ask for."""
    django.setup()
    # It needs the settings.
    from benchmarks import purchases

    parser = argparse.ArgumentParser(prog="benchmarks.buyers")
    parser.add_argument("variants", nargs="+", type=UUID)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--seconds", type=float, help="buy again and again for so long")
    parser.add_argument("--buyers", type=int, help="or so many buyers, each once")
    parser.add_argument("--statements", action="store_true")
    plan = parser.parse_args()
    if plan.statements:
        json.dump(purchases.statements(plan.variants[0]), sys.stdout)
        return
    with ThreadPoolExecutor(plan.threads) as pool:
        # Each thread connects before anything is measured.
        list(pool.map(purchases.connect, range(plan.threads)))
        print("ready", flush=True)
        sys.stdin.readline()
        print(json.dumps(purchases.run(pool, plan)), flush=True)


if __name__ == "__main__":
    main()
