"""Which addresses, given by tenants, this service may call.

A URL is looked at twice: `check_url` when it is saved, and `allowed_addresses` each time it is
called, on the very addresses that are then connected to. What is refused: anything but https (http
only where WEBHOOK_ALLOW_HTTP), and every address that is not public, unless WEBHOOK_ALLOWED_CIDRS
holds it. The list of what is not public is Microsoft's AntiSSRF, which follows the registries.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import urlsplit

from AntiSSRF import IPAddressRanges
from django.conf import settings

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LONGEST_URL = 500
DEFAULT_PORTS = {"https": 443, "http": 80}
# Printable ASCII; a backslash is a slash to some parsers and not to others.
PLAIN = re.compile(r"[!-\[\]-~]+")
NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
# Some resolvers read `0x7f.1` and `2130706433` as addresses.
NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
# Never public, whatever they resolve to here.
LOCAL_NAMES = ("localhost", "localdomain", "local", "internal", "intranet", "lan", "home.arpa")
# IPv4 addresses written as IPv6: compatible, and translated.
ALSO_DENIED = ("::/96", "::ffff:0:0:0/96")


class UrlRefused(ValueError):
    """This service does not call that address; the message says why, without repeating it."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL in parts. host: a name or address, lower case, no brackets. path: with the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        """`host:port`, as it stands in a URL."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def host_header(self) -> str:
        is_default = DEFAULT_PORTS[self.scheme] == self.port
        return self.origin.rpartition(":")[0] if is_default else self.origin


def check_url(url: str, *, look_up: bool = False) -> Target:
    """The URL in parts, if it may be called. Raises UrlRefused.

    look_up: also ask the resolver, which may take seconds. A name that does not resolve (yet)
    passes; the address is checked again at each call.
    """
    target = _parsed(url)
    address = _literal_address(target.host)
    if address is not None:
        _refuse_unless_allowed(address)
    else:
        _check_name(target.host)
        if look_up:
            for resolved in _resolved_if_possible(target):
                _refuse_unless_allowed(resolved)
    return target


def allowed_addresses(target: Target) -> list[Address]:
    """What to connect to. All addresses of the name must be allowed.

    Raises UrlRefused, or OSError if the name does not resolve.
    """
    addresses = _resolved(target)
    for address in addresses:
        _refuse_unless_allowed(address)
    return addresses


def unusable_networks(given: list[str]) -> list[str]:
    """Those that are no networks, for the check of WEBHOOK_ALLOWED_CIDRS."""
    wrong = []
    for text in given:
        try:
            ipaddress.ip_network(text)
        except ValueError:
            wrong.append(text)
    return wrong


def _parsed(url: str) -> Target:
    if len(url) > LONGEST_URL:
        raise UrlRefused(f"must be a URL of at most {LONGEST_URL} characters")
    if not PLAIN.fullmatch(url):
        raise UrlRefused("must be a URL address of plain characters; write names as xn--...")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UrlRefused("must be a URL address") from None
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS or not parts.hostname:
        raise UrlRefused("must be a URL address that begins with https://")
    if scheme == "http" and not settings.WEBHOOK_ALLOW_HTTP:
        raise UrlRefused("must be a URL address that begins with https://, not http://")
    if "@" in parts.netloc:
        raise UrlRefused("must be a URL address without user name or password")
    if "#" in url:
        raise UrlRefused("must be a URL address without a fragment")
    if port == 0:
        raise UrlRefused("must be a URL address with a port between 1 and 65535")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(scheme, parts.hostname.lower(), port or DEFAULT_PORTS[scheme], path)


def _literal_address(host: str) -> Address | None:
    """The address that a host is, in its one plain form; None if it is a name."""
    if ":" not in host and not NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        return None
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise UrlRefused("must be a URL address; write an IP address in its plain form") from None
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        raise UrlRefused("must be a URL address without a zone")
    return address


def _check_name(host: str) -> None:
    """Names of this machine or network are for installations with WEBHOOK_ALLOWED_CIDRS only."""
    if not NAME.fullmatch(host) or len(host) > 253:
        raise UrlRefused("must be a URL address with a valid host name")
    is_local = "." not in host or any(
        host == name or host.endswith(f".{name}") for name in LOCAL_NAMES
    )
    if is_local and not settings.WEBHOOK_ALLOWED_CIDRS:
        raise UrlRefused("must be a URL address with a public host name")


def _resolved_if_possible(target: Target) -> list[Address]:
    try:
        return _resolved(target)
    except OSError:
        return []


def _resolved(target: Target) -> list[Address]:
    """In the resolver's order, each once. Raises OSError."""
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    texts = dict.fromkeys(str(entry[4][0]) for entry in found)
    return [ipaddress.ip_address(text) for text in texts]


def _refuse_unless_allowed(address: Address) -> None:
    if not _is_allowed(address):
        raise UrlRefused("must be a URL address with a public host; this one is not")


def _is_allowed(address: Address) -> bool:
    plain: Address = getattr(address, "ipv4_mapped", None) or address
    if any(plain in network for network in _networks(tuple(settings.WEBHOOK_ALLOWED_CIDRS))):
        return True
    is_denied = any(plain in network for network in _denied())
    return not is_denied and plain.is_global


@lru_cache(maxsize=1)
def _denied() -> tuple[Network, ...]:
    return _networks((*IPAddressRanges.recommended_latest, *ALSO_DENIED))


@lru_cache(maxsize=8)
def _networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text) for text in texts)
