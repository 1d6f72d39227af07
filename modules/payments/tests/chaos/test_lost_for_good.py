"""Events whose loss reconcile does not notice yet: it compares sums, and these leave the sums as they are.

Each is expected to fail. One that passes has been mended: take its event from the scenario's `unseen`, and it goes.
"""

import pytest

from modules.payments.tests.chaos.outcomes import outcome
from modules.payments.tests.chaos.scenarios import SCENARIOS, Scenario
from modules.payments.tests.chaos.stages import reference_of, stage
from modules.payments.tests.chaos.worlds import deliver, world_of

pytestmark = pytest.mark.django_db


@pytest.mark.xfail(strict=True, raises=AssertionError, reason="judge() compares the sums, not how each of them stands")
@pytest.mark.parametrize("scenario", [one for one in SCENARIOS if one.unseen], ids=lambda scenario: scenario.name)
def test_reconcile_makes_up_for_it(scenario: Scenario) -> None:
    with world_of(scenario.provider) as world:
        expected = reference_of(world, scenario)
        with stage(world) as shop:
            heard = 0
            for _ in scenario.course(shop):
                for number in range(heard, world.count()):
                    if world.event(number).type not in scenario.unseen:
                        deliver(world, number)
                heard = world.count()
                shop.relay()
            shop.reconcile(fix=True)
            shop.settle()
            assert outcome(shop) == expected
