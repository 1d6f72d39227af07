import pytest

from ecommerce.kernel import identity
from modules.users.logic import demonstration, sessions
from modules.users.models import SigningKey, User


def seed() -> dict[str, int]:
    return demonstration.seed(500, 1, lambda *_: None)


@pytest.fixture
def development(settings):
    settings.DEBUG = True


def test_the_demonstration_shop_has_staff_and_a_customer_who_can_sign_in(db, development, network):
    assert demonstration.SEEDER.is_empty()
    assert seed() == {"users": 2}
    assert not demonstration.SEEDER.is_empty()
    staff = sessions.sign_in(email="staff@example.com", password="staff-demo-password", network=network)
    customer = sessions.sign_in(email="customer@example.com", password="customer-demo-password", network=network)
    assert identity.verify(staff.access).may("anything") is True
    assert identity.verify(customer.access).is_staff is False


def test_seeding_again_adds_nothing(db, development):
    seed()
    assert seed() == {"users": 0}
    assert (User.objects.count(), SigningKey.objects.count()) == (2, 1)


def test_without_debug_it_is_refused_and_nothing_is_made(db, settings):
    settings.DEBUG = False
    with pytest.raises(demonstration.DemonstrationRefused):
        seed()
    assert (User.objects.count(), SigningKey.objects.count()) == (0, 0)
