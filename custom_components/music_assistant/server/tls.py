"""What is trusted at a server: what Home Assistant trusts, or a person: an authority, a certificate.

A certificate that a person trusts is pinned by its SHA-256: who issued it, for whom and until
when no longer matters. It is compared at the end of the handshake, before a byte of a request
is sent. (aiohttp's own `Fingerprint` does that too, but keeps what it refused to itself.)
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

from .sanitize import quoted

# The kinds of what a person trusts, and what an entry keeps of each: the certificate's SHA-256
# as it is shown, and the authority's certificates as PEM.
CERTIFICATE: Final = "certificate"
AUTHORITY: Final = "authority"
# Bytes that are read of a file with an authority's certificates.
AUTHORITY_LIMIT: Final = 1024 * 1024
# Characters of a name in a certificate that are shown.
NAME_LIMIT: Final = 200
_BEGIN: Final = "-----BEGIN"


@dataclass(frozen=True, slots=True)
class Trust:
    """What a person trusts at a server: a kind, and what is kept of it."""

    kind: str
    kept: str
    context: ssl.SSLContext

    def as_dict(self) -> dict[str, str]:
        """Return what an entry keeps."""
        return {self.kind: self.kept}


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a person is told of a certificate."""

    subject: str
    names: str
    issuer: str
    valid_from: str
    valid_until: str
    fingerprint: str

    @classmethod
    def of(cls, der: bytes) -> Self:
        """Describe a certificate; of one that can't be read only its fingerprint is known."""
        try:
            read = x509.load_der_x509_certificate(der)
            return cls(
                _shown(read.subject.rfc4514_string()),
                _shown(", ".join(_names(read))),
                _shown(read.issuer.rfc4514_string()),
                dt_util.as_local(read.not_valid_before_utc).date().isoformat(),
                dt_util.as_local(read.not_valid_after_utc).date().isoformat(),
                fingerprint(der),
            )
        except ValueError:
            return cls(*5 * ("?",), fingerprint(der))


def _names(certificate: x509.Certificate) -> list[str]:
    """Return the host names and addresses that a certificate is for."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    hosts = extension.value.get_values_for_type(x509.DNSName)
    return hosts + [str(each) for each in extension.value.get_values_for_type(x509.IPAddress)]


def _shown(text: str) -> str:
    """Return what a certificate says, fit to be quoted: anyone may write anything in it."""
    return quoted(text[:NAME_LIMIT]).replace("`", "") or "-"


def fingerprint(der: bytes) -> str:
    """Return the SHA-256 of a certificate as browsers show it."""
    return hashlib.sha256(der).digest().hex(":").upper()


class OtherCertificate(ssl.SSLCertVerificationError):
    """A server shows another certificate than the one that is pinned."""

    def __init__(self, pinned: str, shown: Certificate) -> None:
        """Keep both."""
        super().__init__(1, "another certificate than the one that is trusted")
        self.pinned = pinned
        self.shown = shown


class _PinningContext(ssl.SSLContext):
    """Lets in who shows one certificate."""

    pinned = ""


class _PinnedObject(ssl.SSLObject):
    """A TLS connection of a pinning context."""

    @override
    def do_handshake(self) -> None:
        super().do_handshake()
        context = self.context
        assert isinstance(context, _PinningContext)
        der = self.getpeercert(binary_form=True) or b""
        if fingerprint(der) != context.pinned:
            raise OtherCertificate(context.pinned, Certificate.of(der))


def _pinning(pinned: str) -> ssl.SSLContext:
    context = _PinningContext(ssl.PROTOCOL_TLS_CLIENT)
    context.sslobject_class = _PinnedObject
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the pin says it all
    context.options |= ssl.OP_NO_RENEGOTIATION  # nor does it change later
    context.set_alpn_protocols(list(SSL_ALPN_HTTP11 or ()))
    context.pinned = pinned
    return context


def _with_authority(pem: str) -> ssl.SSLContext:
    context = create_client_context(alpn_protocols=SSL_ALPN_HTTP11)
    # the certificates of authorities that people make themselves are seldom up to the letter
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.load_verify_locations(cadata=pem)
    return context


_CONTEXTS: Final[dict[str, Callable[[str], ssl.SSLContext]]] = {
    CERTIFICATE: _pinning,
    AUTHORITY: _with_authority,
}


@lru_cache(maxsize=32)  # connections are shared only within a context
def _trust(kind: str, kept: str) -> Trust:
    return Trust(kind, kept, _CONTEXTS[kind](kept))


async def async_trust(hass: HomeAssistant, kept: Mapping[str, str] | None) -> Trust | None:
    """Return what a person trusts, from what an entry keeps; None if that is nothing."""
    if not kept:
        return None
    ((kind, what),) = kept.items()
    return await hass.async_add_executor_job(_trust, kind, what)  # it reads files


def trust_certificate(pinned: str) -> Trust:
    """Return trust in one certificate, by its fingerprint; in none, without one."""
    return _trust(CERTIFICATE, pinned)


def read_authority(text: str, path: Callable[[str], str]) -> str:
    """Return the certificates, as PEM, in a text or else in the file that it names.

    `path` tells where a relative path leads. Whatever else is there, such as a private key,
    is left out. Raises ValueError or OSError. It reads a file: not for the loop.
    """
    if _BEGIN in text:
        pem = text.encode()
    else:
        with Path(path(text.strip())).open("rb") as file:
            pem = file.read(AUTHORITY_LIMIT)
    certificates = x509.load_pem_x509_certificates(pem)
    return "".join(each.public_bytes(Encoding.PEM).decode() for each in certificates)
