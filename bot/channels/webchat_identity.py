"""Who a visitor of the web chat is, and from where a request comes."""

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Collection
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

COOKIE = "minsheng_chat"
PATH = "/chat"
LIFETIME = 400 * 24 * 3600  # seconds; browsers keep no cookie longer (RFC 6265bis, section 5.5)
_ACCOUNT = re.compile(r"[A-Za-z0-9_-]{22}")


class Identities:
    """Random accounts, each proved by a cookie that only this installation can have signed."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def account_of(self, connection: HTTPConnection) -> str | None:
        """The visitor's account, or None where the cookie is missing, damaged or forged."""
        account, _, signature = connection.cookies.get(COOKIE, "").partition(".")
        if not _ACCOUNT.fullmatch(account):
            return None
        genuine = hmac.compare_digest(signature.encode(), self._sign(account).encode())
        return account if genuine else None

    def new_account(self) -> str:
        """An account that nobody had before: 128 random bits."""
        return secrets.token_urlsafe(16)

    def cookie(self, account: str) -> str:
        """The cookie's value for that account."""
        return f"{account}.{self._sign(account)}"

    def remember(self, response: Response, account: str, secure: bool) -> None:
        """Set the cookie, so that scripts cannot read it and other sites' forms do not carry it."""
        response.set_cookie(
            COOKIE, self.cookie(account), max_age=LIFETIME, path=PATH, secure=secure, httponly=True, samesite="lax"
        )

    def _sign(self, account: str) -> str:
        digest = hmac.new(self._secret, b"web chat identity:" + account.encode(), hashlib.sha256).digest()
        return urlsafe_b64encode(digest).decode().rstrip("=")


def address_of(connection: HTTPConnection, proxies: int) -> str:
    """The network that a request comes from, to be counted by: an IPv4 address, or an IPv6 /64.

    `proxies` says how many reverse proxies of our own stand in front. Each appends the address it saw to
    X-Forwarded-For, so only that many entries, counted from the right, can be believed.
    """
    peer = connection.client.host if connection.client else ""
    entries = [entry.strip() for line in connection.headers.getlist("x-forwarded-for") for entry in line.split(",")]
    if proxies and entries:
        return _network(entries[-min(proxies, len(entries))]) or _network(peer)
    return _network(peer)


def _network(host: str) -> str:
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return ""
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or address.exploded[:19])


def is_secure(connection: HTTPConnection, proxies: int) -> bool:
    """Whether the visitor's browser speaks https, as far as the nearest proxy of ours can tell."""
    if connection.url.scheme in {"https", "wss"}:
        return True
    return proxies > 0 and connection.headers.get("x-forwarded-proto", "").split(",")[-1].strip() == "https"


def is_foreign(connection: HTTPConnection, origins: Collection[str]) -> bool:
    """Whether a page of another site makes this request in the visitor's name.

    Browsers name the page's origin in every WebSocket handshake and POST; what is no browser sends none and
    has no other site's cookies to abuse. `origins` are allowed besides the requested host itself.
    """
    origin = connection.headers.get("origin")
    if origin is None or origin in origins:
        return False
    try:
        host = urlsplit(origin).netloc.lower()
    except ValueError:
        return True
    return not host or host != connection.headers.get("host", "").lower()
