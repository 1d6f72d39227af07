"""`python -m benchmarks.accounts`: what `make bench-users` calls. Sign-ins and refreshes a second, what Argon2 costs of
them, and whether the time of an answer tells that an address has an account.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from statistics import median
from typing import Any

import redis
from argon2 import PasswordHasher
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from benchmarks import load, machine
from benchmarks.client import Client
from benchmarks.flows import Flow
from benchmarks.load import percentile
from benchmarks.meters import Meters
from benchmarks.report import RESULTS
from benchmarks.shop import HOST, ROLES, BenchShop, open_shop
from ecommerce.kernel import clock
from ecommerce.launch.signals import Stop, raise_stop

PASSWORD = "correct horse battery staple"  # noqa: S105  (of accounts that this run makes)
ACCOUNTS = 64
LATEST = RESULTS / "users.json"
console = Console(highlight=False, emoji=False)


@dataclass(frozen=True)
class People:
    """Accounts that this run opened, each with a refresh token and an access token of its own."""

    emails: list[str]
    refreshes: list[str]
    accesses: list[str]

    def email(self, turn: int) -> str:
        """An address for this turn."""
        return self.emails[turn % len(self.emails)]


def main() -> int:
    """Measure, print, store."""
    parser = argparse.ArgumentParser(prog="benchmarks.accounts", description="Measure signing in.")
    parser.add_argument("--seconds", type=float, default=8.0, help="how long each figure is measured (8)")
    parser.add_argument("--pairs", type=int, default=300, help="answers compared of known and unknown addresses (300)")
    plan = parser.parse_args()
    raise_stop()
    try:
        with open_shop(50) as shop, shop.connect() as connection:
            result = measure(shop, connection, plan.seconds, plan.pairs)
    except Stop as stop:
        return stop.exit_code
    show(result)
    LATEST.write_text(json.dumps(result, indent=1) + "\n")
    return 1 if any(figure["errors"] for figure in result["figures"]) else 0


def measure(shop: BenchShop, connection: Any, seconds: float, pairs: int) -> dict[str, Any]:
    """All figures of one shop."""
    meters = Meters(shop.processes(), connection, ROLES)
    with Client(HOST, shop.port) as client:
        people = open_accounts(client)
        turns = count(1)
        figures = []
        for name, run in (("sign in", sign_in), ("refresh", refresh), ("me", show_profile)):
            # Refreshing one session at once from several clients is a race, no load: each client has its own.
            for clients in (1, 8):
                flow = Flow(name, name, run, lambda _client, _goods: None)
                before = meters.read()
                done = load.run(flow, people, shop.port, clients=clients, seconds=seconds, turns=turns)
                used, flows = meters.read().since(before), max(1, len(done.latencies))
                figures.append(
                    {
                        "flow": name,
                        "clients": clients,
                        "per_second": round(flows / done.seconds, 1),
                        "p50_ms": done.percentile_ms(50),
                        "p95_ms": done.percentile_ms(95),
                        "errors": len(done.errors),
                        "error_examples": done.errors[:3],
                        "web_cpu_ms": round(used.cpu["web"] * 1000 / flows, 2),
                        "statements": round(used.statements["web"] / flows, 2),
                    }
                )
        told = {
            "sign in, wrong password": compare(client, shop, people, pairs, wrong_password),
            "ask for a password reset": compare(client, shop, people, pairs, password_reset),
        }
    return {
        "at": clock.now().isoformat(timespec="seconds"),
        "machine": machine.describe(shop),
        "argon2_ms": hash_milliseconds(connection),
        "figures": figures,
        "known_or_unknown": told,
    }


def open_accounts(client: Client) -> People:
    """Register and sign in."""
    people = People([], [], [])
    for number in range(ACCOUNTS):
        email = f"bench-{number}@example.com"
        client.post("/users/register/", {"email": email, "password": PASSWORD}, expect=201)
        pair = client.post("/users/token/", {"email": email, "password": PASSWORD})
        people.emails.append(email)
        people.refreshes.append(pair["refresh"])
        people.accesses.append(pair["access"])
    return people


def sign_in(client: Client, people: Any, turn: int) -> None:
    """One sign-in with the right password."""
    client.post("/users/token/", {"email": people.email(turn), "password": PASSWORD})


def refresh(client: Client, people: Any, turn: int) -> None:
    """The next pair of a session that this client took for itself."""
    token = getattr(client, "refresh", None) or people.refreshes.pop()
    client.refresh = client.post("/users/token/refresh/", {"refresh": token})["refresh"]  # type: ignore[attr-defined]  # this client's own session


def show_profile(client: Client, people: Any, turn: int) -> None:
    """The caller's account: what a request with a token costs within users."""
    client.exchange("GET", "/users/me/", authorization=f"Bearer {people.accesses[turn % len(people.accesses)]}")


