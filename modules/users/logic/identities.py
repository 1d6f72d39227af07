"""Whose account a person is who signs in elsewhere: known already, found by the address, or new."""

from uuid import UUID

from django.db import IntegrityError
from django.db.models import QuerySet

from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Conflict, Invalid, NotFound
from ecommerce.kernel.events import publish
from modules.users.events import EmailVerified, UserRegistered
from modules.users.logic import sessions, takeovers
from modules.users.logic.openid import flows, providers
from modules.users.logic.openid.claims import Person
from modules.users.logic.second_factor import SecondFactorRequired
from modules.users.logic.verification import announce_unverified
from modules.users.models import Identity, RefreshSession, User

# Each time somebody else was quicker: the same person in another tab, or one who registers this address.
ATTEMPTS = 3


class AccountExists(Conflict):
    """There is an account with this e-mail address: sign in to it, then link this identity."""

    code = "account_exists"


class EmailMissing(Invalid):
    """The provider did not tell your e-mail address, which an account needs: allow it to, or register."""

    code = "email_missing"


class IdentityTaken(Conflict):
    """This identity belongs to another account."""

    code = "identity_taken"


class LastWayIn(Conflict):
    """Without this identity nobody could sign in to the account: set a password first."""

    code = "last_way_in"


class IdentityNotFound(NotFound):
    """The caller has no such identity."""


def sign_in(
    *, provider: str, code: str, state: str, binding: str, network: str, user_agent: str = ""
) -> sessions.TokenPair:
    """Begin a session for whoever the provider recognises, opening an account for a stranger.

    Refuses what the provider does not confirm, a locked account, an address that is another's account, and staff with
    a second factor whom the provider asked for none (SecondFactorRequired): they sign in with their password.
    """
    person = flows.finish(provider=provider, code=code, state=state, binding=binding)
    user = recognise(person)
    if user.is_staff and user.second_factor_at is not None and not person.multi_factor:
        raise SecondFactorRequired
    return sessions.begin(user=user, network=network, user_agent=user_agent)


def recognise(person: Person, *, attempts: int = ATTEMPTS) -> User:
    """The person's account, found or made. AccountExists, EmailMissing; repeating is safe."""
    try:
        return _known(person) or _introduced(person)
    except IntegrityError as error:
        if attempts == 1 or not _is_race(error):
            raise
        return recognise(person, attempts=attempts - 1)


def link(*, user_id: UUID, session_id: UUID | None, provider: str, code: str, state: str, binding: str) -> Identity:
    """Let whoever the provider recognises sign in to this account. IdentityTaken; repeating is safe."""
    person = flows.finish(provider=provider, code=code, state=state, binding=binding)
    try:
        with atomic(Identity):
            return _attached(person, _signed_in(user_id, session_id))
    except IntegrityError as error:
        if not _is_race(error):
            raise
        return _own(person, user_id)


def list_identities(*, user_id: UUID) -> QuerySet[Identity]:
    """The user's identities."""
    return Identity.objects.filter(user_id=user_id)


def unlink(*, user_id: UUID, session_id: UUID | None, identity_id: UUID) -> None:
    """Forget one. IdentityNotFound; LastWayIn where neither a password nor another identity is left."""
    with atomic(Identity):
        user = _signed_in(user_id, session_id)
        if not Identity.objects.filter(id=identity_id, user=user).exists():
            raise IdentityNotFound
        if not (user.has_usable_password() or _others(user, identity_id)):
            raise LastWayIn
        Identity.objects.filter(id=identity_id).delete()


def _known(person: Person) -> User | None:
    known = Identity.objects.select_related("user").filter(issuer=person.issuer, subject=person.subject).first()
    return known.user if known else None


def _introduced(person: Person) -> User:
    if not person.email:
        raise EmailMissing
    with atomic(User):
        owner = User.objects.with_email(person.email).select_for_update(no_key=True).first()
        user = _register(person) if owner is None else _admitted(person, owner)
        _attached(person, user)
    return user


def _admitted(person: Person, owner: User) -> User:
    """The account of the person's address, if the address is the person's beyond doubt."""
    if not person.vouched:
        raise AccountExists
    if not owner.is_active:
        raise sessions.InvalidCredentials
    if not owner.email_verified:
        # Rights were given to whoever knows that password, not to an address that nobody ever looked at.
        if owner.is_staff:
            raise AccountExists
        takeovers.take_over(owner, first_name=person.first_name, last_name=person.last_name)
    return owner


def _register(person: Person) -> User:
    user = User(
        email=person.email,
        email_verified=person.vouched,
        first_name=person.first_name,
        last_name=person.last_name,
        language=person.language,
    )
    user.set_unusable_password()
    user.save(force_insert=True)
    publish(UserRegistered(user_id=user.id))
    announce_unverified(user)
    if user.email_verified:
        publish(EmailVerified(user_id=user.id))
    return user


def _attached(person: Person, user: User) -> Identity:
    return Identity.objects.create(user=user, provider=person.provider, issuer=person.issuer, subject=person.subject)


def _own(person: Person, user_id: UUID) -> Identity:
    identity = Identity.objects.filter(issuer=person.issuer, subject=person.subject, user_id=user_id).first()
    if identity is None:
        raise IdentityTaken
    return identity


def _signed_in(user_id: UUID, session_id: UUID | None) -> User:
    """The caller, locked. His access token may outlive his session by minutes; what opens the account may not."""
    user = User.objects.select_for_update(no_key=True).filter(id=user_id, is_active=True).first()
    if user is None or session_id is None:
        raise sessions.TokenRevoked
    if not RefreshSession.objects.filter(id=session_id, user=user, revoked_at=None).exists():
        raise sessions.TokenRevoked
    return user


def _others(user: User, identity_id: UUID) -> bool:
    """Whether another identity serves; one of a provider that is configured no more does not."""
    configured = [provider.issuer for provider in providers.configured()]
    return Identity.objects.filter(user=user, issuer__in=configured).exclude(id=identity_id).exists()


def _is_race(error: IntegrityError) -> bool:
    return any(name in str(error) for name in ("identity_once", "user_email_once"))
