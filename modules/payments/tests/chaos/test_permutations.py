"""The events of a scenario in every order: all permutations of up to six events, a sample where there are more.

What an event leads to is asked of a provider that stands at the scenario's end, or only as far as it must have come
for this event to be there: the second is played with every order, the first with every fifth, its steps after each
event or all of them at the end.
"""

import itertools
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from modules.payments.tests.chaos.outcomes import outcome
from modules.payments.tests.chaos.scenarios import SCENARIOS, Scenario
from modules.payments.tests.chaos.shop import Shop
from modules.payments.tests.chaos.stages import ALL, reference_of, stage, undone
from modules.payments.tests.chaos.worlds import BringBack, World, deliver, world_of

pytestmark = pytest.mark.django_db

# Up to so many events every order is tried.
EVERY_ORDER_UP_TO = 6
MOST = math.factorial(EVERY_ORDER_UP_TO)
# In so many tests, so that none takes long and a transaction stays small.
SHARES = 6 if ALL else 1
# Of each scenario in `make test`.
FEW = 8


@dataclass(frozen=True)
class Record:
    """A scenario that was played while nothing was delivered; the provider as it stood after so many events."""

    events: int
    known_until: int
    after: dict[int, BringBack]

    def as_early_as_may_be(self, delivered: int) -> BringBack:
        """The provider when the event of this number had just come to be, but never before our own last call."""
        return self.after[max(delivered + 1, self.known_until)]


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_order_of_events_does_not_matter(scenario: Scenario, share: int) -> None:
    with world_of(scenario.provider) as world:
        expected = reference_of(world, scenario)
        with stage(world) as shop:
            record = _record(world, scenario, shop)
            for number, order in enumerate(_orders(scenario, record.events, share)):
                for play in _plays(number):
                    with undone(world):
                        play(shop, record, order)
                        shop.settle()
                        assert outcome(shop) == expected, f"{play.__name__} {order}"


def _record(world: World, scenario: Scenario, shop: Shop) -> Record:
    after: dict[int, BringBack] = {}

    def keep() -> None:
        after[world.count()] = world.remember()

    world.watch = keep
    for _ in scenario.course(shop):
        # Once the move is over the provider stands further than when it told of it.
        keep()
    world.watch = lambda: None
    return Record(world.count(), shop.known_until, after)


def _orders(scenario: Scenario, events: int, share: int) -> Iterator[tuple[int, ...]]:
    """This share of the orders; the same ones each time."""
    numbers, chance = range(events), random.Random(scenario.name)
    if math.factorial(events) <= (MOST if ALL else FEW):
        orders: Iterator[tuple[int, ...]] = itertools.permutations(numbers)
    else:
        sampled = (tuple(chance.sample(numbers, events)) for _ in range(MOST if ALL else FEW))
        orders = itertools.permutations(numbers) if ALL and events <= EVERY_ORDER_UP_TO else sampled
    return itertools.islice(orders, share, None, SHARES)


Play = Callable[[Shop, Record, tuple[int, ...]], None]


def _plays(number: int) -> tuple[Play, ...]:
    """Each order in the telling way, and every fifth in one of the other two in turn."""
    return (_early,) if number % 5 else (_early, (_late, _at_the_end)[number // 5 % 2])


def _early(shop: Shop, record: Record, order: tuple[int, ...]) -> None:
    for place, number in enumerate(order):
        record.as_early_as_may_be(max(order[: place + 1]))()
        deliver(shop.world, number)
        shop.relay()


def _late(shop: Shop, record: Record, order: tuple[int, ...]) -> None:
    for number in order:
        deliver(shop.world, number)
        shop.relay()


def _at_the_end(shop: Shop, record: Record, order: tuple[int, ...]) -> None:
    for number in order:
        deliver(shop.world, number)
