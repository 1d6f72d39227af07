import pytest
from rest_framework.test import APIClient

from ecommerce.kernel.models import OutboxEvent
from ecommerce.kernel.testing import at_once
from modules.users.models import User
from modules.users.tests.factories import PASSWORD

URL = "/api/v1/users/register/"
BODY = {"email": "Ada@Example.com", "password": PASSWORD}


def test_registering_answers_the_user(client, db):
    answer = client.post(
        URL,
        BODY | {"first_name": "Ada", "last_name": "Lovelace", "phone": "+44 20 7946 0000", "accepts_marketing": True},
    )
    assert answer.status_code == 201
    user = User.objects.get()
    assert answer.json() == {
        "id": str(user.id),
        "email": "Ada@Example.com",
        "email_verified": False,
        "first_name": "Ada",
        "last_name": "Lovelace",
        "phone": "+44 20 7946 0000",
        "accepts_marketing": True,
        "is_staff": False,
        "created_at": user.created_at.isoformat().replace("+00:00", "Z"),
    }


def test_address_and_password_are_enough(client, db):
    answer = client.post(URL, BODY).json()
    assert (answer["first_name"], answer["last_name"], answer["phone"]) == ("", "", "")
    assert answer["accepts_marketing"] is False


@pytest.mark.parametrize(("header", "language"), [("de-CH,de;q=0.9", "de"), ("fr", "en"), ("", "en")])
def test_the_shop_writes_in_the_language_of_the_request(client, db, header, language):
    client.post(URL, BODY, headers={"Accept-Language": header})
    assert User.objects.get().language == language


def test_a_taken_address_is_named(client, user):
    answer = client.post(URL, BODY | {"email": user.email.upper()})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["code"] == "email_taken"
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("email", "email_taken")]
    assert User.objects.count() == 1


def test_a_weak_password_is_named_by_its_reasons(client, db):
    answer = client.post(URL, BODY | {"password": "12345"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert {(error["field"], error["code"]) for error in answer.json()["errors"]} == {
        ("password", "password_too_short"),
        ("password", "password_too_common"),
        ("password", "password_entirely_numeric"),
    }
    assert User.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"is_staff": True}, "is_staff", "unknown_field"),
        ({"email_verified": True}, "email_verified", "unknown_field"),
        ({"id": "01936d6e-5a3c-7c3e-9a52-0e7b3b8f9d10"}, "id", "unknown_field"),
        ({"email": "ada"}, "email", "invalid"),
        ({"email": None}, "email", "null"),
        ({"email": "a" * 250 + "@example.com"}, "email", "max_length"),
        ({"password": 1234567890}, "password", "invalid"),
        ({"password": "x" * 257}, "password", "max_length"),
        ({"accepts_marketing": "yes"}, "accepts_marketing", "invalid"),
        ({"first_name": "A" * 151}, "first_name", "max_length"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(client, db, changes, field, code):
    answer = client.post(URL, BODY | changes)
    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]
    assert (User.objects.count(), OutboxEvent.objects.count()) == (0, 0)


def test_registering_is_throttled(network, db, settings):
    settings.RATE_LIMITS = "on"
    client = APIClient(REMOTE_ADDR=network)
    answers = [client.post(URL, {}) for _ in range(21)]
    assert {answer.status_code for answer in answers[:20]} == {400}
    assert answers[20].status_code == 429
    assert int(answers[20]["Retry-After"]) > 0


def test_registering_takes_one_insert_and_two_events(client, db, django_assert_num_queries):
    with django_assert_num_queries(5):  # savepoint and release only under this test's own transaction
        client.post(URL, BODY)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_with_one_address_one_gets_201_and_one_email_taken(client):
    posts = [
        lambda email=email: client.post(URL, BODY | {"email": email}) for email in ("a@example.com", "A@EXAMPLE.COM")
    ]
    answers = at_once(*posts)
    assert sorted((answer.status_code, answer.json().get("code")) for answer in answers) == [
        (201, None),
        (400, "email_taken"),
    ]
    assert User.objects.count() == 1
