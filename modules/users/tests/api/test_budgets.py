"""How many statements signing in, going on and looking at oneself may cost, besides BEGIN and COMMIT."""

import re
from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from ecommerce.kernel.testing import statements
from modules.users.contracts import Scope
from modules.users.logic import sessions
from modules.users.models import User
from modules.users.tests.authenticator import Authenticator, switched_on
from modules.users.tests.factories import PASSWORD, UserFactory
from modules.users.tests.rights import a_clerk

pytestmark = pytest.mark.django_db(transaction=True)

USERS = "/api/v1/users/"
THE_SESSIONS_WRITE = re.compile(r'INSERT INTO "users_refreshsession"')

Make = Callable[[], User]


def customer() -> User:
    return UserFactory.create()


def clerk() -> User:
    return a_clerk(Scope.ORDERS_READ, Scope.ORDERS_WRITE)


def with_a_factor(make: Make, clock, network: str) -> tuple[User, Authenticator]:
    user = make()
    app = switched_on(user, network)
    clock.shift(60)
    return user, app


def signed_in(client: APIClient, user: User, code: str | None = None) -> list[str]:
    """The statements of signing in, but for the session's own row."""
    # The signing keys are read twice a minute at most, whoever calls.
    sessions.sign_in(email=UserFactory.create().email, password=PASSWORD, network="192.0.2.1")
    body = {"email": user.email, "password": PASSWORD} | ({"code": code} if code else {})
    with statements() as sql:
        assert client.post(f"{USERS}token/", body).status_code == 200
    besides = [one for one in sql if not THE_SESSIONS_WRITE.match(one)]
    assert len(sql) - len(besides) == 1
    return besides


@pytest.mark.parametrize(("make", "cost"), [(customer, 2), (clerk, 3)])
def test_signing_in_costs_at_most_3_statements_besides_the_sessions_write(clock, client, make, cost):
    sql = signed_in(client, make())
    assert len(sql) == cost, "\n".join(sql)


@pytest.mark.parametrize(("make", "cost"), [(customer, 3), (clerk, 4)])
def test_a_second_factor_costs_one_statement_more_which_uses_up_its_code(clock, client, network, make, cost):
    user, app = with_a_factor(make, clock, network)
    sql = signed_in(client, user, app.code())
    assert len(sql) == cost, "\n".join(sql)
    assert [one for one in sql if one.startswith('UPDATE "users_secondfactor"')] == [sql[1]]


@pytest.mark.parametrize("known", [True, False])
def test_a_refused_sign_in_costs_one_statement_whether_the_address_is_known_or_not(client, known):
    email = customer().email if known else "nobody@example.com"
    with statements() as sql:
        assert client.post(f"{USERS}token/", {"email": email, "password": "wrong"}).status_code == 401
    assert len(sql) == 1, "\n".join(sql)


@pytest.mark.parametrize("has_factor", [False, True])
@pytest.mark.parametrize(("make", "cost"), [(customer, 2), (clerk, 3)])
def test_refreshing_costs_at_most_3_statements(clock, client, network, make, cost, has_factor):
    user, app = with_a_factor(make, clock, network) if has_factor else (make(), None)
    code = app.code() if app else None
    pair = sessions.sign_in(email=user.email, password=PASSWORD, network=network, code=code)
    with statements() as sql:
        assert client.post(f"{USERS}token/refresh/", {"refresh": pair.refresh}).status_code == 200
    assert len(sql) == cost, "\n".join(sql)


@pytest.mark.parametrize("make", [customer, clerk])
def test_looking_at_oneself_costs_one_statement(clock, client, network, make):
    pair = sessions.sign_in(email=make().email, password=PASSWORD, network=network)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {pair.access}")
    # The keys that verify are read once an hour.
    client.get(f"{USERS}me/")
    with statements() as sql:
        assert client.get(f"{USERS}me/").status_code == 200
    assert len(sql) == 1, "\n".join(sql)
