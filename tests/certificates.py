"""Certificates for servers of the tests: of an authority of our own, or of nobody's."""

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
REFUSED: Final = "Error on transport creation for incoming connection"
LOOPBACK: Final = "127.0.0.1"
VALID: Final = (-1, 1)  # days from now
EXPIRED: Final = (-3, -1)
FUTURE: Final = (1, 3)
SIGNS: Final = x509.KeyUsage(
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


def forgive_handshakes() -> None:
    """Let a server's side of a refused handshake end with an error: it isn't ours."""
    loop = asyncio.get_running_loop()
    tell = loop.get_exception_handler() or asyncio.AbstractEventLoop.default_exception_handler

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> object:
        return None if context["message"] == REFUSED else tell(loop, context)

    loop.set_exception_handler(handle)


@dataclass(frozen=True)
class Made:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def make(
        cls,
        name: str = LOOPBACK,
        issuer: Self | None = None,
        days: tuple[int, int] = VALID,
        authority: bool = False,
        strict: bool = True,
    ) -> Self:
        """Make one for an address, a host or an authority; without an issuer it is self-signed.

        One of an authority isn't `strict` if it doesn't say what it may be used for.
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
            builder = builder.add_extension(SIGNS, critical=True) if strict else builder
        else:
            host = x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
            builder = builder.add_extension(x509.SubjectAlternativeName([host]), critical=False)
        return cls(builder.sign(signer, hashes.SHA256()), key)

    @property
    def pem(self) -> str:
        """Return the certificate, without the key."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def key_pem(self) -> str:
        """Return the key."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 as it is shown."""
        return self.certificate.fingerprint(hashes.SHA256()).hex(":").upper()

    @property
    def server(self) -> ssl.SSLContext:
        """Return what a server needs to show it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with NamedTemporaryFile("w") as file:
            file.write(self.pem + self.key_pem)
            file.flush()
            context.load_cert_chain(file.name)
        return context

    @property
    def client(self) -> ssl.SSLContext:
        """Return what trusts it, and what it issued."""
        return ssl.create_default_context(cadata=self.pem)
