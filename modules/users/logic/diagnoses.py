"""What `manage.py doctor` asks of users."""

from ecommerce.kernel.errors import Unavailable
from ecommerce.kernel.registry import Diagnosis
from ecommerce.kernel.secrets import CannotDecrypt
from modules.users.logic import key_pairs, second_factor
from modules.users.logic.openid import providers
from modules.users.logic.openid.providers import Provider
from modules.users.logic.openid.published import keys_of
from modules.users.models import SecondFactor, SigningKey

SAMPLE = 100


def signing_keys_readable() -> str | None:
    """None when each key that may sign can be decrypted."""
    unreadable = [str(row.kid) for row in SigningKey.objects.order_by("created_at") if not _is_readable(row)]
    if not unreadable:
        return None
    return (
        f"{', '.join(unreadable)} cannot be decrypted: set JWT_KEY_ENCRYPTION_KEY to the value it was made with, "
        "or delete the rows and let everybody sign in again"
    )


def second_factors_readable() -> str | None:
    """None when the secrets of second factors can be decrypted; a sample of those used longest ago, encrypted then."""
    sample = SecondFactor.objects.order_by("last_step", "id")[:SAMPLE]
    unreadable = [str(factor.user_id) for factor in sample if not _can_be_unsealed(factor)]
    if not unreadable:
        return None
    return (
        f"{len(unreadable)} of {len(sample)} cannot be decrypted, that of {unreadable[0]} first: name the SECRET_KEY "
        "they were made with in SECRET_KEY_FALLBACKS, or reset them by `manage.py second_factor reset`"
    )


def identity_providers_answer() -> str | None:
    """None when the addresses and keys of each identity provider can be fetched."""
    silent = [provider.id for provider in providers.configured() if not _answers(provider)]
    if not silent:
        return None
    return f"{', '.join(silent)}: no sign-in there; the log says why, OIDC_PROVIDERS says where it was looked for"


def _is_readable(row: SigningKey) -> bool:
    try:
        key_pairs.unseal(row.kid, bytes(row.private_key))
    except key_pairs.CannotUnseal:
        return False
    return True


def _can_be_unsealed(factor: SecondFactor) -> bool:
    try:
        second_factor.unseal(factor)
    except CannotDecrypt:
        return False
    return True


def _answers(provider: Provider) -> bool:
    try:
        keys_of(provider).get()
    except Unavailable:
        return False
    return True


DIAGNOSES = [
    Diagnosis(name="signing keys can be decrypted", ask=signing_keys_readable),
    Diagnosis(name="second factors can be decrypted", ask=second_factors_readable),
    Diagnosis(name="identity providers answer", ask=identity_providers_answer),
]
