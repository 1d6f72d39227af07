"""`make demo`: the shop from nothing, then one purchase through the public REST API, as a storefront would make it."""

import json
import os
import secrets
import time
from collections.abc import Callable
from email import message_from_bytes
from email.policy import default as default_policy
from pathlib import Path
from typing import Any, TypeVar

from ecommerce.launch.conversation import Conversation, StepFailed
from ecommerce.launch.screen import say, show
from ecommerce.launch.shop import Shop, open_shop
from ecommerce.launch.slot import CHECKOUT

BUYER = "ada@example.com"
ADDRESS = {
    "full_name": "Ada Lovelace",
    "line1": "Invalidenstraße 117",
    "city": "Berlin",
    "postal_code": "10115",
    "country": "DE",
}
PAYMENT = {"provider": "sandbox", "method": "sandbox_ok"}
PATIENCE = 30
MAILS = CHECKOUT / "var" / "mail"
LOGINS = "staff@example.com / staff-demo-password, customer@example.com / customer-demo-password"

Found = TypeVar("Found")


def demo() -> int:
    """Open the shop, buy something, and keep serving (DEMO_EXIT=1: end)."""
    with open_shop() as shop:
        try:
            buy(shop)
        except StepFailed as problem:
            say(f"\nThe purchase failed: {problem}", "bold red")
            return 1
        show_addresses(shop)
        if os.environ.get("DEMO_EXIT", "") not in ("", "0"):
            return 0
        say("The shop keeps serving; Ctrl-C ends it.\n")
        return shop.serve(lambda: None)


def buy(shop: Shop) -> None:
    """One purchase of a guest, from the shelf to the confirmation mail."""
    api = Conversation(f"{shop.url}/api/v1")
    cart_id = fill_a_cart(api, choose_a_variant(api))
    placed = check_out(api, cart_id, choose_shipping(api, cart_id))
    order = wait_for_confirmation(shop, api, placed)
    show_ledger(shop, order)
    show_mail(shop, order)
    say(f"\nOrder {order['number']} is confirmed: {amount(order['total'])}. {time_taken()}\n", "bold green")


def choose_a_variant(api: Conversation) -> str:
    """Browse as a customer does: the list, then one product."""
    api.title("Browse the catalog")
    products = api.get("/catalog/products/?in_stock=true&limit=3", expect=200)["results"]
    if not products:
        raise StepFailed("the catalog is empty")
    api.title("Look at one product")
    product = api.get(f"/catalog/products/{products[0]['slug']}/", expect=200)
    return str(next(variant["id"] for variant in product["variants"] if variant["in_stock"]))


def fill_a_cart(api: Conversation, variant_id: str) -> str:
    """A guest's cart with one line."""
    api.title("Take a cart and put something in")
    cart = api.post("/carts/", {"currency": "EUR"}, expect=201)
    api.post(f"/carts/{cart['id']}/items/", {"variant_id": variant_id, "quantity": 1}, expect=(200, 201))
    return str(cart["id"])


def choose_shipping(api: Conversation, cart_id: str) -> str:
    """What it costs, and the first way to send it."""
    api.title("What will it cost, sent to Berlin?")
    where = {"country": ADDRESS["country"], "postal_code": ADDRESS["postal_code"]}
    quote = api.post("/checkout/quote/", {"cart_id": cart_id, "shipping_address": where}, expect=200)
    return str(quote["shipping_options"][0]["code"])


def check_out(api: Conversation, cart_id: str, shipping_method: str) -> dict[str, Any]:
    """The order; then the same request again, which must not order twice."""
    body = {
        "cart_id": cart_id,
        "email": BUYER,
        "shipping_address": ADDRESS,
        "shipping_method": shipping_method,
        "payment": PAYMENT,
    }
    key = {"Idempotency-Key": secrets.token_hex(16)}
    api.title("Check out and pay")
    placed: dict[str, Any] = api.post("/checkout/", body, headers=key, expect=201)
    first = api.last_answer.content
    api.title("The same request again, as after a lost answer: one order, not two")
    api.post("/checkout/", body, headers=key, expect=201)
    if api.last_answer.content != first or api.last_answer.headers.get("Idempotent-Replayed") != "true":
        raise StepFailed("the repeated checkout was not answered with the first answer")
    return placed


