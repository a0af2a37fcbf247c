"""Settings come from the environment, and a wrong one is named with what to do; its value is never repeated."""

from pathlib import Path

import pytest

from bot.channels.telegram_settings import TelegramDriver, TelegramMode
from bot.settings import BadSettings, LogLevel, load_settings, strangers, variables

TOKEN = "42:plainly-invented"
WECHAT = {"APP_ID": "wx0123456789abcdef", "TOKEN": "invented"}


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [variable.name for variable in variables()]:
        monkeypatch.delenv(name, raising=False)


def bad(monkeypatch: pytest.MonkeyPatch, **settings: str) -> str:
    for name, value in settings.items():
        monkeypatch.setenv(f"MINSHENG_{name}", value)
    with pytest.raises(BadSettings) as error:
        load_settings()
    return str(error.value)


def test_nothing_has_to_be_set() -> None:
    settings = load_settings()

    assert settings.database == "sqlite:///data/minsheng.db"
    assert (settings.http_host, settings.http_port) == ("127.0.0.1", 8080)
    assert settings.telegram.token.get_secret_value() == ""
    assert (settings.wechat.app_id, settings.wechat.active) == ("", False)


def test_everything_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "DATA_DIR": "/srv/minsheng",
        "DATABASE_URL": "postgres://bot@db/minsheng",
        "LOG_LEVEL": "Debug",
        "PUBLIC_URL": "https://bot.example/",
        "WEB__PROXIES": "1",
        "WEB__ORIGINS": "https://a.example https://b.example",
        "TELEGRAM__TOKEN": TOKEN,
        "TELEGRAM__DRIVER": "ptb",
        "TELEGRAM__MODE": "webhook",
        "TELEGRAM__WEBHOOK_SECRET": "s" * 40,
        "TELEGRAM__WEBHOOK_URL": "https://bot.example/telegram",
        "TELEGRAM__API_BASE": "http://127.0.0.1:8081/",
        "TELEGRAM__USERNAME": "@yunxi_bot",
        "WECHAT__APP_ID": WECHAT["APP_ID"],
        "WECHAT__TOKEN": WECHAT["TOKEN"],
        "WECHAT__AES_KEY": "k" * 43,
        "WECHAT__SECRET": "s" * 32,
        "WECHAT__API_BASE": "http://127.0.0.1:8082/",
        "WECHAT__ACTIVE": "true",
        "WECHAT__MAX_AGE_SECONDS": "0",
    }.items():
        monkeypatch.setenv(f"MINSHENG_{name}", value)

    settings = load_settings()

    assert settings.data_dir == Path("/srv/minsheng")
    assert settings.database == "postgresql+psycopg://bot@db/minsheng"
    assert settings.log_level is LogLevel.DEBUG
    assert settings.public_url == "https://bot.example"
    assert settings.web.proxies == 1
    assert settings.web.origins == {"https://a.example", "https://b.example"}
    assert settings.telegram.username == "yunxi_bot"
    telegram = settings.telegram.checked()
    assert (telegram.token, telegram.driver, telegram.mode) == (TOKEN, TelegramDriver.PTB, TelegramMode.WEBHOOK)
    assert telegram.api_base == "http://127.0.0.1:8081"
    wechat = settings.wechat.checked()
    assert (wechat.app_id, wechat.token, wechat.aes_key) == (WECHAT["APP_ID"], WECHAT["TOKEN"], "k" * 43)
    assert (wechat.secret, wechat.active, wechat.max_age) == ("s" * 32, True, 0)
    assert wechat.api_base == "http://127.0.0.1:8082"


