"""The certificates that PayPal signs its events with, and whether they are PayPal's.

The authorities we trust are those that this process trusts for TLS: SSL_CERT_FILE or SSL_CERT_DIR where they are set,
else the system's. A test sets SSL_CERT_FILE to the authority of its fake.
"""

import re
import ssl
import threading
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import ExtensionPolicy, PolicyBuilder, Store, VerificationError
from django.conf import settings

from ecommerce.kernel import clock
from ecommerce.kernel.errors import Unavailable
from modules.payments.logic.providers.base import InvalidSignature
from modules.payments.logic.providers.paypal_client import NAME, fetch_plain

PATH = "/v1/notifications/certs/"
# Any certificate of PayPal's would do to show a web page; only these sign messages.
SIGNERS = re.compile(r"messageverificationcerts(\.[a-z0-9-]+)*\.paypal\.com", re.ASCII)
LARGEST = 100_000
MOST_KEPT = 20

_kept: dict[str, x509.Certificate] = {}
_keeping = threading.Lock()


def signing_key(url: str) -> rsa.RSAPublicKey:
    """The key of the certificate at this address; raises InvalidSignature where that is not PayPal's, or has ended."""
    if not _is_of_paypal(url):
        raise InvalidSignature("The certificate is not at PayPal's.")
    certificate = _kept.get(url)
    if certificate is None or not _is_valid_at(certificate, clock.now()):
        certificate = _fetch(url)
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise InvalidSignature
    return key


def forget() -> None:
    """Fetch and check all certificates anew: for tests."""
    _kept.clear()
    _roots.cache_clear()


def _is_of_paypal(url: str) -> bool:
    """Whether an address may be fetched from: PayPal's by TLS, or, where the API is elsewhere, that place."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    base = urlsplit(settings.PAYPAL_API_BASE)
    if not parts.path.startswith(PATH) or "@" in parts.netloc or ".." in parts.path:
        return False
    if (parts.scheme, parts.netloc) == (base.scheme, base.netloc):
        return True
    return parts.scheme == "https" and port in (None, 443) and (host == "paypal.com" or host.endswith(".paypal.com"))


def _fetch(url: str) -> x509.Certificate:
    pem = fetch_plain(url)
    if not 0 < len(pem) <= LARGEST:
        raise InvalidSignature("There is no such certificate.")
    try:
        leaf, *others = x509.load_pem_x509_certificates(pem)
        _check(leaf, others)
    except (ValueError, VerificationError) as error:
        raise InvalidSignature("The certificate is not one of PayPal's.") from error
    with _keeping:
        while len(_kept) >= MOST_KEPT:
            del _kept[next(iter(_kept))]
        _kept[url] = leaf
    return leaf


def _check(leaf: x509.Certificate, others: list[x509.Certificate]) -> None:
    """Its name, its time, and that a trusted authority vouches for it."""
    if not any(SIGNERS.fullmatch(name) for name in _names(leaf)):
        raise VerificationError("another's name")
    policy = PolicyBuilder().store(_roots()).time(clock.now())
    # What else a signer's certificate is for does not matter; its authorities have to be authorities.
    policy = policy.extension_policies(
        ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=ExtensionPolicy.permit_all()
    )
    policy.build_client_verifier().verify(leaf, others)


def _names(certificate: x509.Certificate) -> list[str]:
    names = [str(one.value) for one in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        return names + extension.value.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        return names


def _is_valid_at(certificate: x509.Certificate, moment: datetime) -> bool:
    return certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc


@lru_cache(maxsize=1)
def _roots() -> Store:
    """The authorities that this machine trusts."""
    places = ssl.get_default_verify_paths()
    files = [Path(places.cafile)] if places.cafile else sorted(Path(places.capath or ".").glob("*.0"))
    found = [one for file in files for one in x509.load_pem_x509_certificates(file.read_bytes())]
    if not found:
        raise Unavailable("This machine knows no certificate authorities.", dependency=NAME)
    return Store(found)
