"""HTTP session that only connects to public addresses.

Metadata can name any address, and so can a redirect: those of this host, of the local network and
of the Supervisor must not be reached by that. The address is checked where the socket is made, so
there is no second lookup whose answer could differ, and none that isn't checked.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
import socket
from typing import Final

from aiohttp import AddrInfoType, ClientSession, TCPConnector
from aiohttp.hdrs import USER_AGENT

from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import SERVER_SOFTWARE
from homeassistant.util.hass_dict import HassKey
from homeassistant.util.ssl import get_default_context

from ..const import DOMAIN

DATA_PUBLIC_SESSION: Final[HassKey[ClientSession]] = HassKey(f"{DOMAIN}_public_session")
# Addresses of IPv4 hosts behind a translator.
_NAT64_NETWORK: Final = IPv6Network("64:ff9b::/96")
# The only part of IPv6 that public hosts have; elsewhere are forms of IPv4 and local addresses
# of former standards, such as ::127.0.0.1 and fec0::1.
_ASSIGNED_NETWORK: Final = IPv6Network("2000::/3")
# Ends of the names of local hosts.
_LOCAL_DOMAINS: Final = (".local", ".localhost", ".internal", ".lan", ".home.arpa")


class NotPublic(OSError):
    """Error for an address that isn't public."""


def is_public_address(address: str) -> bool:
    """Return whether an IP address is a public one."""
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        if ip in _NAT64_NETWORK:
            return IPv4Address(int(ip) & 0xFFFF_FFFF).is_global
        ip = ip.ipv4_mapped or ip.sixtofour or ip
        if isinstance(ip, IPv6Address) and ip not in _ASSIGNED_NETWORK:
            return False
    return ip.is_global and not ip.is_multicast


def is_local_host(host: str) -> bool:
    """Return whether a host is surely not a public one: by its address or by its name."""
    try:
        return not is_public_address(host)
    except ValueError:
        name = host.rstrip(".").lower()
        return "." not in name or name.endswith(_LOCAL_DOMAINS)


def create_public_socket(address_info: AddrInfoType) -> socket.socket:
    """Create the socket of a connection. Raises NotPublic."""
    family, kind, protocol, _, address = address_info
    if not is_public_address(str(address[0])):
        raise NotPublic(f"{address[0]} isn't a public address")
    return socket.socket(family, kind, protocol)


@callback
def async_get_public_session(hass: HomeAssistant) -> ClientSession:
    """Return the session that only connects to public addresses."""
    if session := hass.data.get(DATA_PUBLIC_SESSION):
        return session
    session = hass.data[DATA_PUBLIC_SESSION] = ClientSession(
        connector=TCPConnector(ssl=get_default_context(), socket_factory=create_public_socket),
        headers={USER_AGENT: SERVER_SOFTWARE},
    )

    async def close_session(_event: Event) -> None:
        del hass.data[DATA_PUBLIC_SESSION]
        await session.close()

    hass.bus.async_listen_once(EVENT_HOMEASSISTANT_CLOSE, close_session)
    return session
