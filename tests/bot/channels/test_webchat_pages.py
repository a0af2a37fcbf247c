"""The page and its files."""

import re
from pathlib import Path

import pytest

from bot.channels.webchat import WebChatSettings
from bot.channels.webchat_texts import language_of, words
from tests.bot.channels.web_visitor import Visitor
from tests.web_chat_double import EchoBot


async def test_the_page_allows_only_what_is_ours(visitor: Visitor) -> None:
    response = await visitor.come()
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
    assert "connect-src 'self' ws://chat.test wss://chat.test;" in policy
    assert policy.endswith("frame-ancestors 'none'")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "same-origin"
    assert response.headers["cache-control"] == "no-store"


async def test_nothing_in_the_page_is_inline_or_from_elsewhere(visitor: Visitor) -> None:
    html = (await visitor.come()).text
    scripts = re.findall(r"<script[^>]*>", html)
    assert all('type="application/json"' in script or 'src="/chat/static/' in script for script in scripts)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", html)
    assert not re.findall(r"(?:src|href)=\"(?!/chat/static/)", html)


async def test_who_may_embed_the_page_is_a_setting(tmp_path: Path) -> None:
    channel = EchoBot(tmp_path).serve_by(WebChatSettings(frame_ancestors="https://town.example"))
    response = await Visitor(channel).come()
    assert response.headers["content-security-policy"].endswith("frame-ancestors https://town.example")


async def test_a_host_that_is_none_stays_out_of_the_policy(visitor: Visitor) -> None:
    response = await visitor.come(host="evil; script-src *")
    assert "connect-src 'self';" in response.headers["content-security-policy"]


async def test_script_and_style_can_be_kept_for_ever(visitor: Visitor) -> None:
    html = (await visitor.come()).text
    for address in re.findall(r'"(/chat/static/[^"]+)"', html):
        response = await visitor.http.get(address)
        assert response.status_code == 200
        assert "immutable" in response.headers["cache-control"]
        assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["old/chat.js", "VERSION/chat.html", "VERSION/..%2f..%2fwebchat.py", "VERSION/none.js"]
)
async def test_other_files_are_not_served(visitor: Visitor, path: str) -> None:
    html = (await visitor.come()).text
    found = re.search(r"/chat/static/(\w+)/", html)
    assert found
    response = await visitor.http.get("/chat/static/" + path.replace("VERSION", found[1]))
    assert response.status_code == 404


async def test_a_second_visit_keeps_the_identity(bot: EchoBot) -> None:
    visitor = Visitor(bot.serve_by())
    first = await visitor.come()
    account = visitor.account
    assert "HttpOnly" in first.headers["set-cookie"]
    assert "Secure" not in first.headers["set-cookie"]
    await visitor.come()
    assert visitor.account == account


@pytest.mark.parametrize("cookie", ["forged", "é.ü", "a" * 22 + "." + "b" * 43])
async def test_a_forged_cookie_gets_a_new_identity(visitor: Visitor, cookie: str) -> None:
    headers = {b"cookie": f"minsheng_chat={cookie}".encode("latin-1")}
    response = await visitor.http.get("/chat", headers=headers)
    assert response.status_code == 200
    assert visitor.cookie
    assert visitor.cookie != cookie


async def test_junk_in_the_address_changes_nothing(visitor: Visitor) -> None:
    response = await visitor.http.get("/chat?start=<script>alert(1)</script>%00%ff")
    assert response.status_code == 200
    assert "alert" not in response.text


async def test_large_type_is_remembered(visitor: Visitor) -> None:
    visitor.http.cookies.set("minsheng_large", "1", path="/chat")
    html = (await visitor.come()).text
    assert 'class="large"' in html
    assert 'aria-pressed="true"' in html


@pytest.mark.parametrize(
    ("asked", "language"),
    [("", "zh"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("*", "zh"), ("en-US,zh", "en"), ("ZH-hant", "zh"), ("fr", "en")],
)
async def test_the_page_speaks_chinese_unless_the_browser_prefers_another(
    visitor: Visitor, asked: str, language: str
) -> None:
    assert language_of(asked) == language
    html = (await visitor.come(accept_language=asked)).text
    assert ("在这里写" in html) == (language == "zh")
    assert ("Write here" in html) == (language == "en")


def test_every_word_is_there_in_both_languages() -> None:
    assert words("zh").keys() == words("en").keys()
    assert all(words("zh").values())
    assert all(words("en").values())
