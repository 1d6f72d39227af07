from datetime import timedelta

import pytest

from ecommerce.kernel.ids import new_id
from modules.users.contracts import LinkPurpose
from modules.users.logic import accounts, links
from modules.users.logic.links import InvalidLink
from modules.users.models import User
from modules.users.tests.factories import UserFactory

VERIFY, RESET = LinkPurpose.VERIFY_EMAIL, LinkPurpose.RESET_PASSWORD


@pytest.mark.parametrize("purpose", LinkPurpose)
def test_a_token_names_its_user_and_serves_its_purpose_only(user, purpose):
    token = links.make_token(user, purpose)
    other = RESET if purpose == VERIFY else VERIFY
    assert links.user_of(token, purpose) == user
    with pytest.raises(InvalidLink):
        links.user_of(token, other)


@pytest.mark.parametrize(("purpose", "lives"), [(VERIFY, timedelta(days=3)), (RESET, timedelta(hours=1))])
def test_a_token_lives_as_long_as_it_should(clock, user, purpose, lives):
    token = links.make_token(user, purpose)
    clock.shift(lives - timedelta(seconds=1))
    assert links.user_of(token, purpose) == user
    clock.shift(timedelta(seconds=1))
    with pytest.raises(InvalidLink):
        links.user_of(token, purpose)


def test_a_token_dies_with_the_password_and_with_the_address(user):
    tokens = [links.make_token(user, purpose) for purpose in LinkPurpose]
    User.objects.update(email="elsewhere@example.com")
    for token, purpose in zip(tokens, LinkPurpose, strict=True):
        with pytest.raises(InvalidLink):
            links.user_of(token, purpose)
    User.objects.update(email=user.email, password="another")
    for token, purpose in zip(tokens, LinkPurpose, strict=True):
        with pytest.raises(InvalidLink):
            links.user_of(token, purpose)


def test_a_locked_account_has_no_tokens(user):
    token = links.make_token(user, RESET)
    accounts.lock(user_ids=[user.id])
    with pytest.raises(InvalidLink):
        links.user_of(token, RESET)


def test_an_altered_token_is_refused(user):
    token = links.make_token(user, RESET)
    other = links.make_token(UserFactory.create(), RESET)
    head, _, signature = token.partition(".")
    another_letter = "B" if signature[0] == "A" else "A"
    for forged in (
        f"{head}.{another_letter}{signature[1:]}",
        f"{other.partition('.')[0]}.{signature}",
        head,
        f"{head}.",
        f".{signature}",
        "",
        "ä.ö",
        "AAAA.AAAA",
        f"{'_' * 28}.{signature}",
        str(new_id()),
    ):
        with pytest.raises(InvalidLink):
            links.user_of(forged, RESET)
