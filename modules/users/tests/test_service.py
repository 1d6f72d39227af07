from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest

from ecommerce.kernel import parcels
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import far_end
from modules.users import remote, service
from modules.users.contracts import Contact, ExportNotFound, LinkNotWanted, LinkPurpose
from modules.users.logic import accounts, erasure, exports, links
from modules.users.models import ExportPart, User
from modules.users.tests.factories import PASSWORD, UserFactory


@pytest.fixture(params=["near", "far"])
def either_end(request, db) -> Iterator[None]:
    with far_end(service, remote) if request.param == "far" else nullcontext():
        yield


def test_contacts_are_told_in_one_answer_and_the_unknown_are_left_out(either_end):
    ada, grace = UserFactory.create(email_verified=True), UserFactory.create(first_name="Grace", language="de")
    User.objects.filter(id=ada.id).update(phone="+49 30 901820")
    UserFactory.create()
    contacts = service.get_contacts(ids=[grace.id, new_id(), ada.id])
    expected = [
        Contact(
            user_id=ada.id,
            email=ada.email,
            email_verified=True,
            first_name="Ada",
            last_name="Lovelace",
            language="en",
            phone="+49 30 901820",
        ),
        Contact(
            user_id=grace.id,
            email=grace.email,
            email_verified=False,
            first_name="Grace",
            last_name="Lovelace",
            language="de",
        ),
    ]
    assert contacts == sorted(expected, key=lambda contact: contact.user_id)


def test_nobody_is_asked_for_nobody(either_end):
    assert service.get_contacts(ids=[]) == []


def test_contacts_take_one_statement(db, django_assert_num_queries):
    users = [UserFactory.create() for _ in range(3)]
    with django_assert_num_queries(1):
        service.get_contacts(ids=[user.id for user in users])


def test_accounts_are_found_by_their_addresses_whatever_the_case(either_end):
    ada, grace = UserFactory.create(email="ada@example.com"), UserFactory.create(email="Grace@Example.com")
    UserFactory.create(email="adam@example.com")

    found = service.find_contacts(emails=["ADA@example.com ", "grace@example.com", "nobody@example.com", "\0@b.c", "%"])

    assert [contact.user_id for contact in found] == sorted([ada.id, grace.id])
    assert {contact.email for contact in found} == {"ada@example.com", "Grace@Example.com"}
    assert service.find_contacts(emails=[]) == []


def test_who_was_erased_is_found_no_more(either_end):
    ada = UserFactory.create(email="ada@example.com")
    erasure.erase(user_id=ada.id, password=PASSWORD, network="192.0.2.1")
    ada.refresh_from_db()

    assert service.find_contacts(emails=["ada@example.com", ada.email]) == []


def test_finding_by_address_takes_one_statement_that_an_index_serves(db, django_assert_num_queries):
    emails = [UserFactory.create().email for _ in range(3)]

    with django_assert_num_queries(1) as captured:
        service.find_contacts(emails=emails)

    assert 'LOWER("users_user"."email") IN (LOWER(' in captured.captured_queries[0]["sql"]


@pytest.mark.parametrize("purpose", LinkPurpose)
def test_a_link_is_for_the_accounts_own_address_and_opens_it(either_end, settings, purpose):
    settings.STOREFRONT_URL = "https://shop.example"
    ada = UserFactory.create(language="de")
    link = service.get_account_link(user_id=ada.id, purpose=purpose)
    page, _, token = link.url.partition("?token=")
    assert (link.email, link.language) == (ada.email, "de")
    assert page == f"https://shop.example/{links.PAGES[purpose]}/"
    assert links.user_of(token, purpose) == ada


def test_nobody_needs_a_link_to_verify_what_is_verified_or_to_an_account_that_is_closed(either_end):
    verified, locked = UserFactory.create(email_verified=True), UserFactory.create()
    accounts.lock(user_ids=[locked.id])
    for user_id, purpose in (
        (verified.id, LinkPurpose.VERIFY_EMAIL),
        (locked.id, LinkPurpose.RESET_PASSWORD),
        (new_id(), LinkPurpose.RESET_PASSWORD),
    ):
        with pytest.raises(LinkNotWanted):
            service.get_account_link(user_id=user_id, purpose=purpose)


def test_a_contribution_is_kept_once_and_refused_for_an_unknown_export(either_end):
    export = exports.request_export(user_id=UserFactory.create().id)
    part: dict[str, Any] = {
        "export_id": export.id,
        "module": "orders",
        "document": {"orders": [{"total": {"amount": "1.00"}}]},
    }
    for _ in range(2):
        service.contribute_to_export(**part)
    service.contribute_to_export(**part | {"module": "cart"}, parcel=0, is_last=False)
    parts = ExportPart.objects.filter(export=export).order_by("module").values_list("module", "parcel", "is_last")
    assert list(parts) == [("cart", 0, False), ("orders", 0, True), ("users", 0, True)]
    with pytest.raises(ExportNotFound):
        service.contribute_to_export(**part | {"export_id": new_id()})


def test_a_parcel_as_large_as_they_are_made_arrives(either_end):
    export = exports.request_export(user_id=UserFactory.create().id)
    text = "\N{EURO SIGN}" * (parcels.LARGEST_BYTES // 3)
    service.contribute_to_export(export_id=export.id, module="orders", document={"texts": [text]})
    assert ExportPart.objects.filter(export=export, module="orders").count() == 1