def wait_for_confirmation(shop: Shop, api: Conversation, placed: dict[str, Any]) -> dict[str, Any]:
    """The provider's webhook reaches payments, its event orders; the guest's token opens the order."""
    api.title("Follow the order until its payment has confirmed it")
    path = f"/orders/{placed['order']['id']}/?token={placed['order']['access_token']}"

    def confirmed() -> dict[str, Any] | None:
        order = api.get(path, expect=200, quiet=True)
        return order if order["status"] == "confirmed" else None

    wait_for(shop, confirmed, "the order was not confirmed")
    order: dict[str, Any] = api.get(path, expect=200)
    return order


def show_ledger(shop: Shop, order: dict[str, Any]) -> None:
    """What the books say about this order."""

    def entries() -> list[dict[str, str]] | None:
        found = json.loads(shop.manage("ledger", "statement", "--order", order["id"], "--format", "json"))
        return found if isinstance(found, list) and sum(len(entry["credit"] or "") > 0 for entry in found) > 1 else None

    found = wait_for(shop, entries, "the ledger knows no entry of the order")
    show("The ledger's entries of this order", "\n".join(map(ledger_line, found)))


def ledger_line(entry: dict[str, str]) -> str:
    """One entry, in columns."""
    debit, credit = entry["debit"] or "", entry["credit"] or ""
    return f"{entry['posting']:<12} {entry['account']:<30} {debit:>10} {credit:>10} {entry['currency']}"


def show_mail(shop: Shop, order: dict[str, Any]) -> None:
    """The confirmation mail; in development mails are files."""
    mail = wait_for(shop, lambda: newest_mail_about(order["number"]), f"no mail about {order['number']} in {MAILS}")
    show(f"The mail ({mail.relative_to(CHECKOUT)})", readable(mail))


def newest_mail_about(number: str) -> Path | None:
    """The newest file that names the order."""
    files = sorted(MAILS.glob("*"), key=lambda file: file.stat().st_mtime, reverse=True) if MAILS.exists() else []
    return next((file for file in files[:20] if number in file.read_text(errors="replace")), None)


def readable(file: Path) -> str:
    """A mail as its reader sees it, without the HTML part that says the same."""
    mail = message_from_bytes(file.read_bytes(), policy=default_policy)
    text = mail.get_body(("plain",))
    heads = [f"{name}: {mail[name]}" for name in ("From", "To", "Subject")]
    return "\n".join([*heads, "", text.get_content().strip() if text else ""])


def wait_for(shop: Shop, look: Callable[[], Found | None], otherwise: str) -> Found:
    """Look again and again, and keep the shop running meanwhile."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if (found := look()) is not None:
            return found
        shop.look_after()
        time.sleep(0.3)
    raise StepFailed(f"{otherwise} within {PATIENCE} s; logs: {shop.slot.logs}")


def show_addresses(shop: Shop) -> None:
    """Where to go on."""
    lines = {
        "API docs": f"{shop.url}/api/docs/",
        "Mails": f"{shop.url}/dev/mailbox/",
        "Admin": f"{shop.url}/admin/",
        "Metrics": f"{shop.url}/metrics",
        "Health": f"{shop.url}/healthz, {shop.url}/readyz",
        "Logins": LOGINS,
        "Logs": str(shop.slot.logs),
    }
    show("The shop", "\n".join(f"{name:<9} {value}" for name, value in lines.items()))


def amount(money: dict[str, str]) -> str:
    """Money, readable."""
    return f"{money['amount']} {money['currency']}"


def time_taken() -> str:
    """How long all of it took; the Makefile's first step notes when it began and how long it installed."""
    started = float(os.environ.get("LAUNCH_STARTED") or time.time())
    installing = float(os.environ.get("LAUNCH_INSTALL_SECONDS") or 0)
    return f"From nothing to here: {time.time() - started:.0f} s, of which {installing:.0f} s installing."
