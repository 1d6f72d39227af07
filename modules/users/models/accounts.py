"""Accounts: a customer's, or a member of staff's."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from ecommerce.kernel.clock import now
from ecommerce.kernel.ids import new_id

# The address of an erased account ends so (RFC 2606: no mail goes there).
ERASED_AT = "@erased.invalid"


class UserManager(BaseUserManager["User"]):
    """Finds accounts by e-mail as the unique index does: whatever the case."""

    def with_email(self, email: str) -> "models.QuerySet[User]":
        """The account of that address, or none; PostgreSQL folds both sides, so they cannot differ."""
        return self.alias(folded_email=Lower("email")).filter(folded_email=Lower(Value(email)))

    def get_by_natural_key(self, username: str | None) -> "User":
        """What the admin's login asks for."""
        return self.with_email(username or "").get()

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """For `manage.py createsuperuser`, the way to a shop's first member of staff; everything else registers."""
        user = self.model(email=email, is_staff=True, is_superuser=True, email_verified=True, **fields)
        user.set_password(password)
        user.save(force_insert=True, using=self._db)
        return user


def default_language() -> str:
    """The shop's first language."""
    return str(settings.LANGUAGE_CODE)


class User(AbstractBaseUser, PermissionsMixin):
    """An account: a customer's, or a member of staff's."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"email", "first_name", "last_name", "phone"})
    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField("e-mail", max_length=254)
    email_verified = models.BooleanField(default=False)
    first_name = models.CharField(max_length=150, blank=True)
    last_name = models.CharField(max_length=150, blank=True)
    phone = models.CharField(max_length=32, blank=True)
    accepts_marketing = models.BooleanField(default=False)
    language = models.CharField(max_length=8, default=default_language)
    is_staff = models.BooleanField(default=False)
    # False: locked by staff. Nobody signs in to it or goes on with a session of it.
    is_active = models.BooleanField(default=True)
    # Since when signing in takes a code of the second factor besides the password; None: it does not. Here and not in
    # the factor's own row, so that a session begins only if this is still so, and a token needs no second look.
    second_factor_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)
    # When its owner had it erased. What is left is a row that names nobody, for what still refers to its id.
    erased_at = models.DateTimeField(null=True, editable=False)
    # When that was announced once more: after the last access token had expired, so that nothing came after it.
    erasure_closed_at = models.DateTimeField(null=True, editable=False)

    # Django would write it at each login; a session's own row tells more.
    last_login = None

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [
            # This operator class serves equality and `LIKE 'ada%'` alike, whatever the database's collation.
            models.UniqueConstraint(OpClass(Lower("email"), name="text_pattern_ops"), name="user_email_once"),
            models.CheckConstraint(name="user_email_given", condition=~Q(email="")),
            models.CheckConstraint(
                name="user_erased_is_nobody",
                condition=Q(erased_at=None)
                | Q(
                    email__endswith=ERASED_AT,
                    first_name="",
                    last_name="",
                    phone="",
                    email_verified=False,
                    accepts_marketing=False,
                    is_active=False,
                    is_staff=False,
                    is_superuser=False,
                    second_factor_at=None,
                ),
            ),
            models.CheckConstraint(
                name="user_erasure_closed_after_it",
                condition=Q(erasure_closed_at=None) | Q(erased_at__isnull=False, erasure_closed_at__gt=F("erased_at")),
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at"], name="user_newest"),
            models.Index(
                fields=["erased_at"],
                name="user_erasure_open",
                condition=Q(erased_at__isnull=False, erasure_closed_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        # The admin's sessions end with the password they began with; so they do when a second factor comes or goes.
        since = self.second_factor_at.isoformat() if self.second_factor_at else ""
        salt = "modules.users.models.accounts.User.session"
        return salted_hmac(salt, self.password + since, secret=secret, algorithm="sha256").hexdigest()
