"""`python -m benchmarks.paid 200`: writes so many captured payments and prints their attempts' ids, a line each.

Run where the shop's variables are set (BenchShop.run_module).
"""

import os
import sys


def main() -> int:
    """The payments that events are about."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecommerce.settings")
    django.setup()
    from modules.payments.tests.past import write_past

    print("\n".join(str(attempt) for attempt in write_past(int(sys.argv[1]), per_hour=100)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
