"""Somebody has an account: signs in, keeps addresses, looks after passwords and sessions."""

from typing import Any
from uuid import uuid4

import pytest

from tests.journeys.buyer import ADDRESS, Buyer

pytestmark = pytest.mark.xdist_group("journeys")

PASSWORD, NEW_PASSWORD = "a long enough pass phrase", "another long pass phrase"


def register(buyer: Buyer) -> str:
    email = f"{uuid4().hex}@example.com"
    answer = buyer.post("/users/register/", {"email": email, "password": PASSWORD, "first_name": "Ada"})
    assert answer.status_code == 201, answer.text
    buyer.sign_in(email, PASSWORD)
    return email


def test_a_customer_keeps_an_address_book(buyer: Buyer) -> None:
    register(buyer)

    first: Any = buyer.post("/users/me/addresses/", ADDRESS).json()
    second: Any = buyer.post("/users/me/addresses/", ADDRESS | {"is_default_shipping": True}).json()

    book = buyer.get("/users/me/addresses/")["results"]
    assert [address["id"] for address in book] == [second["id"], first["id"]]
    assert [address["is_default_shipping"] for address in book] == [True, False]


def test_a_customer_changes_the_password_and_other_devices_are_signed_out(buyer: Buyer) -> None:
    email = register(buyer)
    elsewhere = buyer.post("/users/token/", {"email": email, "password": PASSWORD}).json()

    changed = buyer.post("/users/password/change/", {"current_password": PASSWORD, "new_password": NEW_PASSWORD})

    assert changed.status_code == 204
    assert len(buyer.get("/users/me/sessions/")["results"]) == 1
    refused = buyer.post("/users/token/refresh/", {"refresh": elsewhere["refresh"]})
    assert (refused.status_code, refused.json()["code"]) == (401, "token_revoked")
    assert buyer.post("/users/token/", {"email": email, "password": PASSWORD}).status_code == 401
    buyer.sign_in(email, NEW_PASSWORD)


def test_a_second_tab_gets_the_same_pair_and_signing_out_ends_both(buyer: Buyer) -> None:
    email = register(buyer)
    pair = buyer.post("/users/token/", {"email": email, "password": PASSWORD}).json()

    tabs = [buyer.post("/users/token/refresh/", {"refresh": pair["refresh"]}).json() for _ in range(2)]

    assert tabs[0]["refresh"] == tabs[1]["refresh"]
    assert buyer.post("/users/token/revoke/", {"refresh": tabs[0]["refresh"]}).status_code == 204
    ended = buyer.post("/users/token/refresh/", {"refresh": tabs[0]["refresh"]})
    assert (ended.status_code, ended.json()["code"]) == (401, "token_revoked")
