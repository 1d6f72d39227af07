"""Each scenario as it goes when nothing goes wrong: where it ends is what every other run is compared with."""

import pytest

from modules.payments.tests.chaos.scenarios import SCENARIOS, Scenario
from modules.payments.tests.chaos.stages import reference_of
from modules.payments.tests.chaos.worlds import world_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_scenario_ends_as_it_is_told(scenario: Scenario) -> None:
    with world_of(scenario.provider) as world:
        reference_of(world, scenario)
