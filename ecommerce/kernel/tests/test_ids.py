from datetime import UTC, datetime

import pytest
import time_machine

from ecommerce.kernel.events import Announcement, announcement, handling
from ecommerce.kernel.ids import first_id, moment_of, new_id


def test_an_id_knows_when_it_was_made():
    moment = datetime(2026, 11, 28, 12, 0, 0, 123000, tzinfo=UTC)
    with time_machine.travel(moment, tick=False):
        assert moment_of(new_id()) == moment
    assert moment_of(first_id(moment)) == moment


def test_outside_of_a_handler_there_is_no_announcement():
    with pytest.raises(LookupError):
        announcement()
    inner = Announcement(event_id=new_id(), position=1)
    with handling(inner):
        assert announcement() == inner
    with pytest.raises(LookupError):
        announcement()
