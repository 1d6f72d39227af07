"""Many codes for one promotion: unguessable, made all or none, and on a list before any of them counts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil, log2
from re import fullmatch
from typing import Protocol
from uuid import UUID

from django.db import IntegrityError

from ecommerce.kernel import chance, clock
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Invalid, ServiceError, Unavailable
from ecommerce.kernel.ids import new_id
from modules.cart.logic.database import execute, fetch
from modules.cart.logic.promotions import PromotionNotFound
from modules.cart.models import Coupon, Promotion

# Nothing that is read or heard as another: no I, L, O, U, 0, 1.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
# Codes are money. Even where a million of them would do, one guess in 2 ** 40 is right.
LEAST_BITS = 60
LEAST_LENGTH, LONGEST_CODE = ceil(LEAST_BITS / log2(len(ALPHABET))), 50
MOST, MOST_USES = 10_000_000, 2**31 - 1
AT_ONCE = 10_000


class UnusableBatch(Invalid):
    """Such codes are not made."""

    code = "unusable_batch"


class UnknownOutcome(Unavailable):
    """It was stopped at the last moment: whether the codes were made is not known."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """So many codes: a prefix, and behind it chance; each for `usage_limit` orders."""

    count: int
    prefix: str = ""
    length: int = LEAST_LENGTH
    usage_limit: int = 1

    def __post_init__(self) -> None:
        longest = LONGEST_CODE - len(self._begin())
        if not 1 <= self.count <= MOST:
            raise UnusableBatch(f"From 1 to {MOST:,} codes are made at once.")
        if not fullmatch("[A-Za-z0-9_-]*", self.prefix) or longest < LEAST_LENGTH:
            most = LONGEST_CODE - LEAST_LENGTH - 1
            raise UnusableBatch(f"A prefix has at most {most} characters: letters A to Z, digits, - and _.")
        if not LEAST_LENGTH <= self.length <= longest:
            raise UnusableBatch(
                f"Behind this prefix stand {LEAST_LENGTH} to {longest} characters of chance: at least {LEAST_BITS} bits"
                f" that cannot be guessed, at most {LONGEST_CODE} characters of code."
            )
        if not 1 <= self.usage_limit <= MOST_USES:
            raise UnusableBatch(f"A code is for 1 to {MOST_USES:,} orders.")

    @property
    def bits(self) -> int:
        """How many bits of chance are in each code."""
        return int(self.length * log2(len(ALPHABET)))

    def invent(self, count: int) -> list[str]:
        """So many codes, any of which may be there already."""
        drawn = chance.symbols(ALPHABET, count * self.length)
        return [self._begin() + drawn[at : at + self.length] for at in range(0, len(drawn), self.length)]

    def _begin(self) -> str:
        return f"{self.prefix}-" if self.prefix else ""


class CodeList(Protocol):
    """Where codes are listed: `place` says where, for people."""

    place: str

    def write(self, codes: list[str]) -> None:
        """List these, so that they outlive this process; raises where that cannot be."""

    def finish(self) -> None:
        """All of them count."""

    def discard(self) -> None:
        """None of them does."""


def make_coupons(*, promotion: Promotion, batch: Batch, onto: CodeList, watch: Callable[[int], None]) -> None:
    """Make the codes and list them, all or none, and the promotion with them if it is a draft. One that applied by
    itself is from then on only for whoever enters a code.

    All are listed before the first one counts, so no code is ever without a list. Repeating makes as many again.
    Raises PromotionNotFound, and UnknownOutcome where the list is kept and its codes may count or not.
    """
    listed = False
    try:
        with atomic(Coupon):
            if promotion._state.adding:
                promotion.save(force_insert=True)
            for codes in _make(promotion.id, batch):
                onto.write(codes)
                watch(len(codes))
            listed = True
            _require_code(promotion.id)
    except BaseException as error:
        # Even somebody's Ctrl-C may come just behind the commit.
        if listed and not isinstance(error, ServiceError):
            detail = f"It was stopped at the last moment; if the codes were made, {onto.place} lists them."
            raise UnknownOutcome(detail) from error
        onto.discard()
        raise
    onto.finish()


def _make(promotion_id: UUID, batch: Batch) -> Iterator[list[str]]:
    """The codes as they go in; for one that is there already, another is made."""
    left = batch.count
    while left:
        codes = _insert(promotion_id, batch, min(left, AT_ONCE))
        left -= len(codes)
        if codes:
            yield codes


def _insert(promotion_id: UUID, batch: Batch, count: int) -> list[str]:
    values = {
        "promotion": promotion_id,
        "codes": batch.invent(count),
        "ids": [new_id() for _ in range(count)],
        "limit": batch.usage_limit,
        "now": clock.now(),
    }
    return [code for (code,) in fetch(_INSERT, values)]


def _require_code(promotion_id: UUID) -> None:
    """Last, since checkouts wait for who holds a promotion; and always, since staff may be taking its code away."""
    try:
        # Else PostgreSQL looks at each of them when the transaction ends, and checkouts wait for that.
        execute("SET CONSTRAINTS ALL IMMEDIATE")
    except IntegrityError as error:
        raise PromotionNotFound from error
    execute(_REQUIRE_CODE, [promotion_id])


_INSERT = """
    INSERT INTO cart_coupon (id, promotion_id, code, usage_limit, used, created_at)
    SELECT id, %(promotion)s, code, %(limit)s, 0, %(now)s
    FROM unnest(%(ids)s::uuid[], %(codes)s::varchar[]) AS made (id, code)
    ON CONFLICT DO NOTHING
    RETURNING code
"""
_REQUIRE_CODE = """
    UPDATE cart_promotion SET needs_code = true, version = version + (NOT needs_code)::integer WHERE id = %s
"""
