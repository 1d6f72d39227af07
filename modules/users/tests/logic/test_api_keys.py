import hashlib
import re
from datetime import timedelta
from functools import partial
from typing import Any

import jwt
import pytest
from django.db import IntegrityError
from django.db.models import F

from ecommerce.kernel import identity
from ecommerce.kernel.db import atomic
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import at_once
from modules.users.contracts import Scope
from modules.users.logic import accounts, api_keys
from modules.users.logic.api_keys import ApiKeyNotFound, ExpiryPassed, InvalidApiKey
from modules.users.logic.scopes import ScopeNotHeld
from modules.users.models import ApiKey, RoleAssignment, User
from modules.users.tests.conftest import NOON
from modules.users.tests.factories import StaffFactory
from modules.users.tests.rights import a_clerk, a_role, give

HEAD = (Scope.ROLES_WRITE, Scope.CATALOG_READ, Scope.CATALOG_WRITE)
MINUTE = timedelta(minutes=1)


def a_key(owner: User | None = None, *, scopes: tuple[Scope, ...] = (Scope.CATALOG_WRITE,), **fields):
    return api_keys.make_key(actor_id=(owner or a_clerk(*HEAD)).id, name="Scanner", scopes=list(scopes), **fields)


def refused(key: str) -> bool:
    with pytest.raises(InvalidApiKey):
        api_keys.exchange(key=key)
    return True


def test_a_key_is_made_of_a_prefix_and_256_bits_of_which_a_hash_is_kept(db):
    head = a_clerk(*HEAD)
    made = a_key(head)
    match = re.fullmatch(r"shop_([0-9a-f]{12})_([A-Za-z0-9_-]{43})", made.key)
    row = ApiKey.objects.get()
    assert match is not None
    assert (row.prefix, bytes(row.secret_hash)) == (match[1], hashlib.sha256(match[2].encode()).digest())
    assert (row.name, row.scopes, row.created_by_id) == ("Scanner", ["catalog.write"], head.id)
    assert (row.expires_at, row.revoked_at, row.last_used_at) == (None, None, None)


def test_a_key_is_exchanged_for_an_access_token_of_its_own(db, clock):
    made = a_key(scopes=(Scope.CATALOG_WRITE, Scope.CATALOG_READ))
    token = api_keys.exchange(key=made.key)
    caller = identity.verify(token.access)
    assert (caller.id, caller.is_staff, caller.is_api_key) == (made.row.id, True, True)
    assert caller.scopes == {"catalog.read", "catalog.write"}
    assert (caller.session_id, caller.actor_id) == (None, None)
    claims = jwt.decode(token.access, options={"verify_signature": False})
    assert (claims["api_key"], claims["exp"] - claims["iat"], token.expires_in) == (True, 600, 600)


def test_nobody_makes_a_key_that_may_do_more_than_himself(db):
    head = a_clerk(*HEAD)
    with pytest.raises(ScopeNotHeld) as refusal:
        a_key(head, scopes=(Scope.CATALOG_READ, Scope.ORDERS_READ))
    assert refusal.value.details == {"scopes": ["orders.read"]}
    with pytest.raises(ScopeNotHeld) as refusal:
        a_key(a_clerk(Scope.CATALOG_WRITE))
    assert refusal.value.details == {"scopes": ["roles.write"]}
    assert ApiKey.objects.count() == 0


def test_a_key_may_do_no_more_than_its_maker_still_may(db):
    head, shelves = a_clerk(Scope.ROLES_WRITE), a_role(Scope.CATALOG_READ, Scope.CATALOG_WRITE)
    give(head, shelves)
    made = a_key(head, scopes=(Scope.CATALOG_READ, Scope.CATALOG_WRITE))
    shelves.scopes = ["catalog.read"]
    shelves.save()
    assert identity.verify(api_keys.exchange(key=made.key).access).scopes == {"catalog.read"}
    RoleAssignment.objects.filter(role=shelves).delete()
    assert refused(made.key)
    give(head, shelves)
    assert api_keys.exchange(key=made.key)
    accounts.lock(user_ids=[head.id])
    assert refused(made.key)


def test_an_owners_key_may_do_what_it_says_and_not_everything(db):
    made = a_key(StaffFactory.create(), scopes=(Scope.ORDERS_REFUND,))
    assert identity.verify(api_keys.exchange(key=made.key).access).scopes == {"orders.refund"}


