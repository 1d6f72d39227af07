"""Accounts to test with."""

from functools import cache

from django.contrib.auth.hashers import make_password
from factory.declarations import LazyFunction, Sequence
from factory.django import DjangoModelFactory

from modules.users.models import User

PASSWORD = "correct horse battery staple"


@cache
def hashed() -> str:
    """Made once: hashing is slow on purpose."""
    return make_password(PASSWORD)


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    email = Sequence(lambda n: f"ada{n}@example.com")
    first_name = "Ada"
    last_name = "Lovelace"
    password = LazyFunction(hashed)
    language = "en"


class StaffFactory(UserFactory):
    email = Sequence(lambda n: f"staff{n}@example.com")
    is_staff = True
    is_superuser = True
