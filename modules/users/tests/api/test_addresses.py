import pytest

from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import at_once
from modules.users.logic import addresses
from modules.users.logic.addresses import TooManyAddresses
from modules.users.models import Address
from modules.users.tests.factories import UserFactory

URL = "/api/v1/users/me/addresses/"
BERLIN = {
    "full_name": "Ada Lovelace",
    "line1": "Torstraße 1",
    "city": "Berlin",
    "postal_code": "10119",
    "country": "DE",
}
NEW_YORK = {
    "full_name": "Ada Lovelace",
    "company": "Engines Inc.",
    "line1": "350 5th Ave",
    "line2": "Floor 3",
    "city": "New York",
    "region": "NY",
    "postal_code": "10118",
    "country": "US",
    "phone": "+1 212 736 3100",
}


def one(url: str, address: dict) -> str:
    return f"{url}{address['id']}/"


def test_an_address_is_written_read_changed_and_deleted(signed_in, user):
    created = signed_in.post(URL, NEW_YORK)
    assert created.status_code == 201
    expected = NEW_YORK | {"id": created.json()["id"], "is_default_shipping": True, "is_default_billing": True}
    assert created.json() == expected
    url = one(URL, created.json())
    assert signed_in.get(url).json() == expected
    assert signed_in.patch(url, {"line2": "", "full_name": "A. L."}).json() == expected | {
        "line2": "",
        "full_name": "A. L.",
    }
    assert signed_in.delete(url).status_code == 204
    assert signed_in.get(url).status_code == 404
    assert Address.objects.count() == 0


def test_the_list_is_newest_first_and_takes_one_statement(signed_in, user, django_assert_num_queries):
    ids = [signed_in.post(URL, BERLIN).json()["id"] for _ in range(3)]
    with django_assert_num_queries(1):
        answer = signed_in.get(URL).json()
    assert [address["id"] for address in answer["results"]] == ids[::-1]
    assert (answer["next"], answer["previous"]) == (None, None)


def test_nobody_sees_or_changes_another_ones_address(signed_in, user):
    foreign = addresses.add_address(user_id=UserFactory.create().id, **BERLIN)
    url = f"{URL}{foreign.id}/"
    assert signed_in.get(URL).json()["results"] == []
    assert [call(url).status_code for call in (signed_in.get, signed_in.patch, signed_in.delete)] == [404] * 3
    assert Address.objects.get() == foreign


def test_nobody_has_no_address_book(client, db):
    assert [client.get(URL).status_code, client.post(URL, BERLIN).status_code] == [401, 401]


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"postal_code": "1011"}, "postal_code", "invalid"),
        ({"postal_code": ""}, "postal_code", "required"),
        ({"country": "US", "postal_code": "10118"}, "region", "required"),
        ({"country": "US", "postal_code": "10118", "region": "Bavaria"}, "region", "invalid"),
        ({"country": "XX"}, "country", "unknown_country"),
        ({"country": "de"}, "country", "unknown_country"),
        ({"city": ""}, "city", "blank"),
        ({"nickname": "home"}, "nickname", "unknown_field"),
        ({"is_default_shipping": "yes"}, "is_default_shipping", "invalid"),
    ],
)
def test_what_cannot_be_an_address_is_400_and_is_not_written(signed_in, user, changes, field, code):
    answer = signed_in.post(URL, BERLIN | changes)
    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]
    assert Address.objects.count() == 0


def test_a_country_without_postal_codes_needs_none(signed_in, user):
    answer = signed_in.post(URL, BERLIN | {"country": "AO", "city": "Luanda", "postal_code": ""})
    assert answer.status_code == 201


def test_moving_to_another_country_is_judged_as_a_whole(signed_in, user):
    address = signed_in.post(URL, BERLIN).json()
    refused = signed_in.patch(one(URL, address), {"country": "US"})
    assert [(error["field"], error["code"]) for error in refused.json()["errors"]] == [("region", "required")]
    assert Address.objects.get().country == "DE"
    assert signed_in.patch(one(URL, address), {"country": "US", "region": "New York"}).status_code == 200


def test_a_new_default_takes_the_place_of_the_one_before(signed_in, user):
    first = signed_in.post(URL, BERLIN).json()
    second = signed_in.post(URL, BERLIN | {"is_default_shipping": True}).json()
    assert (second["is_default_shipping"], second["is_default_billing"]) == (True, False)
    kept = signed_in.get(one(URL, first)).json()
    assert (kept["is_default_shipping"], kept["is_default_billing"]) == (False, True)
    signed_in.patch(one(URL, first), {"is_default_shipping": True})
    assert signed_in.get(one(URL, second)).json()["is_default_shipping"] is False


def test_the_51st_address_is_409_and_is_not_written(signed_in, user):
    Address.objects.bulk_create(Address(user=user, **BERLIN) for _ in range(49))
    assert signed_in.post(URL, BERLIN).status_code == 201
    answer = signed_in.post(URL, BERLIN)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_addresses")
    assert Address.objects.count() == 50


@pytest.mark.django_db(transaction=True)
def test_of_four_addresses_written_at_once_the_book_takes_as_many_as_it_holds_and_has_one_default():
    user = UserFactory.create()
    Address.objects.bulk_create(Address(user=user, **BERLIN) for _ in range(48))
    results = at_once(*[lambda: addresses.add_address(user_id=user.id, is_default_billing=True, **BERLIN)] * 4)
    assert [type(result) for result in results].count(TooManyAddresses) == 2
    assert (Address.objects.count(), Address.objects.filter(is_default_billing=True).count()) == (50, 1)


def test_an_id_that_is_none_is_404(signed_in, user):
    assert signed_in.get(f"{URL}{new_id()}/").status_code == 404
    assert signed_in.get(f"{URL}nonsense/").status_code == 404


def test_the_book_is_read_a_page_at_a_time_and_no_other_way(signed_in, user):
    ids = [signed_in.post(URL, BERLIN).json()["id"] for _ in range(3)]
    first = signed_in.get(f"{URL}?limit=2").json()
    second = signed_in.get(first["next"]).json()
    assert [address["id"] for address in first["results"] + second["results"]] == ids[::-1]
    assert signed_in.get(second["previous"]).json()["results"] == first["results"]
    for query, code in (
        ("limit=0", "invalid_limit"),
        ("limit=101", "invalid_limit"),
        ("limit=x", "invalid_limit"),
        ("cursor=x", "invalid_cursor"),
        ("country=DE", "unknown_field"),
    ):
        answer = signed_in.get(f"{URL}?{query}")
        assert (answer.status_code, answer.json()["code"]) == (400, code)