def wrong_password(client: Client, email: str) -> None:
    """A sign-in that fails."""
    client.post("/users/token/", {"email": email, "password": "not the password"}, expect=401)


def password_reset(client: Client, email: str) -> None:
    """Asking for a mail."""
    client.exchange("POST", "/users/password/reset/", {"email": email}, expect=202)


def compare(
    client: Client, shop: BenchShop, people: People, pairs: int, ask: Callable[[Client, str], None]
) -> dict[str, float]:
    """Known and unknown addresses by turns; how often, of two answers, the known one's took longer (0.5: as often)."""
    times: dict[bool, list[float]] = {True: [], False: []}
    with redis.Redis.from_url(shop.redis_url()) as server:
        for turn in range(pairs):
            if turn % 16 == 0:
                # Failures lock, which is right, and not what is measured here.
                server.flushdb()
            for known in (True, False) if turn % 2 else (False, True):
                client.spent = 0.0
                ask(client, people.email(turn) if known else f"stranger-{turn}@example.com")
                times[known].append(client.spent)
    of_known, of_unknown = times[True], times[False]
    return {
        "known_p50_ms": round(median(of_known) * 1000, 2),
        "unknown_p50_ms": round(median(of_unknown) * 1000, 2),
        "known_p95_ms": round(percentile(of_known, 95) * 1000, 2),
        "unknown_p95_ms": round(percentile(of_unknown, 95) * 1000, 2),
        "known_took_longer": round(share_above(of_known, of_unknown), 3),
    }


def share_above(first: Sequence[float], second: Sequence[float]) -> float:
    """The share of all pairs in which the first is larger (Mann and Whitney's U over its most)."""
    return sum(one > other for one in first for other in second) / (len(first) * len(second))


def hash_milliseconds(connection: Any) -> float:
    """What verifying one of the shop's own hashes costs in this process."""
    (stored,) = connection.execute("SELECT password FROM users_user WHERE email LIKE 'bench-%' LIMIT 1").fetchone()
    algorithm, _, encoded = stored.partition("$")
    assert algorithm == "argon2"  # noqa: S101  (another hasher would make the figure mean something else)
    hasher, rounds = PasswordHasher(), 40
    started = time.process_time()
    for _ in range(rounds):
        hasher.verify(f"${encoded}", PASSWORD)
    return round((time.process_time() - started) * 1000 / rounds, 2)


def show(result: dict[str, Any]) -> None:
    """Print the tables."""
    figures = result["figures"]
    _print(
        "Accounts", ["flow", "clients", "per_second", "p50_ms", "p95_ms", "web_cpu_ms", "statements", "errors"], figures
    )
    told = [{"question": name} | values for name, values in result["known_or_unknown"].items()]
    _print("Does the time tell a known address?", list(told[0]), told)
    login = next(figure for figure in figures if figure["flow"] == "sign in")
    share = result["argon2_ms"] / login["web_cpu_ms"]
    console.print(f"Argon2: {result['argon2_ms']} ms a hash, {share:.0%} of a sign-in's CPU time in web")


def _print(title: str, names: list[str], rows: list[dict[str, Any]]) -> None:
    table = Table(title=title, title_justify="left", box=SIMPLE, padding=0)
    for number, name in enumerate(names):
        table.add_column(name.replace("_", " "), justify="right" if number else "left")
    for row in rows:
        table.add_row(*(str(row[name]) for name in names))
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
