"""Certificates for the tests' servers: self-signed, or issued by a test authority."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
import ssl
from tempfile import NamedTemporaryFile
from typing import Any, Final, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# What asyncio's servers say of it.
HANDSHAKE_ERROR_MESSAGE: Final = "Error on transport creation for incoming connection"
LOOPBACK: Final = "127.0.0.1"
VALID_DAYS: Final = (-1, 1)  # days from now
EXPIRED_DAYS: Final = (-3, -1)
FUTURE_DAYS: Final = (1, 3)
AUTHORITY_KEY_USAGE: Final = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


def ignore_handshake_errors() -> None:
    """Ignore the errors that asyncio logs for refused TLS handshakes of a test server."""
    loop = asyncio.get_running_loop()
    tell = loop.get_exception_handler() or asyncio.AbstractEventLoop.default_exception_handler

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> object:
        return None if context["message"] == HANDSHAKE_ERROR_MESSAGE else tell(loop, context)

    loop.set_exception_handler(handle)


@dataclass(frozen=True)
class GeneratedCertificate:
    """Represent a certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def create(
        cls,
        name: str = LOOPBACK,
        issuer: Self | None = None,
        days: tuple[int, int] = VALID_DAYS,
        authority: bool = False,
        strict: bool = True,
    ) -> Self:
        """Create a certificate for an address, a host or an authority.

        Without an issuer it is self-signed. An authority that isn't `strict` has no key
        usage.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        signer = issuer.key if issuer else key
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.certificate.subject if issuer else subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=days[0]))
            .not_valid_after(now + timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(authority, None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False
            )
        )
        if authority:
            builder = (
                builder.add_extension(AUTHORITY_KEY_USAGE, critical=True) if strict else builder
            )
        else:
            host = x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
            builder = builder.add_extension(x509.SubjectAlternativeName([host]), critical=False)
        return cls(builder.sign(signer, hashes.SHA256()), key)

    @property
    def pem(self) -> str:
        """Return the certificate as PEM, without the key."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def key_pem(self) -> str:
        """Return the key as PEM."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 fingerprint as Home Assistant shows it."""
        return self.certificate.fingerprint(hashes.SHA256()).hex(":").upper()

    @property
    def server_context(self) -> ssl.SSLContext:
        """Return the context for a server with this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with NamedTemporaryFile("w") as file:
            file.write(self.pem + self.key_pem)
            file.flush()
            context.load_cert_chain(file.name)
        return context

    @property
    def client_context(self) -> ssl.SSLContext:
        """Return the context for a client that trusts only this certificate."""
        return ssl.create_default_context(cadata=self.pem)
