"""What an operator can choose wrongly."""

from datetime import timedelta

import pytest

from bot.channels.wechat_settings import WeChatSettings
from bot.sender import LEASE
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


def test_settings_do_not_show_their_secrets() -> None:
    shown = repr(WeChatSettings(APP_ID, TOKEN, AES_KEY, SECRET))
    assert APP_ID in shown
    assert not [secret for secret in (TOKEN, AES_KEY, SECRET) if secret in shown]


def test_a_send_is_given_up_before_the_senders_lease_ends() -> None:
    assert timedelta(seconds=WeChatSettings(APP_ID, TOKEN).send_timeout) < LEASE
