"""An account that was opened under somebody's address before its owner came keeps no way in for whoever opened it."""

import pytest

from ecommerce.kernel.ids import new_id
from modules.users.contracts import LinkPurpose
from modules.users.logic import addresses, identities, links, password_changes
from modules.users.logic.second_factor import SecondFactorRequired
from modules.users.models import Address, Identity, RecoveryCode, SecondFactor, User
from modules.users.tests.authenticator import switched_on
from modules.users.tests.factories import StaffFactory, UserFactory
from modules.users.tests.logic.test_identities import ADA
from modules.users.tests.openid import confirmed

NEW = "another battery staple"
BERLIN = {"full_name": "Eve", "line1": "Torstraße 1", "city": "Berlin", "postal_code": "10119", "country": "DE"}


@pytest.fixture
def planted(db, network) -> User:
    """An account under Ada's address, with an identity, a second factor and an address of somebody else's."""
    user = UserFactory.create(email="ada@example.com")
    Identity.objects.create(user=user, provider="home", issuer="https://elsewhere.example", subject="eve")
    addresses.add_address(user_id=user.id, **BERLIN)
    switched_on(user, network)
    return user


def ways_in() -> tuple[int, int, int]:
    return Identity.objects.count(), SecondFactor.objects.count(), RecoveryCode.objects.count()


def reset(user: User, network: str) -> None:
    token = links.make_token(User.objects.get(id=user.id), LinkPurpose.RESET_PASSWORD)
    password_changes.reset_password(token=token, new_password=NEW, network=network)


def test_a_reset_of_an_address_that_was_never_proven_leaves_no_other_way_in(planted, network):
    reset(planted, network)
    kept = User.objects.get()
    assert ways_in() == (0, 0, 0)
    assert (kept.second_factor_at, kept.email_verified, kept.check_password(NEW)) == (None, True, True)
    assert Address.objects.count() == 1


def test_a_reset_of_a_proven_address_leaves_second_factor_and_identities_alone(planted, network):
    User.objects.update(email_verified=True)
    before = ways_in()
    reset(planted, network)
    kept = User.objects.get()
    assert ways_in() == before
    assert (kept.second_factor_at is None, kept.check_password(NEW)) == (False, True)


def test_whoever_a_provider_vouches_for_takes_over_and_finds_nothing_of_the_other(planted):
    user = identities.recognise(ADA)
    assert user == planted
    assert (SecondFactor.objects.count(), RecoveryCode.objects.count(), Address.objects.count()) == (0, 0, 0)
    assert list(Identity.objects.values_list("subject", flat=True)) == [ADA.subject]
    assert User.objects.get().second_factor_at is None


@pytest.mark.parametrize(("methods", "passes"), [(["pwd", "otp", "mfa"], True), (["pwd"], False), (None, False)])
def test_staff_with_a_second_factor_sign_in_elsewhere_only_if_a_second_one_was_asked_there(
    db, client, network, issuer, methods, passes
):
    clerk = StaffFactory.create(email_verified=True)
    issuer.person = issuer.person | {"email": clerk.email, "email_verified": True, "sub": str(new_id())}
    issuer.claims = {"amr": methods} if methods else {}
    switched_on(clerk, network)
    body = confirmed(client, issuer)
    arguments = {"provider": "home", "network": network, **body}
    if passes:
        assert identities.sign_in(**arguments).access
    else:
        with pytest.raises(SecondFactorRequired):
            identities.sign_in(**arguments)
        assert not clerk.sessions.exists()
