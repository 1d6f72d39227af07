"""The keys that events are signed with, and the authority that vouches for them. Follows api/rest/webhooks/rest."""

from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.fakes.paypal.http import now

# The name in the certificates that PayPal signs its messages with.
SIGNER = "messageverificationcerts.paypal.com"
YEAR = timedelta(days=365)
SIGNS_CERTIFICATES = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


class Authority:
    """A certificate authority of the fake's own, as DigiCert is for PayPal."""

    def __init__(self, name: str = "Fake Root CA") -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = self._builder(self._name, self._key, YEAR).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        builder = builder.add_extension(SIGNS_CERTIFICATES, critical=True).add_extension(
            x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False
        )
        self.certificate = builder.sign(self._key, hashes.SHA256())

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def signer(self, name: str = SIGNER, valid_for: timedelta = YEAR) -> "Signer":
        """A new key, with a certificate in this name."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = self._builder(subject, key, valid_for)
        certificate = (
            builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return Signer(key, certificate, self.certificate)

    def _builder(self, subject: x509.Name, key: rsa.RSAPrivateKey, valid_for: timedelta) -> x509.CertificateBuilder:
        start = now() - timedelta(days=1) if valid_for > timedelta(0) else now() + 2 * valid_for
        authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(now() + valid_for)
            .add_extension(authority_key, critical=False)
        )


class Signer:
    """A key that signs events, with the certificates that say whose it is."""

    def __init__(self, key: rsa.RSAPrivateKey, *chain: x509.Certificate) -> None:
        self._key, self._chain = key, chain

    @property
    def pem(self) -> bytes:
        """What PAYPAL-CERT-URL serves: the signer's certificate first, then those above it."""
        return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in self._chain)

    @property
    def key_pem(self) -> bytes:
        """The key itself, for a server that is to be taken for this one."""
        return self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message, padding.PKCS1v15(), hashes.SHA256())
