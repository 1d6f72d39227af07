"""Erasing an account at its owner's wish.

What is left is a row that names nobody, because orders and the books go on referring to its id; every other row that
refers to it is gone, whoever adds the table. One row is made: the address that is told of it (farewells), until it is
told or the erasure is closed. The other modules hear UserErased and do the same with what is theirs:
at once, and again when no access token can be out any more, so that a request which was under way leaves nothing.
"""

from uuid import UUID

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db import models
from django.db.models import ManyToOneRel, Q

from ecommerce.kernel import clock, denials
from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Conflict
from ecommerce.kernel.events import publish
from modules.users.events import UserErased
from modules.users.logic import api_keys, farewells, impersonation, reauthentication
from modules.users.logic.reauthentication import WrongPassword
from modules.users.models import ERASED_AT, LinkRequest, User


class LastSuperuser(Conflict):
    """Nobody else can run this shop: make somebody else a superuser first."""

    code = "last_superuser"


def erase(*, user_id: UUID, password: str, network: str) -> None:
    """Erase the caller's account. Refuses a wrong password (counted like a sign-in), and the shop's last superuser.

    Of two at once one erases and both are answered alike; later the account is one that nobody may use.
    """
    user = reauthentication.confirm_password(user_id=user_id, password=password, network=network)
    with atomic(User):
        keys = _erase(user)
    # The keys are gone with the account; tokens that these were given are not.
    for subject in (user_id, *keys):
        denials.deny(subject)


def close_erased() -> int:
    """Announce once more, and for the last time, who was erased when some token of his might still have been in use.

    Repeating is safe. Returns how many.
    """
    before = clock.now() - 2 * settings.ACCESS_TOKEN_LIFETIME
    due = User.objects.filter(erased_at__lt=before, erasure_closed_at=None).order_by("erased_at")
    return sum(_close(user_id) for user_id in list(due.values_list("id", flat=True)))


def _erase(seen: User) -> list[UUID]:
    """Do it, and return the ids of the API keys that went with the account."""
    user = _locked(seen)
    if user.erased_at is not None:
        return []
    # Hashing took a while: the account may have been locked meanwhile, or given another password.
    if not user.is_active or user.password != seen.password:
        raise WrongPassword
    # These know him by his address or his id alone.
    impersonation.forget_reasons(user_id=user.id)
    LinkRequest.objects.filter(email__iexact=user.email).delete()
    # Asked under the account's lock: nobody makes another one now.
    keys = api_keys.keys_of([user.id])
    _anonymise(user)
    _delete_what_refers_to(user.id)
    farewells.keep(user)
    publish(UserErased(user_id=user.id))
    return keys


def _locked(seen: User) -> User:
    """The account's row; a superuser's with those of all others, so that two of them do not leave at the same time."""
    wanted = Q(id=seen.id) | Q(is_superuser=True, is_active=True) if seen.is_superuser else Q(id=seen.id)
    rows = {user.id: user for user in User.objects.select_for_update().filter(wanted).order_by("id")}
    if seen.is_superuser and len(rows) == 1 and rows[seen.id].is_active:
        raise LastSuperuser
    return rows[seen.id]


def _anonymise(user: User) -> None:
    user.set_unusable_password()
    User.objects.filter(id=user.id).update(
        email=f"erased-{user.id}{ERASED_AT}",
        password=user.password,
        first_name="",
        last_name="",
        phone="",
        email_verified=False,
        accepts_marketing=False,
        is_active=False,
        is_staff=False,
        is_superuser=False,
        second_factor_at=None,
        erased_at=clock.now(),
    )


def _delete_what_refers_to(user_id: UUID) -> None:
    """Do with each row that refers to the account what its foreign key says of a deleted one.

    By Django's CASCADE it goes (groups and permissions too), by SET_NULL it forgets him; what PROTECTs him is kept, and
    may hold nothing personal (tests/logic/test_erasure.py).
    """
    for relation in references_to_users():
        rows = relation.related_model._base_manager.filter(**{relation.field.attname: user_id})
        if relation.on_delete is models.CASCADE:
            # Locked first, so that what somebody adds to one of them in this moment is seen, and goes too: the part
            # that a module gives of an export.
            list(rows.select_for_update().order_by("pk").values_list("pk"))
            rows.delete()
        elif relation.on_delete is models.SET_NULL:
            rows.update(**{relation.field.attname: None})
    # The admin's log names what it is about in words.
    about_him = LogEntry.objects.filter(
        content_type__app_label=User._meta.app_label,
        content_type__model=User._meta.model_name,
        object_id=str(user_id),
    )
    about_him.update(object_repr="", change_message="")


def references_to_users() -> list[ManyToOneRel]:
    """Every foreign key to an account, in whatever table: also those without a way back, and of many-to-many tables."""
    relations = User._meta.get_fields(include_hidden=True)
    return [relation for relation in relations if isinstance(relation, ManyToOneRel)]


def _close(user_id: UUID) -> bool:
    with atomic(User):
        open_one = User.objects.filter(id=user_id, erasure_closed_at=None)
        if not open_one.update(erasure_closed_at=clock.now()):
            return False
        _delete_what_refers_to(user_id)
        publish(UserErased(user_id=user_id))
    return True
