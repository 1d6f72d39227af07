"""`python -m benchmarks.checkout_call`: how many statements one checkout call costs, in all modules together.

Run where the shop's variables are set (BenchShop.run_module); a guest buys one thing with the sandbox.
"""

import json
import os
import sys
from contextlib import ExitStack
from typing import Any

from benchmarks.flows import ADDRESS


def main() -> int:
    """One number. The first call warms up what is kept in the process."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecommerce.settings")
    django.setup()
    print([_call(f"statements-{turn}-{os.getpid()}") for turn in range(2)][-1])
    return 0


def _call(key: str) -> int:
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    from ecommerce.kernel.db import local_aliases

    cart_id = _post("carts/", {})["id"]
    card = _ask("get", "catalog/products/?in_stock=true&limit=1")["results"][0]
    variants = _ask("get", f"catalog/products/{card['slug']}/")["variants"]
    variant = next(variant for variant in variants if variant["in_stock"])
    _post(f"carts/{cart_id}/items/", {"variant_id": variant["id"], "quantity": 1})
    body = {
        "cart_id": cart_id,
        "email": "statements@example.com",
        "shipping_address": ADDRESS,
        "shipping_method": "standard",
        "payment": {"provider": "sandbox", "method": "sandbox_ok"},
    }
    with ExitStack() as stack:
        captured = [stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in local_aliases()]
        _post("checkout/", body, key)
        return sum(len([sql for sql in one if not _is_frame(sql["sql"])]) for one in captured)


def _is_frame(sql: str) -> bool:
    return sql.split(" ", 1)[0] in ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


def _post(path: str, body: Any, key: str = "") -> Any:
    return _ask("post", path, body, {"Idempotency-Key": key} if key else {})


def _ask(method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
    from django.conf import settings
    from django.test import Client

    client = Client(headers={"Host": settings.ALLOWED_HOSTS[0], "X-Forwarded-Proto": "https"})
    sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
    answer: Any = getattr(client, method)(f"/api/v1/{path}", **sent, headers=headers or {})
    if answer.status_code not in (200, 201):
        raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.content[:300]!r}")
    return answer.json()


if __name__ == "__main__":
    sys.exit(main())
