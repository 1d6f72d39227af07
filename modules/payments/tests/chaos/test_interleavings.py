"""Events late, twice, in any order or never, while the scenario goes on and a client asks: it ends the same.

Every run is made of its seed: `SEED=123` in the environment plays that one alone.
"""

import os
import random

import pytest

from modules.payments.tests.chaos.outcomes import outcome
from modules.payments.tests.chaos.scenarios import SCENARIOS, Scenario
from modules.payments.tests.chaos.shop import Shop
from modules.payments.tests.chaos.stages import ALL, reference_of, stage
from modules.payments.tests.chaos.worlds import deliver, world_of

pytestmark = pytest.mark.django_db

RUNS = 10_000 if ALL else 104
# So many tests, each with one scenario after the other's turn; the world of a scenario is opened once in each.
CHUNKS = 130 if ALL else 26
PER_CHUNK = -(-RUNS // CHUNKS)
SEED = os.environ.get("SEED")
SEEDS = [[int(SEED)]] if SEED else [[chunk + CHUNKS * run for run in range(PER_CHUNK)] for chunk in range(CHUNKS)]


class Chaos:
    """What happens beside a scenario's own course."""

    def __init__(self, shop: Shop, scenario: Scenario, chance: random.Random) -> None:
        self.shop, self.scenario, self.chance = shop, scenario, chance
        self.drops = chance.random() < 0.5
        self.delivered: list[int] = []
        self.dropped: set[int] = set()
        # For a failure's report: what was done.
        self.log: list[str] = []

    def happen(self) -> None:
        """Some of what may happen now."""
        for _ in range(self.chance.choice((0, 0, 1, 1, 1, 3))):
            act = self.chance.choice((self._deliver, self._deliver, self._again, self._drop, self._relay, self._poll))
            (self._repeat if self.chance.random() < 0.1 else act)()

    def end(self) -> None:
        """All that was not dropped comes at last; what was is found by comparing with the provider."""
        while self._waiting():
            self._deliver()
            self.happen()
        self.shop.settle()
        if self.dropped:
            self.log.append("reconcile")
            self.shop.reconcile(fix=True)
            self.shop.settle()

    def _waiting(self) -> list[int]:
        gone = self.dropped.union(self.delivered)
        return [number for number in range(self.shop.world.count()) if number not in gone]

    def _deliver(self) -> None:
        if waiting := self._waiting():
            self._send(self.chance.choice(waiting))

    def _again(self) -> None:
        if self.delivered:
            self._send(self.chance.choice(self.delivered))

    def _send(self, number: int) -> None:
        self.log.append(f"event {number} {self.shop.world.event(number).type}")
        deliver(self.shop.world, number)
        self.delivered.append(number)

    def _drop(self) -> None:
        if self.drops and (waiting := self._waiting()):
            number = self.chance.choice(waiting)
            self.log.append(f"drop {number} {self.shop.world.event(number).type}")
            self.dropped.add(number)

    def _relay(self) -> None:
        self.log.append("relay")
        self.shop.relay()

    def _poll(self) -> None:
        self.log.append("poll")
        self.shop.poll()

    def _repeat(self) -> None:
        number = self.chance.randrange(len(self.shop.requests))
        self.log.append(f"request {number} again")
        self.shop.repeat(number)


@pytest.mark.parametrize("seeds", SEEDS, ids=lambda seeds: f"from_{seeds[0]}")
def test_however_events_come_it_ends_the_same(seeds: list[int]) -> None:
    scenario = SCENARIOS[seeds[0] % len(SCENARIOS)]
    # CHUNKS is a multiple of the number of scenarios, so these are all of one.
    assert {seed % len(SCENARIOS) for seed in seeds} == {seeds[0] % len(SCENARIOS)}
    with world_of(scenario.provider) as world:
        expected = reference_of(world, scenario)
        for seed in seeds:
            with stage(world) as shop:
                chaos = Chaos(shop, scenario, random.Random(seed))
                _play(chaos, seed)
                told = f"SEED={seed} {scenario.name}: {'; '.join(chaos.log)}"
                assert outcome(shop) == expected, told
                assert shop.reconcile(fix=False) == [], told


def _play(chaos: Chaos, seed: int) -> None:
    try:
        for _ in chaos.scenario.course(chaos.shop):
            chaos.log.append("|")
            chaos.happen()
        chaos.end()
    except Exception as error:
        error.add_note(f"SEED={seed} {chaos.scenario.name}: {'; '.join(chaos.log)}")
        raise
