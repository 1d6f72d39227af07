"""Cart's SQL runs in cart's database."""

from functools import partial

from ecommerce.kernel import sql

fetch = partial(sql.fetch, "cart")
execute = partial(sql.execute, "cart")
