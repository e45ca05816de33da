"""Certificates of the server, and the policies for which of them are accepted.

A policy pins a certificate by its SHA-256 fingerprint, or accepts the certificates of an authority
that the user trusts. For a pinned certificate the issuer, the host names and the dates don't
matter. The fingerprint is compared at the end of the handshake, before a request is sent. aiohttp's
`Fingerprint` isn't used, because its error doesn't contain the refused certificate.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
import hashlib
from pathlib import Path
import ssl
from typing import Final, Self, override

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from homeassistant.util.ssl import SSL_ALPN_HTTP11, create_client_context

from .sanitize import sanitize_text

# Kinds of policies, which are also keys in the config entry. The value of a pinned certificate is
# its fingerprint, that of an authority its certificates as PEM.
PINNED_CERTIFICATE: Final = "certificate"
CERTIFICATE_AUTHORITY: Final = "authority"
# Bytes read from a file with the certificates of an authority.
MAX_AUTHORITY_SIZE: Final = 1024 * 1024
# Characters of a name in a certificate.
MAX_NAME_LENGTH: Final = 200
_PEM_HEADER: Final = "-----BEGIN"


@dataclass(frozen=True, slots=True)
class CertificatePolicy:
    """Represent which certificates the user trusts beyond those that Home Assistant trusts."""

    kind: str
    value: str
    ssl_context: ssl.SSLContext

    def as_dict(self) -> dict[str, str]:
        """Return the policy as it is stored in the config entry."""
        return {self.kind: self.value}


@dataclass(frozen=True, slots=True)
class CertificateInfo:
    """Represent a certificate as it is shown; the field names are placeholders of texts."""

    subject: str
    names: str
    issuer: str
    valid_from: str
    valid_until: str
    fingerprint: str

    @classmethod
    def from_der(cls, der: bytes) -> Self:
        """Return the description of a certificate, only with its fingerprint if it is invalid."""
        try:
            certificate = x509.load_der_x509_certificate(der)
            return cls(
                _sanitize_name(certificate.subject.rfc4514_string()),
                _sanitize_name(", ".join(_get_host_names(certificate))),
                _sanitize_name(certificate.issuer.rfc4514_string()),
                dt_util.as_local(certificate.not_valid_before_utc).date().isoformat(),
                dt_util.as_local(certificate.not_valid_after_utc).date().isoformat(),
                compute_fingerprint(der),
            )
        except ValueError:
            return cls(*5 * ("?",), compute_fingerprint(der))


def _get_host_names(certificate: x509.Certificate) -> list[str]:
    """Return the host names and IP addresses of a certificate."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    hosts = extension.value.get_values_for_type(x509.DNSName)
    return hosts + [str(address) for address in extension.value.get_values_for_type(x509.IPAddress)]


def _sanitize_name(text: str) -> str:
    """Return a text of a certificate, which may contain anything, fit to be shown as code."""
    return sanitize_text(text[:MAX_NAME_LENGTH]).replace("`", "") or "-"


def compute_fingerprint(der: bytes) -> str:
    """Return the SHA-256 fingerprint of a certificate in the format of browsers."""
    return hashlib.sha256(der).digest().hex(":").upper()


class UnexpectedCertificate(ssl.SSLCertVerificationError):
    """Error for a server with another certificate than the pinned one."""

    def __init__(self, pinned_fingerprint: str, certificate: CertificateInfo) -> None:
        """Initialize the error."""
        super().__init__(1, "another certificate than the one that is trusted")
        self.pinned_fingerprint = pinned_fingerprint
        self.certificate = certificate


class _PinningContext(ssl.SSLContext):
    """TLS context that accepts only the certificate with the pinned fingerprint."""

    pinned_fingerprint = ""


class _PinningSSLObject(ssl.SSLObject):
    """TLS connection of a pinning context."""

    @override
    def do_handshake(self) -> None:
        """Do the handshake. Raises UnexpectedCertificate."""
        super().do_handshake()
        context = self.context
        assert isinstance(context, _PinningContext)
        der = self.getpeercert(binary_form=True) or b""
        if compute_fingerprint(der) != context.pinned_fingerprint:
            raise UnexpectedCertificate(context.pinned_fingerprint, CertificateInfo.from_der(der))


def _create_pinning_context(pinned_fingerprint: str) -> ssl.SSLContext:
    """Return a TLS context for a pinned certificate."""
    context = _PinningContext(ssl.PROTOCOL_TLS_CLIENT)
    context.sslobject_class = _PinningSSLObject
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the fingerprint is compared instead
    context.options |= ssl.OP_NO_RENEGOTIATION  # which could change the certificate
    context.set_alpn_protocols(list(SSL_ALPN_HTTP11 or ()))
    context.pinned_fingerprint = pinned_fingerprint
    return context


def _create_authority_context(pem: str) -> ssl.SSLContext:
    """Return a TLS context that also trusts an authority, given its certificates as PEM."""
    context = create_client_context(alpn_protocols=SSL_ALPN_HTTP11)
    # self-made authorities seldom fulfil the strict rules
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.load_verify_locations(cadata=pem)
    return context


_CONTEXT_FACTORIES: Final[dict[str, Callable[[str], ssl.SSLContext]]] = {
    PINNED_CERTIFICATE: _create_pinning_context,
    CERTIFICATE_AUTHORITY: _create_authority_context,
}


@lru_cache(maxsize=32)  # aiohttp shares connections only within the same context
def _get_policy(kind: str, value: str) -> CertificatePolicy:
    """Return a policy. Reads files for an authority."""
    return CertificatePolicy(kind, value, _CONTEXT_FACTORIES[kind](value))


async def async_load_certificate_policy(
    hass: HomeAssistant, stored: Mapping[str, str] | None
) -> CertificatePolicy | None:
    """Return the policy that is stored in a config entry, None if there is none."""
    if not stored:
        return None
    ((kind, value),) = stored.items()
    return await hass.async_add_executor_job(_get_policy, kind, value)


def get_pinning_policy(pinned_fingerprint: str) -> CertificatePolicy:
    """Return the policy that pins a certificate. An empty fingerprint matches no certificate."""
    return _get_policy(PINNED_CERTIFICATE, pinned_fingerprint)


def read_authority_certificates(text: str, resolve_path: Callable[[str], str]) -> str:
    """Return the certificates, as PEM, in a text or in the file at the path that it contains.

    `resolve_path` makes a relative path absolute. Other contents, such as a private key, are left
    out. Raises ValueError or OSError. Reads a file, so it must not run in the loop.
    """
    if _PEM_HEADER in text:
        pem = text.encode()
    else:
        with Path(resolve_path(text.strip())).open("rb") as file:
            pem = file.read(MAX_AUTHORITY_SIZE)
    certificates = x509.load_pem_x509_certificates(pem)
    return "".join(certificate.public_bytes(Encoding.PEM).decode() for certificate in certificates)
