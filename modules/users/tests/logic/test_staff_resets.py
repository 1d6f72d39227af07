"""A mailed link alone opens no account of staff that has a second factor."""

import pytest

from modules.users.contracts import LinkPurpose
from modules.users.logic import links, password_changes, sessions
from modules.users.logic.second_factor import SecondFactorRequired
from modules.users.models import SecondFactor, User
from modules.users.tests.authenticator import switched_on
from modules.users.tests.factories import StaffFactory

NEW = "another battery staple"


@pytest.mark.parametrize("email_verified", [True, False])
def test_whoever_reads_the_mail_of_staff_still_needs_their_second_factor(db, clock, network, email_verified):
    clerk = StaffFactory.create(email_verified=email_verified)
    switched_on(clerk, network)
    token = links.make_token(clerk, LinkPurpose.RESET_PASSWORD)
    password_changes.reset_password(token=token, new_password=NEW, network=network)
    with pytest.raises(SecondFactorRequired):
        sessions.sign_in(email=clerk.email, password=NEW, network=network)
    assert SecondFactor.objects.count() == 1
    kept = User.objects.get()
    assert (kept.second_factor_at == clerk.second_factor_at, kept.email_verified) == (True, True)
