"""A customer's address book: at most fifty addresses, of which one is the default to ship to and one to bill to."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from ecommerce.kernel import postal
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Conflict, Invalid, NotFound
from modules.users.logic.tokens import InvalidToken
from modules.users.models import Address, User

MAX_ADDRESSES = 50
DEFAULTS = ("is_default_shipping", "is_default_billing")
REASONS = {"required": "This country's addresses have one.", "invalid": "This country has no such one."}


class AddressNotFound(NotFound):
    """There is no such address in the caller's book."""


class TooManyAddresses(Conflict):
    """An address book has at most 50 addresses: delete one first."""

    code = "too_many_addresses"


class ImpossibleAddress(Invalid):
    """This cannot be an address of its country."""

    code = "impossible_address"


def addresses_of(user_id: UUID) -> QuerySet[Address]:
    """A customer's addresses."""
    return Address.objects.filter(user_id=user_id)


def find_address(*, user_id: UUID, address_id: UUID) -> Address:
    """One address of a customer; AddressNotFound for anyone else's."""
    address = addresses_of(user_id).filter(id=address_id).first()
    if address is None:
        raise AddressNotFound
    return address


def add_address(*, user_id: UUID, **fields: Any) -> Address:
    """Write an address into the book; the first one is the default, unless it says that it is not.

    Refuses what its country's addresses cannot be (ImpossibleAddress), and a fifty-first (TooManyAddresses).
    """
    with _book_of(user_id):
        count = addresses_of(user_id).count()
        if count >= MAX_ADDRESSES:
            raise TooManyAddresses
        defaults = dict.fromkeys(DEFAULTS, count == 0)
        address = Address(user_id=user_id, **defaults | fields)
        _check(address)
        _make_room(address)
        address.save(force_insert=True)
    return address


def change_address(*, user_id: UUID, address_id: UUID, **changes: Any) -> Address:
    """Change what is given of an address; a default takes the place of the one before. Repeating is safe."""
    with _book_of(user_id):
        address = find_address(user_id=user_id, address_id=address_id)
        for name, value in changes.items():
            setattr(address, name, value)
        _check(address)
        _make_room(address)
        if changes:
            address.save(update_fields=list(changes))
    return address


def delete_address(*, user_id: UUID, address_id: UUID) -> None:
    """Take an address out of the book. Refuses one that is not in it."""
    if not addresses_of(user_id).filter(id=address_id).delete()[0]:
        raise AddressNotFound


@contextmanager
def _book_of(user_id: UUID) -> Iterator[None]:
    """One change of a book at a time: its owner's row is locked, so that counts and defaults hold."""
    with atomic(Address):
        owner = User.objects.select_for_update(no_key=True).filter(id=user_id, is_active=True)
        if not owner.values_list("id").first():
            raise InvalidToken
        yield


def _check(address: Address) -> None:
    fields = {name: getattr(address, name) for name in ("country", "postal_code", "region")}
    problems = postal.problems_of(fields) | postal.problems_of_region(fields)
    if problems:
        errors = [{"field": name, "code": why, "detail": REASONS[why]} for name, why in problems.items()]
        raise ImpossibleAddress(errors=errors)


def _make_room(address: Address) -> None:
    for name in DEFAULTS:
        if getattr(address, name):
            addresses_of(address.user_id).exclude(id=address.id).filter(**{name: True}).update(**{name: False})
