"""What an operator can choose wrongly."""

import re
from datetime import timedelta
from typing import Any

import pytest

from bot.channels.wechat_settings import Template, WeChatSettings, template
from bot.sender import LEASE
from bot.settings import BadSettings, load_settings
from handlers.messages import NoticeKind
from tests.wechat_api import AES_KEY, APP_ID, SECRET, TOKEN


@pytest.mark.parametrize("app_id", ["", "x", "gh_0123456789abcdef", APP_ID[:-1], APP_ID + "0", APP_ID + "\n", "wx路灯"])
def test_what_is_no_app_id_is_told(app_id: str) -> None:
    with pytest.raises(ValueError, match="AppID"):
        WeChatSettings(app_id, TOKEN)


@pytest.mark.parametrize("token", ["", "ab", "x" * 33, "with space", "under_score", "路灯路灯", TOKEN + "\n"])
def test_what_is_no_token_is_told_without_showing_it(token: str) -> None:
    with pytest.raises(ValueError, match="令牌") as caught:
        WeChatSettings(APP_ID, token)
    assert not token.strip() or token not in str(caught.value)


@pytest.mark.parametrize("key", ["x", AES_KEY[:-1], AES_KEY + "0", AES_KEY[:-1] + "=", AES_KEY[:-1] + "_", "路" * 43])
def test_what_is_no_key_is_told_without_showing_it(key: str) -> None:
    with pytest.raises(ValueError, match="消息加解密密钥") as caught:
        WeChatSettings(APP_ID, TOKEN, key)
    assert key not in str(caught.value)


def test_who_pushes_needs_the_secret() -> None:
    with pytest.raises(ValueError, match="AppSecret"):
        WeChatSettings(APP_ID, TOKEN, active=True)
    assert WeChatSettings(APP_ID, TOKEN, secret=SECRET, active=True).active


ID = "plainly-invented-template-identity"
FIELDS = {"thing1": "what", "thing2": "about", "date3": "until", "time4": "at", "phrase5": "what", "const6": "what"}


def test_a_template_is_read_with_what_its_keywords_say() -> None:
    written = " ".join([ID, *(f"{keyword}={said}" for keyword, said in FIELDS.items()), "character_string12=about"])
    whole = {**FIELDS, "character_string12": "about"}
    assert template(f"  {written}\n", NoticeKind.DUTY) == Template(ID, whole)
    assert template(" ", NoticeKind.DUTY) is None


WRONG = {
    "an id alone": (ID, "模板ID"),
    "no id": ("thing1=what", "模板ID"),
    "no keyword": (f"{ID} what", "a kind and a number"),
    "a keyword without its number": (f"{ID} thing=what", "a kind and a number"),
    "a whole keyword": (f"{ID} {{{{thing1.DATA}}}}=what", "a kind and a number"),
    "nothing to say": (f"{ID} thing1", "what, about, until and at"),
    "something else to say": (f"{ID} thing1=text", "what, about, until and at"),
    "an amount": (f"{ID} amount1=what", "thing, character_string"),
    "a name": (f"{ID} name1=about", "thing, character_string"),
    "an old keyword": (f"{ID} keyword1=what", "thing, character_string"),
    "words for a moment": (f"{ID} time1=what", "until or at"),
    "a moment for words": (f"{ID} phrase1=at", "what or about"),
    "one keyword twice": (f"{ID} thing1=what thing1=about", "twice"),
}


@pytest.mark.parametrize(("written", "told"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("kind", NoticeKind)
def test_a_template_that_cannot_be_is_told(written: str, told: str, kind: NoticeKind) -> None:
    with pytest.raises(ValueError, match=re.escape(told)) as caught:
        template(written, kind)
    assert ID not in str(caught.value)


def test_a_proposal_has_no_last_day() -> None:
    with pytest.raises(ValueError, match="no last day"):
        template(f"{ID} date1=until", NoticeKind.PROPOSAL)


@pytest.mark.parametrize("way", ["notices", "templates", "mass"])
def test_who_tells_people_that_something_waits_pushes(way: str) -> None:
    chosen: dict[str, Any] = {way: way == "mass" or {NoticeKind.DUTY: Template(ID, {"thing1": "what"})}}
    with pytest.raises(ValueError, match="MINSHENG_WECHAT__ACTIVE"):
        WeChatSettings(APP_ID, TOKEN, secret=SECRET, **chosen)
    assert WeChatSettings(APP_ID, TOKEN, secret=SECRET, active=True, **chosen).active


@pytest.mark.parametrize("name", ["notice_duty", "notice_proposal", "template_duty", "template_proposal"])
def test_a_template_that_is_set_wrong_is_told_by_the_name_of_its_setting(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    setting = f"MINSHENG_WECHAT__{name.upper()}"
    monkeypatch.setenv(setting, f"{ID} amount1=what")
    with pytest.raises(BadSettings, match=rf"^{setting}: Nothing that is said fits the keyword amount1:"):
        load_settings()


def test_what_is_set_reaches_the_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "app_id": APP_ID,
        "token": TOKEN,
        "secret": SECRET,
        "active": "true",
        "notices_last": "true",
        "mass": "true",
    }
    ways = {f"{way}_{kind}": f"{ID}-{way}-{kind} thing1=what" for way in ("notice", "template") for kind in NoticeKind}
    for name, value in {**given, **ways}.items():
        monkeypatch.setenv(f"MINSHENG_WECHAT__{name.upper()}", value)
    chosen = load_settings().wechat.checked()
    for way, found in (("notice", chosen.notices), ("template", chosen.templates)):
        assert found == {kind: Template(f"{ID}-{way}-{kind}", {"thing1": "what"}) for kind in NoticeKind}
    assert (chosen.notices_last, chosen.mass) == (True, True)


def test_settings_do_not_show_their_secrets() -> None:
    shown = repr(WeChatSettings(APP_ID, TOKEN, AES_KEY, SECRET))
    assert APP_ID in shown
    assert not [secret for secret in (TOKEN, AES_KEY, SECRET) if secret in shown]


def test_a_send_is_given_up_before_the_senders_lease_ends() -> None:
    assert timedelta(seconds=WeChatSettings(APP_ID, TOKEN).send_timeout) < LEASE