@pytest.mark.parametrize(
    "change",
    [
        lambda key: key[:-1] + ("A" if key[-1] != "A" else "B"),
        lambda key: key.rsplit("_", 1)[0] if key.count("_") == 2 else key[:17],
        lambda key: "shop_000000000000_" + key[18:],
        lambda key: key.replace("shop", "shot"),
        lambda _: "shop__",
        lambda _: "",
        lambda _: "_" * 9,
        lambda _: "shop_ä_ü",
    ],
)
def test_what_is_no_key_of_ours_is_refused(db, change):
    made = a_key()
    assert refused(change(made.key))
    assert ApiKey.objects.get().last_used_at is None


def test_a_key_ends_when_it_says_and_no_token_of_it_lives_longer(db, clock):
    made = a_key(expires_at=NOON + timedelta(minutes=15))
    clock.shift(timedelta(minutes=10))
    token = api_keys.exchange(key=made.key)
    assert token.expires_in == 300
    clock.shift(timedelta(minutes=5))
    assert refused(made.key)
    clock.shift(identity.LEEWAY_SECONDS + 1)
    with pytest.raises(identity.BadToken):
        identity.verify(token.access)


def test_no_key_is_made_that_has_expired_already(db, clock):
    with pytest.raises(ExpiryPassed) as refusal:
        a_key(expires_at=NOON)
    assert refusal.value.details["errors"][0]["field"] == "expires_at"
    assert ApiKey.objects.count() == 0


def test_a_revoked_key_is_refused_and_stays_revoked(db, clock):
    head = a_clerk(*HEAD)
    made = a_key(head)
    api_keys.revoke_key(actor_id=head.id, key_id=made.row.id)
    clock.shift(60)
    api_keys.revoke_key(actor_id=head.id, key_id=made.row.id)
    assert ApiKey.objects.get().revoked_at == NOON
    assert refused(made.key)


def test_anothers_key_that_may_do_more_is_not_revoked_but_ones_own_always_is(db):
    head, shelves = a_clerk(Scope.ROLES_WRITE), a_role(Scope.CATALOG_WRITE)
    give(head, shelves)
    own, anothers = a_key(head), a_key(StaffFactory.create(), scopes=(Scope.ORDERS_REFUND,))
    RoleAssignment.objects.filter(role=shelves).delete()
    with pytest.raises(ScopeNotHeld) as refusal:
        api_keys.revoke_key(actor_id=head.id, key_id=anothers.row.id)
    assert refusal.value.details == {"scopes": ["orders.refund"]}
    api_keys.revoke_key(actor_id=head.id, key_id=own.row.id)
    with pytest.raises(ApiKeyNotFound):
        api_keys.revoke_key(actor_id=head.id, key_id=new_id())
    assert set(ApiKey.objects.filter(revoked_at=None)) == {anothers.row}


def test_its_use_is_noted_once_a_minute(db, clock):
    made = a_key()
    for seconds, noted in ((0, NOON), (59, NOON), (1, NOON + MINUTE)):
        clock.shift(seconds)
        api_keys.exchange(key=made.key)
        assert ApiKey.objects.get().last_used_at == noted


def test_exchanging_takes_two_statements_and_once_a_minute_a_third(db, django_assert_num_queries):
    made = a_key()
    api_keys.exchange(key=made.key)
    with django_assert_num_queries(2):
        api_keys.exchange(key=made.key)
    ApiKey.objects.update(last_used_at=None)
    with django_assert_num_queries(3):
        api_keys.exchange(key=made.key)


def test_the_database_refuses_what_is_no_key(db):
    made = a_key()
    breaches: list[dict[str, Any]] = [{"scopes": []}, {"scopes": ["*"]}, {"name": ""}, {"expires_at": F("created_at")}]
    for changes in breaches:
        with pytest.raises(IntegrityError), atomic(ApiKey):
            ApiKey.objects.filter(id=made.row.id).update(**changes)


@pytest.mark.django_db(transaction=True)
def test_no_token_of_a_key_that_is_used_while_it_is_revoked_outlives_a_denial():
    head = a_clerk(*HEAD)
    for _ in range(3):
        made = a_key(head)
        used, _ = at_once(
            partial(api_keys.exchange, key=made.key),
            partial(api_keys.revoke_key, actor_id=head.id, key_id=made.row.id),
        )
        revoked_at = ApiKey.objects.get(id=made.row.id).revoked_at
        if not isinstance(used, InvalidApiKey):
            claims = jwt.decode(used.access, options={"verify_signature": False})
            assert revoked_at is not None
            assert claims["exp"] <= revoked_at.timestamp() + 600
        assert refused(made.key)
