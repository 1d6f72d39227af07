import pytest
from django.conf import settings

from modules.notifications.models import Message
from modules.notifications.tests.factories import MessageFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not settings.HAS_USERS, reason="the admin runs where users runs"),
]

MESSAGES = "/admin/notifications/message/"


@pytest.fixture
def staff(admin_user, client):
    client.force_login(admin_user)
    return client


def test_staff_see_a_message_and_may_not_change_it(staff):
    message = MessageFactory.create()
    page = staff.get(f"{MESSAGES}{message.pk}/change/")
    assert page.status_code == 200
    assert "Thank you for order 1001." in page.content.decode()
    assert 'name="_save"' not in page.content.decode()
    assert staff.get(f"{MESSAGES}add/").status_code == 403


def test_staff_find_the_messages_about_an_order(staff):
    message, other = MessageFactory.create(), MessageFactory.create()
    page = staff.get(MESSAGES, {"q": str(message.reference_id)}).content.decode()
    assert str(message.reference_id) in page
    assert str(other.reference_id) not in page
    assert staff.get(MESSAGES, {"q": "no id"}).status_code == 200


def test_staff_send_parked_messages_again(staff, broker):
    message, sent_already = MessageFactory.create(status="parked", next_attempt_at=None), MessageFactory.create()
    chosen = [str(message.pk), str(sent_already.pk)]
    answer = staff.post(MESSAGES, {"action": "replay", "_selected_action": chosen}, follow=True)
    assert "1 to be sent again" in answer.content.decode()
    assert Message.objects.get(pk=message.pk).status == "ready"
    assert message.pk in broker


def test_staff_see_what_an_sms_cost(staff):
    message = MessageFactory.create(
        channel="sms", recipient="owner", address="+4915112345678", segments=2, cost="0.15", cost_currency="USD"
    )
    listed = staff.get(f"{MESSAGES}?channel__exact=sms").content.decode()
    page = staff.get(f"{MESSAGES}{message.pk}/change/").content.decode()
    assert "0.15" in listed
    for shown in ("0.15", "USD", "+4915112345678"):
        assert shown in page
