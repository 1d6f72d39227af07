"""Calling addresses that others have chosen: only those of the public network, whatever their names say.

A name is looked up here, and the connection goes to the very address that was judged: a name that means another one a
moment later (DNS rebinding) is no way in. Redirects are not followed, and proxies of the environment are not used.
"""

import ipaddress
import re
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import httpx2
from django.conf import settings

from ecommerce.kernel.deadlines import TooSlow, ask_all
from ecommerce.kernel.errors import Invalid

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# In all, however slowly the other side drips.
SECONDS = 20.0
TIMEOUT = httpx2.Timeout(10.0, connect=4.0)
LONGEST_ANSWER = 500
MOST_ADDRESSES = 3
# RFC 6052: an IPv4 address in the last 32 bits.
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# IANA's registries of special-purpose addresses, where the floor of our Python versions does not know them yet.
SPECIAL = (
    ipaddress.ip_network("192.0.0.0/24"),
    ipaddress.ip_network("64:ff9b:1::/48"),
    ipaddress.ip_network("3fff::/20"),
    ipaddress.ip_network("5f00::/16"),
    ipaddress.ip_network("fec0::/10"),
)
_HOST = re.compile(r"[A-Za-z0-9_.:-]+", re.ASCII)


class UrlNotAllowed(Invalid):
    """Give an https address in the public network, without a user's name or a fragment."""

    code = "url_not_allowed"


class Unreachable(Exception):
    """No answer came: `code` says why, in one word."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the other side answered: its status and the beginning of its words."""

    status: int
    text: str


def require_allowed(url: str) -> None:
    """Refuses with UrlNotAllowed what is never called; a name that cannot be looked up now is judged when it is."""
    target = _parse(url)
    try:
        addresses = _look_up(target)
    except OSError:
        return
    if not all(map(_is_allowed, addresses)):
        raise UrlNotAllowed


def post(url: str, content: bytes, headers: Mapping[str, str]) -> Answer:
    """Post this and hear the answer, within SECONDS; raises Unreachable."""
    with httpx2.Client(verify=_certificates(), timeout=TIMEOUT, trust_env=False) as client:
        answer = ask_all({url: lambda: _post(client, url, content, headers)}, seconds=SECONDS, at_once=1)[url]
    # Where it is still asking, closing the client has ended it.
    if isinstance(answer, Answer):
        return answer
    raise _unreachable(answer) from answer


def _post(client: httpx2.Client, url: str, content: bytes, headers: Mapping[str, str]) -> Answer:
    target = _parse(url)
    addresses = _look_up(target)
    if not all(map(_is_allowed, addresses)):
        raise Unreachable("address_not_allowed", f"{target.host} lies inside the private network.")
    for address in addresses[:-1]:
        try:
            return _post_to(address, client, target, content, headers)
        except httpx2.ConnectError:
            continue
    return _post_to(addresses[-1], client, target, content, headers)


def _post_to(
    address: Address, client: httpx2.Client, target: httpx2.URL, content: bytes, headers: Mapping[str, str]
) -> Answer:
    named = {"Host": target.netloc.decode("ascii"), "Accept-Encoding": "identity", **headers}
    # The certificate has to be the name's, not the address's.
    extensions = {"sni_hostname": target.raw_host.decode("ascii")}
    there = target.copy_with(host=str(address))
    with client.stream("POST", there, content=content, headers=named, extensions=extensions) as answer:
        text = next(answer.iter_raw(LONGEST_ANSWER), b"").decode("utf-8", "replace").replace("\0", "")
        return Answer(status=answer.status_code, text=text)


def _parse(url: str) -> httpx2.URL:
    try:
        target = httpx2.URL(url)
    except (httpx2.InvalidURL, UnicodeError, ValueError) as error:
        raise UrlNotAllowed from error
    schemes = ("https", "http") if settings.DEBUG else ("https",)
    if target.scheme not in schemes or target.userinfo or target.fragment:
        raise UrlNotAllowed
    if not _HOST.fullmatch(target.raw_host.decode("ascii")) or not 0 < (target.port or 443) < 65536:
        raise UrlNotAllowed
    return target


def _look_up(target: httpx2.URL) -> Sequence[Address]:
    port = target.port or {"https": 443, "http": 80}[target.scheme]
    try:
        found = socket.getaddrinfo(target.raw_host.decode("ascii").strip("[]"), port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label that is empty or too long
        raise OSError(str(error)) from error
    texts = dict.fromkeys(str(address[0]) for *_, address in found)
    return [ipaddress.ip_address(text) for text in texts][:MOST_ADDRESSES]


def _is_allowed(address: Address) -> bool:
    meant = _meant(address)
    if any(meant in network for network in settings.WEBHOOK_ALLOWED_NETWORKS):
        return True
    is_special = meant.is_multicast or meant.is_reserved or any(meant in network for network in SPECIAL)
    return meant.is_global and not is_special


def _meant(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)


@cache
def _certificates() -> ssl.SSLContext:
    # Reading all authorities takes 20 ms.
    return ssl.create_default_context()


def _unreachable(error: Exception) -> Unreachable:
    if isinstance(error, Unreachable):
        return error
    if isinstance(error, UrlNotAllowed):  # it was allowed once: settings have changed
        return Unreachable(error.code, error.detail)
    if isinstance(error, TooSlow | httpx2.TimeoutException):
        return Unreachable("timeout", "There was no answer in time.")
    if isinstance(error, socket.gaierror):
        return Unreachable("name_unknown", "The name cannot be looked up.")
    if isinstance(error, httpx2.ConnectError):
        return Unreachable("connection_failed", str(error)[:LONGEST_ANSWER])
    return Unreachable("no_answer", repr(error)[:LONGEST_ANSWER])
