"""Cookies, networks, origins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import HTTPConnection
from starlette.responses import Response

from bot.channels.webchat import WebChatSettings
from bot.channels.webchat_identity import COOKIE, Identities, address_of, is_foreign, is_secure
from tests.bot.channels.web_visitor import HOST, Closed, Visitor, visitor_of
from tests.web_chat_double import EchoBot


def _connection(client: str = "192.0.2.1", scheme: str = "http", **headers: str | list[str]) -> HTTPConnection:
    lines = [
        (name.replace("_", "-").encode(), value.encode("latin-1"))
        for name, values in headers.items()
        for value in ([values] if isinstance(values, str) else values)
    ]
    scope = {"type": "http", "scheme": scheme, "path": "/chat", "headers": lines, "server": ("chat.test", 80)}
    return HTTPConnection(scope | ({"client": (client, 1)} if client else {}))


def _with_cookie(value: str) -> HTTPConnection:
    return _connection(cookie=f"{COOKIE}={value}")


def test_a_visitor_is_known_by_the_cookie() -> None:
    identities = Identities(b"secret")
    account = identities.new_account()
    assert identities.account_of(_with_cookie(identities.cookie(account))) == account
    assert account != identities.new_account()


def test_another_installations_cookie_is_none_of_ours() -> None:
    account = Identities(b"one").new_account()
    assert Identities(b"other").account_of(_with_cookie(Identities(b"one").cookie(account))) is None


@given(st.data())
def test_a_damaged_cookie_is_no_identity(data: st.DataObject) -> None:
    identities = Identities(b"secret")
    value = identities.cookie(identities.new_account())
    place = data.draw(st.integers(0, len(value) - 1))
    character = data.draw(st.characters(min_codepoint=33, max_codepoint=255).filter(lambda c: c != value[place]))
    assert identities.account_of(_with_cookie(value[:place] + character + value[place + 1 :])) is None


def test_scripts_and_other_sites_do_not_get_the_cookie() -> None:
    response = Response()
    Identities(b"secret").remember(response, "a" * 22, secure=True)
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/chat"} <= set(response.headers["set-cookie"].split("; "))


@pytest.mark.parametrize(
    ("client", "forwarded", "proxies", "network"),
    [
        ("192.0.2.1", [], 0, "192.0.2.1"),
        ("192.0.2.1", ["203.0.113.9"], 0, "192.0.2.1"),  # nobody vouches for the header
        ("10.0.0.1", ["203.0.113.9"], 1, "203.0.113.9"),
        ("10.0.0.1", ["198.51.100.1, 203.0.113.9"], 1, "203.0.113.9"),  # the first is what the visitor claims
        ("10.0.0.1", ["198.51.100.1", "203.0.113.9"], 1, "203.0.113.9"),
        ("10.0.0.1", ["198.51.100.1, 203.0.113.9, 10.0.0.2"], 2, "203.0.113.9"),
        ("10.0.0.1", ["203.0.113.9"], 3, "203.0.113.9"),
        ("10.0.0.1", [], 1, "10.0.0.1"),
        ("10.0.0.1", ["junk"], 1, "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", [], 0, "2001:0db8:0001:0002"),
        ("::ffff:192.0.2.1", [], 0, "192.0.2.1"),
        ("10.0.0.1", ["[2001:db8:1:2::9]"], 1, "2001:0db8:0001:0002"),
        ("", [], 0, ""),
        ("testclient", [], 0, ""),
    ],
)
def test_a_request_is_counted_for_the_network_it_comes_from(
    client: str, forwarded: list[str], proxies: int, network: str
) -> None:
    assert address_of(_connection(client, x_forwarded_for=forwarded), proxies) == network


@pytest.mark.parametrize(
    ("scheme", "forwarded", "proxies", "secure"),
    [
        ("https", "", 0, True),
        ("http", "https", 0, False),
        ("http", "https", 1, True),
        ("http", "https, http", 1, False),
    ],
)
def test_https_is_what_a_trusted_proxy_says(scheme: str, forwarded: str, proxies: int, secure: bool) -> None:
    assert is_secure(_connection(scheme=scheme, x_forwarded_proto=forwarded), proxies) is secure


def test_a_request_without_an_origin_is_no_other_pages() -> None:
    assert not is_foreign(_connection(host="chat.test"), ())
    assert not is_foreign(_connection(host="Chat.test:8080", origin="http://chat.test:8080"), ())
    assert is_foreign(_connection(host="chat.test:8080", origin="http://chat.test"), ())
    assert is_foreign(_connection(host="", origin="null"), ())


@pytest.mark.parametrize("origin", ["http://evil.test", "null", "", "http://[", f"http://{HOST}.evil.test", "file://"])
async def test_a_page_of_another_site_is_not_let_in(visitor: Visitor, origin: str) -> None:
    with pytest.raises(Closed) as closed:
        async with visitor.page(origin=origin):
            pass
    assert closed.value.code == 403


async def test_an_allowed_origin_is_let_in(bot: EchoBot) -> None:
    visitor = await visitor_of(bot, WebChatSettings(origins=frozenset({"https://town.example"})))
    async with visitor.page(origin="https://town.example") as page:
        assert await page.told() == []
