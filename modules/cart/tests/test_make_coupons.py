"""`manage.py make_coupons`: all codes or none, each on a list."""

import io
import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections

from ecommerce.kernel import chance
from ecommerce.kernel.db import alias_of
from ecommerce.kernel.ids import new_id
from modules.cart.contracts import CouponExhausted
from modules.cart.logic.coupon_batches import ALPHABET
from modules.cart.logic.redemptions import redeem
from modules.cart.models import Coupon, Promotion
from modules.cart.tests.api.shop import open_cart, put_in
from modules.cart.tests.factories import PromotionFactory, coupon

pytestmark = pytest.mark.django_db(transaction=True)

CODE = re.compile(f"SUMMER-[{ALPHABET}]{{13}}")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "codes.csv"


def run(*arguments: Any) -> tuple[str, str]:
    """What the command said to standard output and to standard error."""
    out, errors = io.StringIO(), io.StringIO()
    call_command("make_coupons", *map(str, arguments), stdout=out, stderr=errors)
    return out.getvalue(), errors.getvalue()


def kept() -> list[str]:
    return sorted(Coupon.objects.values_list("code", flat=True))


def refusal(*arguments: Any) -> CommandError:
    with pytest.raises(CommandError) as refused:
        run(*arguments)
    return refused.value


def summary(out: str) -> dict[str, str]:
    """The table's rows."""
    return {words[0]: " ".join(words[1:]) for line in out.splitlines() if (words := line.split())}


def test_the_command_of_the_manual_works_whole():
    out, errors = run("--count=10000", "--prefix=SUMMER", "--percent=10")

    head, *codes = out.splitlines()
    assert (head, len(codes), len(set(codes))) == ("code", 10_000, 10_000)
    assert all(CODE.fullmatch(code) for code in codes)
    assert kept() == sorted(codes)
    assert set(Coupon.objects.values_list("usage_limit", "used")) == {(1, 0)}
    promotion = Promotion.objects.get()
    assert (promotion.title, promotion.kind, promotion.percent, promotion.needs_code, promotion.version) == (
        "SUMMER", "percentage", Decimal(10), True, 1
    )  # fmt: skip
    told = summary(errors)
    assert (told["promotion_id"], told["count"], told["bits_of_chance"]) == (str(promotion.id), "10000", "63")


def test_an_amount_makes_a_promotion_in_its_currency(file):
    run("--count=1", "--amount=5.00", "--currency=EUR", "--title=Five off", f"--out={file}", "--length=20")

    promotion = Promotion.objects.get()
    assert (promotion.title, promotion.kind, promotion.amount_minor, promotion.currency) == (
        "Five off", "fixed", 500, "EUR"
    )  # fmt: skip
    assert re.fullmatch(f"code\n[{ALPHABET}]{{20}}\n", file.read_text())


def test_a_file_holds_the_list_and_only_its_owner_reads_it(file):
    out, errors = run("--count=3", "--prefix=SUMMER", "--percent=10", "--usage-limit=5", f"--out={file}")

    head, *codes = file.read_text().split()
    assert (head, sorted(codes)) == ("code", kept())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]
    assert set(Coupon.objects.values_list("usage_limit", flat=True)) == {5}
    assert (summary(out)["list"], errors) == (str(file), "")


def test_a_program_gets_one_document(file):
    out, _ = run("--count=2", "--percent=10", "--format=json")
    told = json.loads(out)
    assert sorted(told["codes"]) == kept()
    assert (told["promotion_id"], told["count"]) == (str(Promotion.objects.get().id), 2)

    out, _ = run("--count=2", f"--promotion={told['promotion_id']}", "--format=json", f"--out={file}")
    assert {name: value for name, value in json.loads(out).items() if name != "seconds"} == {
        "promotion_id": told["promotion_id"],
        "title": "10 %",
        "count": 2,
        "usage_limit": 1,
        "bits_of_chance": 63,
        "applied_by_itself": False,
        "list": str(file),
        "dry_run": False,
    }


