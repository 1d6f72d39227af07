import pytest

from modules.users.logic.openid.claims import Person, person
from modules.users.logic.openid.providers import Provider

PROFILE = {"email": "ada@example.com", "email_verified": True}


def read(trusts_email: bool = True, **profile: object) -> Person:
    provider = Provider(
        id="home",
        title="Home",
        issuer="https://login.example",
        client_id="shop",
        client_secret="secret",
        redirect_uris=(),
        trusts_email=trusts_email,
    )
    return person(provider, {"sub": "ada"}, PROFILE | profile)


@pytest.mark.parametrize("said", [True, "true"])
def test_an_address_is_vouched_for_that_the_provider_calls_verified(said):
    assert read(email_verified=said).vouched is True


@pytest.mark.parametrize("said", [False, "false", None, "yes", 0, [], {}])
def test_an_address_is_not_vouched_for_otherwise(said):
    assert read(email_verified=said).vouched is False


def test_an_address_is_not_vouched_for_by_who_is_not_trusted_with_it():
    assert read(trusts_email=False).vouched is False


@pytest.mark.parametrize(
    "email", [None, "", 7, ["a@b.example"], {}, "ada", "a@b", "ada@example.com\0", "a" * 250 + "@b.example"]
)
def test_what_is_no_address_is_none(email):
    read_person = read(email=email)
    assert (read_person.email, read_person.vouched) == ("", False)


def test_letters_that_fold_to_others_are_not_vouched_for():
    """PostgreSQL's lower() takes the Kelvin sign for k, so this would find the account of kelvin.example."""
    person = read(email="ada@\u212aelvin.example")
    assert person.vouched is False


@pytest.mark.parametrize(
    ("claims", "first_name", "last_name"),
    [
        ({"given_name": "Ada", "family_name": "Lovelace"}, "Ada", "Lovelace"),
        ({"name": "Ada Lovelace"}, "Ada Lovelace", ""),
        ({"given_name": " A\0d\x1ba\ud800 ", "family_name": "L" * 200}, "Ada", "L" * 150),
        ({"given_name": ["Ada"], "family_name": 7}, "", ""),
        ({"given_name": "Zoë", "family_name": "می\u200cخواهم"}, "Zoë", "می\u200cخواهم"),
        ({}, "", ""),
    ],
)
def test_names_are_taken_as_far_as_they_can_be_kept(claims, first_name, last_name):
    person = read(**claims)
    assert (person.first_name, person.last_name) == (first_name, last_name)


@pytest.mark.parametrize(
    ("locale", "language"),
    [("de", "de"), ("de-CH", "de"), ("ru_RU", "ru"), ("fr", "en"), (None, "en"), (7, "en"), ("x" * 600, "en")],
)
def test_the_language_is_one_of_the_shops(locale, language):
    assert read(locale=locale).language == language