def test_what_is_set_to_nothing_has_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINSHENG_HTTP_PORT", "")

    assert load_settings().http_port == 8080


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("APP_ID", "hunter2", "APP_ID: The AppID of an Official Account is wx and 16 letters and digits."),
        ("TOKEN", "", "TOKEN: The token (令牌) is 3 to 32 letters and digits"),
        ("TOKEN", "hunter 2", "TOKEN: The token (令牌) is 3 to 32 letters and digits"),
        ("AES_KEY", "hunter2", "AES_KEY: The EncodingAESKey (消息加解密密钥) has 43 letters and digits."),
        ("ACTIVE", "true", "SECRET: To push messages, the account's secret (AppSecret) is needed."),
        ("MASS", "true", "ACTIVE: Notices, template messages and mass sends are pushed: set it, too."),
        ("ACTIVE", "hunter2", "ACTIVE: Input should be a valid boolean"),
        ("API_BASE", "ftp://hunter2", "API_BASE: must begin with http:// or https://"),
        ("MAX_AGE_SECONDS", "-1", "MAX_AGE_SECONDS: Input should be greater than or equal to 0"),
        ("PER_SECOND", "0", "PER_SECOND: Input should be greater than 0"),
    ],
)
def test_an_account_of_wechat_that_cannot_be_right_is_told(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    settings = {f"WECHAT__{one}": given for one, given in (WECHAT | {name: value}).items()}
    sentence = bad(monkeypatch, **settings)
    assert sentence.startswith(f"MINSHENG_WECHAT__{says}")
    assert "hunter" not in sentence


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("HTTP_PORT", "eighty", "valid integer"),
        ("HTTP_PORT", "70000", "less than or equal to 65535"),
        ("DATABASE_URL", "mysql://root:hunter2@db/x", "must begin with sqlite:/// or postgresql://"),
        ("DATABASE_URL", "postgresql://root:hunter2@db:port/x", "is no address of a database"),
        ("DATABASE_URL", "postgresql://hunter2:", "is no address of a database"),
        ("DATABASE_URL", "sqlite:///", "must name a file, without options"),
        ("DATABASE_URL", "sqlite:///:memory:", "must name a file, without options"),
        ("DATABASE_URL", "sqlite:///hunter2.db?mode=ro", "must name a file, without options"),
        ("REDIS_URL", "http://hunter2@redis", "must begin with redis:// or rediss:// or unix://"),
        ("REDIS_URL", "redis://:hunter2@redis:99999", "the port in it is no number"),
        ("SECRET", "hunter2", "must be at least 32 bytes long: make one with openssl rand -hex 32"),
        ("PUBLIC_URL", "bot.example", "must begin with http:// or https://"),
        ("LOG_LEVEL", "loud", "'debug', 'info', 'warning' or 'error'"),
        ("MESSAGES_PER_MINUTE", "0", "greater than 0"),
        ("WEB__PROXIES", "-1", "greater than or equal to 0"),
        ("WEB__FRAME_ANCESTORS", "'self'; script-src *", "must be one list of sources"),
        ("TELEGRAM__TOKEN", "hunter2", "must be the one that @BotFather gave"),
        ("TELEGRAM__DRIVER", "telethon", "'aiogram' or 'ptb'"),
        ("TELEGRAM__API_BASE", "ftp://api", "must begin with http:// or https://"),
        ("TELEGRAM__PER_SECOND", "0", "greater than 0"),
    ],
)
def test_a_wrong_setting_is_named_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, remedy: str
) -> None:
    sentence = bad(monkeypatch, **{name: value})

    assert sentence.startswith(f"MINSHENG_{name}: ")
    assert remedy in sentence
    assert next(variable.meaning for variable in variables() if variable.name == f"MINSHENG_{name}") in sentence
    assert "hunter2" not in sentence


def test_webhooks_need_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    sentence = bad(monkeypatch, TELEGRAM__TOKEN=TOKEN, TELEGRAM__MODE="webhook")

    assert sentence.startswith("MINSHENG_TELEGRAM__WEBHOOK_SECRET: Webhooks need a secret")


def test_everything_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(bad(monkeypatch, HTTP_PORT="x", SECRET="x", TELEGRAM__TOKEN="x").splitlines()) == 3


def test_a_group_of_settings_is_not_set_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "one by one" in bad(monkeypatch, TELEGRAM="hunter2")


def test_secrets_are_not_shown_by_accident(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINSHENG_TELEGRAM__TOKEN", TOKEN)
    monkeypatch.setenv("MINSHENG_SECRET", "hunter2" * 8)
    settings = load_settings()

    for shown in (repr(settings), str(settings), repr(settings.telegram.checked())):
        assert "invented" not in shown
        assert "hunter2" not in shown


def test_every_setting_says_what_it_is_for() -> None:
    names = [variable.name for variable in variables()]

    assert all(variable.meaning for variable in variables())
    assert len(set(names)) == len(names)
    assert {"MINSHENG_DATABASE_URL", "MINSHENG_WEB__PROXIES", "MINSHENG_TELEGRAM__TOKEN"} < set(names)


def test_a_misspelt_setting_is_a_stranger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINSHENG_HTTPPORT", "8081")
    monkeypatch.setenv("MINSHENG_TEST_REDIS_URL", "redis://localhost")

    assert strangers() == ["MINSHENG_HTTPPORT"]
