"""How many products a wish leaves, without counting a million of them."""

from modules.catalog.logic.database import fetch
from modules.catalog.logic.hits import among_found, among_looked, looked_through, priced
from modules.catalog.logic.search import RANKED
from modules.catalog.logic.wishes import Wish, conditions_on_listing, expressions_of, parameters_of

MOST, LOOKED_AT = 10_000, 5000


def count_hits(wish: Wish) -> str:
    """Digits up to 10,000, and "10,000+" for more; a search ends at 2,000, and "2,000+" says that there is more.

    Where a filter asks the listings, 5,000 are looked through: "120+" are those among them, of more.
    """
    if wish.search:
        # Of common words no more is looked for than is ranked.
        counted = _count(wish, f"SELECT 1 {among_found(wish, '')} LIMIT {RANKED + 1}")
        return _bounded(counted, RANKED, is_cut=counted >= RANKED)
    if conditions_on_listing(wish):
        return _count_looked_through(wish)
    counted = _count(wish, priced(wish, limit=MOST + 1))
    return _bounded(counted, MOST, is_cut=counted > MOST)


def _count(wish: Wish, hits: str) -> int:
    [(counted,)] = fetch(f"{expressions_of(wish)} SELECT count(*) FROM ({hits}) hit", parameters_of(wish))  # noqa: S608  (fragments of this module)
    return int(counted)


def _count_looked_through(wish: Wish) -> str:
    names = expressions_of(wish, looked_through(wish, most=LOOKED_AT))
    sql = f"{names} SELECT count(*), (SELECT is_cut FROM cut) {among_looked(wish)}"  # noqa: S608  (likewise)
    [(counted, is_cut)] = fetch(sql, parameters_of(wish))
    return _bounded(counted, MOST, is_cut=is_cut)


def _bounded(counted: int, most: int, *, is_cut: bool) -> str:
    return f"{min(counted, most):,}+" if is_cut else str(counted)