def test_a_promotion_that_applied_by_itself_needs_a_code_from_then_on(guest, shelf):
    promotion = PromotionFactory.create()
    cart = open_cart(guest)
    put_in(guest, cart, shelf.put())

    out, errors = run("--count=1", f"--promotion={promotion.id}")

    assert summary(errors)["applied_by_itself"] == "True"
    promotion.refresh_from_db()
    assert (promotion.needs_code, promotion.version) == (True, 2)
    assert guest.get(cart).json()["discounts"] == []
    entered = guest.post(f"{cart}coupons/", {"code": out.split()[1].lower()})
    assert entered.json()["discount_total"]["amount"] == "1.99"


def test_more_codes_of_a_promotion_change_nothing_else():
    promotion = coupon("FIRST")

    run("--count=2", f"--promotion={promotion.id}")

    promotion.refresh_from_db()
    assert (promotion.version, promotion.coupons.count()) == (1, 3)


def test_a_code_serves_once(guest, shelf):
    out, _ = run("--count=2", "--percent=10")
    _, code, other = out.split()
    promotion = Promotion.objects.get()
    redeem(order_id=new_id(), promotion_ids=[promotion.id], codes=[code], customer_key="ada")

    with pytest.raises(CouponExhausted):
        redeem(order_id=new_id(), promotion_ids=[promotion.id], codes=[code], customer_key="bob")
    redeem(order_id=new_id(), promotion_ids=[promotion.id], codes=[other], customer_key="bob")

    cart = open_cart(guest)
    put_in(guest, cart, shelf.put())
    refused = guest.post(f"{cart}coupons/", {"code": code})
    assert (refused.status_code, refused.json()["code"]) == (400, "coupon_exhausted")


def test_for_a_code_that_is_there_already_another_is_made(monkeypatch):
    coupon("summer-aaaaaaaaaaaaa")
    drawn = iter(["A" * 13 + "B" * 26, "B" * 13 + "C" * 13, "D" * 13])
    monkeypatch.setattr(chance, "symbols", lambda alphabet, n: next(drawn))

    out, _ = run("--count=3", "--prefix=SUMMER", "--percent=10")

    assert out.split() == ["code", *(f"SUMMER-{letter * 13}" for letter in "BCD")]


def test_a_dry_run_changes_nothing(file):
    promotion = PromotionFactory.create()

    out, _ = run("--count=5", f"--promotion={promotion.id}", f"--out={file}", "--dry-run")
    drafted, _ = run("--count=5", "--percent=10", "--dry-run", "--format=json")

    assert (summary(out)["count"], json.loads(drafted)["dry_run"]) == ("5", True)
    assert list(file.parent.iterdir()) == []
    promotion.refresh_from_db()
    assert (promotion.needs_code, Promotion.objects.count(), Coupon.objects.count()) == (False, 1, 0)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--promotion=01936d6e-5a3c-7c3e-9a52-0e7b3b8f9d10"], "There is no such promotion."),
        (["--percent=101"], "value: A decimal string from 0.01 to 100"),
        (["--amount=5.00"], "currency: fixed needs it."),
        (["--amount=5", "--currency=EUR"], "value: EUR takes a decimal string with 2 decimals"),
        (["--percent=10", "--currency=EUR"], "--currency belongs to --amount."),
        (["--promotion=01936d6e-5a3c-7c3e-9a52-0e7b3b8f9d10", "--title=x"], "--title belongs to a promotion"),
        (["--percent=10", "--title=" + "x" * 121], "A title has at most 120 characters."),
        (["--percent=10", "--count=0"], "From 1 to 10,000,000 codes"),
        (["--percent=10", "--prefix=Ä"], "letters A to Z, digits, - and _."),
        (["--percent=10", "--prefix=" + "x" * 37], "A prefix has at most 36 characters"),
        (["--percent=10", "--length=12"], "13 to 50 characters of chance"),
        (["--percent=10", "--prefix=SUMMER", "--length=44"], "13 to 43 characters of chance"),
        (["--percent=10", "--usage-limit=0"], "A code is for 1 to"),
        (["--percent=10", "--out=/nowhere/codes.csv"], "The list cannot be written: No such file or directory."),
        (["--percent=10", "--out=/"], "/ is there already"),
        (["--percent=10", "--out=/", "--force"], "/ is a directory."),
    ],
)
def test_what_cannot_be_is_refused_with_exit_status_2(arguments, told):
    refused = refusal("--count=1", *arguments)

    assert told in str(refused)
    assert refused.returncode == 2
    assert (Promotion.objects.count(), Coupon.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("arguments", "missing"), [(["--count=1"], "--promotion --percent --amount"), (["--percent=10"], "--count")]
)
def test_what_is_missing_is_named(arguments, missing):
    assert missing in str(refusal(*arguments))


