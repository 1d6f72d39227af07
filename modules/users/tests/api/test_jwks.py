import pytest

from modules.users.logic import signing_keys
from modules.users.models import SigningKey


@pytest.mark.parametrize("url", ["/api/v1/users/jwks/", "/.well-known/jwks.json"])
def test_the_public_keys_are_published(client, db, url):
    answer = client.get(url)
    assert answer.status_code == 200
    assert answer.json() == {"keys": [SigningKey.objects.get().public_jwk]}
    assert answer["Cache-Control"] == "public, max-age=60"
    assert "d" not in answer.json()["keys"][0]


def test_two_keys_are_published_while_one_is_rotated(client, db):
    client.get("/api/v1/users/jwks/")
    signing_keys.rotate()
    assert len(client.get("/api/v1/users/jwks/").json()["keys"]) == 2


def test_publishing_takes_no_statement_once_the_keys_are_known(client, db, django_assert_num_queries):
    signing_keys.signing_key()
    with django_assert_num_queries(0):
        client.get("/api/v1/users/jwks/")


def test_an_unchanged_set_is_not_sent_again(client, db):
    tag = client.get("/api/v1/users/jwks/")["ETag"]
    assert client.get("/api/v1/users/jwks/", headers={"If-None-Match": tag}).status_code == 304
