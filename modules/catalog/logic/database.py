"""Catalog's SQL runs in catalog's database."""

from functools import partial

from ecommerce.kernel import sql

fetch = partial(sql.fetch, "catalog")
execute = partial(sql.execute, "catalog")
copy = partial(sql.copy, "catalog")
