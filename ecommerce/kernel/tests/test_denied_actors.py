"""Who is denied acts as nobody else either."""

import pytest
from rest_framework.test import APIRequestFactory

from ecommerce.kernel import denials, identity
from ecommerce.kernel.identity import Principal
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.rest.authentication import BearerAuthentication, InvalidToken


def test_the_token_of_a_customer_ends_with_the_member_of_staff_who_acts_by_it(monkeypatch):
    staff = new_id()
    caller = Principal(id=new_id(), actor_id=staff)
    monkeypatch.setattr(denials._Pause, "until", 0.0)
    monkeypatch.setattr(identity, "verify", lambda token: caller)
    request = APIRequestFactory().get("/", headers={"Authorization": "Bearer whatever"})
    assert BearerAuthentication().authenticate(request) == (caller, None)
    denials.deny(staff)
    with pytest.raises(InvalidToken):
        BearerAuthentication().authenticate(request)