def test_a_file_that_is_there_is_replaced_only_when_that_is_asked_for(file):
    file.write_text("kept")

    refused = refusal("--count=1", "--percent=10", f"--out={file}")
    assert (refused.returncode, file.read_text(), Coupon.objects.count()) == (2, "kept", 0)

    run("--count=1", "--percent=10", f"--out={file}", "--force")
    assert file.read_text() == f"code\n{Coupon.objects.get().code}\n"


def test_a_file_that_comes_meanwhile_stays_and_the_list_is_beside_it(file, monkeypatch):
    def invent(alphabet: str, n: int) -> str:
        file.write_text("kept")
        return "A" * n

    monkeypatch.setattr(chance, "symbols", invent)
    told = refusal("--count=1", "--percent=10", f"--out={file}")

    (beside,) = set(file.parent.iterdir()) - {file}
    assert (told.returncode, str(beside) in str(told)) == (1, True)
    assert (file.read_text(), beside.read_text()) == ("kept", f"code\n{'A' * 13}\n")
    assert Coupon.objects.get().code == "A" * 13


def test_a_full_disk_leaves_nothing(file, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    told = refusal("--count=1", "--percent=10", f"--out={file}")

    assert (told.returncode, "No space left on device" in str(told)) == (2, True)
    assert (list(file.parent.iterdir()), Promotion.objects.count()) == ([], 0)


def test_a_run_that_is_killed_leaves_no_code(file):
    with started("--count=300000", "--percent=10", f"--out={file}") as process:
        wait_until(lambda: any(part.stat().st_size > 100_000 for part in file.parent.iterdir()))
        process.send_signal(signal.SIGKILL)
        process.wait(10)

    assert not file.exists()
    assert (Promotion.objects.count(), Coupon.objects.count()) == (0, 0)


def test_a_list_that_nobody_reads_leaves_no_code():
    with started("--count=100000", "--percent=10", streams=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == b"code\n"
        process.stdout.close()
        said = process.stderr.read().decode()
        process.wait(30)

    assert (process.returncode, said.splitlines()[-2:]) == (
        2,
        ["CommandError: The list cannot be written: Broken pipe.", "Nothing was made."],
    )
    assert (Promotion.objects.count(), Coupon.objects.count()) == (0, 0)


def started(*arguments: str, streams: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """The command in a process of its own, on this test's database."""
    database = connections[alias_of("cart")].settings_dict
    url = f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    return subprocess.Popen(
        [sys.executable, "manage.py", "make_coupons", *arguments],
        cwd=settings.BASE_DIR,
        env=environment | {"DATABASE_URL": url},
        stdout=streams,
        stderr=streams,
    )


def wait_until(true: Any) -> None:
    until = time.monotonic() + 60
    while not true():
        assert time.monotonic() < until, "it does not get on"
        time.sleep(0.002)
