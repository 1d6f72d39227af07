"""An export goes (its user is erased, or his account taken over) while a module gives its part."""

from functools import partial

import pytest
from django.conf import settings

from ecommerce.kernel.db import atomic
from modules.users.logic import erasure, exports, takeovers
from modules.users.models import Export, ExportPart, User
from modules.users.tests.factories import PASSWORD, UserFactory
from modules.users.tests.racing import before_commit

pytestmark = pytest.mark.django_db(transaction=True)

OTHERS = settings.EVENT_ROUTES["users.ExportRequested"]


def erase(user, network):
    erasure.erase(user_id=user.id, password=PASSWORD, network=network)


def take_over(user, _network):
    with atomic(User):
        takeovers.take_over(User.objects.select_for_update().get(id=user.id), first_name="Ada", last_name="")


@pytest.mark.parametrize("go", [erase, take_over])
def test_a_part_that_is_given_in_that_moment_goes_too_and_stops_nobody(go, network):
    user = UserFactory.create()
    export = exports.request_export(user_id=user.id)
    give = partial(exports.contribute_to_export, export_id=export.id, module=OTHERS[0], document={"n": [1]})

    assert before_commit(give, partial(go, user, network)) == (None, None)

    assert (Export.objects.count(), ExportPart.objects.count()) == (0, 0)


def test_erased_in_that_moment_he_is_gone(network):
    user = UserFactory.create()
    export = exports.request_export(user_id=user.id)
    give = partial(exports.contribute_to_export, export_id=export.id, module=OTHERS[0], document={"n": [1]})

    before_commit(give, partial(erase, user, network))

    assert User.objects.get().erased_at is not None
