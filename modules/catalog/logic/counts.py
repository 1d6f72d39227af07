"""How many products a wish leaves, without counting a million of them."""

from modules.catalog.logic.database import fetch
from modules.catalog.logic.hits import rows
from modules.catalog.logic.search import RANKED
from modules.catalog.logic.wishes import Wish, expressions_of, parameters_of

MOST = 10_000


def count_hits(wish: Wish) -> str:
    """Digits up to 10,000, and "10,000+" for more; a search ends at 2,000, and "2,000+" says that there is more."""
    most = RANKED if wish.search else MOST
    sql = f"{expressions_of(wish)} SELECT count(*) FROM ({rows(wish, '1', limit=most + 1)}) hit"  # noqa: S608  (fragments of this module)
    [(counted,)] = fetch(sql, parameters_of(wish))
    # Of common words no more is looked for than is ranked.
    is_cut = counted > most or (wish.search is not None and counted == most)
    return f"{most:,}+" if is_cut else str(counted)
