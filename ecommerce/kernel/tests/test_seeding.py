"""A development shop without goods is not ready."""

from typing import Any

import pytest
from django.test import override_settings

from ecommerce.kernel import registry
from ecommerce.kernel.registry import Seeder
from ecommerce.kernel.seeding import is_seeded


def seeder(module: str, *, empty: bool) -> Seeder:
    return Seeder(module=module, run=lambda *_: {}, is_empty=lambda: empty)


@pytest.fixture
def seeders(monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda *given: monkeypatch.setattr(registry, "seeders", list(given))


def test_a_development_shop_without_goods_says_whose_part_is_missing(seeders: Any) -> None:
    seeders(seeder("users", empty=False), seeder("catalog", empty=True))

    with override_settings(DEBUG=True):
        assert is_seeded() == "nothing of catalog: run manage.py seed"


def test_a_seeded_shop_and_one_in_production_are_ready(seeders: Any) -> None:
    seeders(seeder("users", empty=False))
    with override_settings(DEBUG=True):
        assert is_seeded() is None
    seeders(seeder("users", empty=True))
    with override_settings(DEBUG=False):
        assert is_seeded() is None
