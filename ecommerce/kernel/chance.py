"""The only source of randomness in the modules, so that a simulation can own it."""

import secrets


def token(nbytes: int = 32) -> str:
    """An unguessable URL-safe string made of `nbytes` random bytes."""
    return secrets.token_urlsafe(nbytes)


def random_bytes(n: int) -> bytes:
    """`n` unguessable bytes."""
    return secrets.token_bytes(n)


def symbols(alphabet: str, n: int) -> str:
    """`n` unguessable characters of an alphabet, each as likely as every other."""
    return "".join(secrets.choice(alphabet) for _ in range(n))


def jitter(seconds: float) -> float:
    """A number of seconds between half of `seconds` and all of it, so that retries do not come in step."""
    return seconds * (0.5 + secrets.randbelow(501) / 1000)
