import pytest
from rest_framework.test import APIClient

from ecommerce.kernel import identity
from ecommerce.kernel.ids import new_id
from ecommerce.kernel.testing import at_once
from modules.users.logic import accounts, identities, sessions
from modules.users.models import Identity, RefreshSession, User
from modules.users.tests.factories import UserFactory
from modules.users.tests.openid import IDENTITIES, confirmed, link, sign_in


def bearer(client: APIClient, access: str) -> APIClient:
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
    return client


@pytest.fixture
def newcomer(client, issuer, db) -> APIClient:
    """Signed in elsewhere only: without a password."""
    return bearer(client, sign_in(client, issuer).json()["access"])


def test_linking_answers_the_identity_and_lists_it(signed_in, user, issuer):
    answer = link(signed_in, issuer)
    row = Identity.objects.get()
    assert answer.status_code == 200
    assert answer.json() == {
        "id": str(row.id),
        "provider": "home",
        "created_at": row.created_at.isoformat().replace("+00:00", "Z"),
    }
    assert row.user == user
    assert signed_in.get(IDENTITIES).json() == {"results": [answer.json()], "next": None, "previous": None}


def test_who_was_linked_signs_in_whatever_address_the_provider_tells(signed_in, user, issuer):
    issuer.person |= {"email": "private@example.com", "email_verified": False}
    link(signed_in, issuer)
    answer = sign_in(APIClient(), issuer)
    assert identity.verify(answer.json()["access"]).id == user.id
    assert User.objects.count() == 1


def test_linking_needs_no_address(signed_in, user, issuer):
    del issuer.person["email"]
    assert link(signed_in, issuer).status_code == 200


def test_linking_again_changes_nothing(signed_in, issuer):
    assert link(signed_in, issuer).json() == link(signed_in, issuer).json()
    assert Identity.objects.count() == 1


def test_somebody_elses_identity_is_refused(signed_in, issuer):
    other = UserFactory.create()
    Identity.objects.create(user=other, provider="home", issuer=issuer.url, subject=issuer.person["sub"])
    answer = link(signed_in, issuer)
    assert (answer.status_code, answer.json()["code"]) == (409, "identity_taken")
    assert Identity.objects.get().user == other


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"state": "another"}, 400, "invalid_state"),
        ({"binding": "another"}, 400, "invalid_state"),
        ({"code": "another"}, 401, "invalid_identity"),
        ({"provider": "another"}, 404, "not_found"),
        ({"user_id": "another"}, 400, "unknown_field"),
    ],
)
def test_what_does_not_hold_links_nothing(signed_in, issuer, changes, status, code):
    answer = signed_in.post(IDENTITIES, confirmed(signed_in, issuer) | {"provider": "home"} | changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Identity.objects.count() == 0


def test_nobody_has_no_identities(client, issuer, db):
    for answer in (client.get(IDENTITIES), link(client, issuer), client.delete(f"{IDENTITIES}{new_id()}/")):
        assert answer.status_code == 401
    assert issuer.times("/token") == 0


def test_everybody_sees_his_own(signed_in, user, issuer, django_assert_num_queries):
    Identity.objects.create(user=UserFactory.create(), provider="home", issuer=issuer.url, subject="1")
    with django_assert_num_queries(1):
        assert signed_in.get(IDENTITIES).json() == {"results": [], "next": None, "previous": None}


def test_an_identity_is_unlinked_where_a_password_is_left(signed_in, issuer):
    linked = link(signed_in, issuer).json()
    answer = signed_in.delete(f"{IDENTITIES}{linked['id']}/")
    assert (answer.status_code, answer.content) == (204, b"")
    assert Identity.objects.count() == 0
    again = signed_in.delete(f"{IDENTITIES}{linked['id']}/")
    assert (again.status_code, again.json()["code"]) == (404, "not_found")


def test_the_only_way_in_is_kept(newcomer):
    answer = newcomer.delete(f"{IDENTITIES}{Identity.objects.get().id}/")
    assert (answer.status_code, answer.json()["code"]) == (409, "last_way_in")
    assert Identity.objects.count() == 1


def test_one_of_two_identities_may_go_unless_the_other_serves_no_more(newcomer, issuer, settings):
    settings.OIDC_PROVIDERS = [issuer.provider()]
    first = Identity.objects.get()
    second = Identity.objects.create(user=first.user, provider="gone", issuer="https://gone.example", subject="1")
    assert newcomer.delete(f"{IDENTITIES}{first.id}/").status_code == 409
    assert newcomer.delete(f"{IDENTITIES}{second.id}/").status_code == 204


def test_nobody_unlinks_anothers_identity(signed_in, issuer):
    others = Identity.objects.create(user=UserFactory.create(), provider="home", issuer=issuer.url, subject="1")
    assert signed_in.delete(f"{IDENTITIES}{others.id}/").status_code == 404
    assert Identity.objects.count() == 1


def test_an_access_token_whose_session_has_ended_opens_no_way_in(signed_in, user, issuer):
    """Else whoever was put out would have ten minutes to come back for good."""
    kept = Identity.objects.create(user=user, provider="home", issuer=issuer.url, subject="1")
    sessions.revoke_all(user_ids=[user.id])
    for answer in (link(signed_in, issuer), signed_in.delete(f"{IDENTITIES}{kept.id}/")):
        assert (answer.status_code, answer.json()["code"]) == (401, "token_revoked")
    assert list(Identity.objects.all()) == [kept]


def test_a_locked_account_is_linked_no_more(signed_in, user, issuer):
    body = confirmed(signed_in, issuer) | {"provider": "home"}
    accounts.lock(user_ids=[user.id])
    assert signed_in.post(IDENTITIES, body).status_code == 401
    assert Identity.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_identities_that_are_unlinked_at_once_one_is_left(newcomer, issuer):
    first = Identity.objects.get()
    second = Identity.objects.create(user=first.user, provider="home", issuer=issuer.url, subject="2")
    session = RefreshSession.objects.get()

    def unlink(row: Identity) -> None:
        identities.unlink(user_id=row.user_id, session_id=session.id, identity_id=row.id)

    results = at_once(lambda: unlink(first), lambda: unlink(second))
    assert sorted(type(result).__name__ for result in results) == ["LastWayIn", "NoneType"]
    assert Identity.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_accounts_that_link_one_identity_at_once_one_has_it(issuer, network, sign_in):
    callers = [bearer(APIClient(REMOTE_ADDR=network), sign_in(UserFactory.create()).access) for _ in range(2)]
    bodies = [confirmed(caller, issuer) | {"provider": "home"} for caller in callers]
    answers = at_once(*[lambda c=c, b=b: c.post(IDENTITIES, b) for c, b in zip(callers, bodies, strict=True)])
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert Identity.objects.count() == 1


def test_identities_are_listed_oldest_first_a_page_at_a_time(signed_in, user, issuer):
    # Ids of one millisecond are in no order of time; the list's is theirs.
    ids = sorted(
        str(Identity.objects.create(user=user, provider="home", issuer=issuer.url, subject=str(number)).id)
        for number in range(3)
    )
    first = signed_in.get(f"{IDENTITIES}?limit=2").json()
    second = signed_in.get(first["next"]).json()
    assert [one["id"] for one in first["results"] + second["results"]] == ids
    assert second["next"] is None
    assert signed_in.get(f"{IDENTITIES}?provider=home").json()["code"] == "unknown_field"
