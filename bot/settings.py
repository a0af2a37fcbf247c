"""Settings, from the environment: prefix `MINSHENG_`, nested by `__`. Nothing else is read.

Each field says what it is for; the README's table and `minsheng run --help` list them from here.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from bot.channels.telegram_settings import TelegramDriver, TelegramMode
from bot.channels.telegram_settings import TelegramSettings as Telegram
from bot.channels.webchat_limits import WebChatSettings
from bot.channels.wechat_settings import Template, template
from bot.channels.wechat_settings import WeChatSettings as WeChat
from handlers.messages import NoticeKind

PREFIX = "MINSHENG_"
_OF_TESTS = "MINSHENG_TEST_"
SECRET_AT_LEAST = 32  # bytes: as long as the digest that it keys (RFC 2104, section 3)


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class TelegramSettings(BaseModel):
    """As `bot.channels.telegram_settings.TelegramSettings`, which checks them; no token, no Telegram."""

    model_config = ConfigDict(hide_input_in_errors=True)

    token: SecretStr = Field(SecretStr(""), description="the token that @BotFather gave; empty: no Telegram")
    driver: TelegramDriver = Field(TelegramDriver.AIOGRAM, description="aiogram (fast) or ptb (starts sooner)")
    username: str = Field("", description="the bot's public name, for links and QR codes; empty: Telegram tells it")
    api_base: str = Field("https://api.telegram.org", description="where the Bot API is")
    mode: TelegramMode = Field(TelegramMode.POLLING, description="polling, or webhook (Telegram calls /telegram)")
    webhook_secret: SecretStr = Field(
        SecretStr(""), validate_default=True, description="what Telegram proves itself with; needed for webhook"
    )
    webhook_url: str = Field("", description="the address of /telegram as Telegram sees it; it is registered at start")
    per_second: float = Field(30, gt=0, description="messages a second, to all chats together")
    chat_interval: float = Field(1, ge=0, description="least seconds between two messages to one chat")

    @field_validator("token")
    @classmethod
    def _genuine(cls, value: SecretStr) -> SecretStr:
        if token := value.get_secret_value():
            Telegram(token)
        return value

    @field_validator("username")
    @classmethod
    def _without_at(cls, value: str) -> str:
        return value.removeprefix("@")

    @field_validator("api_base", "webhook_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        return _checked_url(value, "http", "https").rstrip("/")

    @field_validator("webhook_secret")
    @classmethod
    def _proves_enough(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        token, mode = info.data.get("token"), info.data.get("mode")
        if token and token.get_secret_value() and mode is TelegramMode.WEBHOOK:
            Telegram(token.get_secret_value(), mode=mode, webhook_secret=value.get_secret_value())
        return value

    def checked(self) -> Telegram:
        """For the channel."""
        return Telegram(
            token=self.token.get_secret_value(),
            driver=self.driver,
            api_base=self.api_base,
            mode=self.mode,
            webhook_secret=self.webhook_secret.get_secret_value(),
            webhook_url=self.webhook_url,
            per_second=self.per_second,
            chat_interval=self.chat_interval,
        )


class WeChatSettings(BaseModel):
    """As `bot.channels.wechat_settings.WeChatSettings`, which checks them; no app id, no WeChat."""

    model_config = ConfigDict(hide_input_in_errors=True)

    app_id: str = Field("", description="the Official Account's AppID (开发者ID); empty: no WeChat")
    secret: SecretStr = Field(SecretStr(""), description="its AppSecret (开发者密码); needed to push and for files")
    token: SecretStr = Field(SecretStr(""), description="令牌 of its 服务器配置: what WeChat proves itself with")
    aes_key: SecretStr = Field(
        SecretStr(""), description="EncodingAESKey (消息加解密密钥) of its 服务器配置; empty: 明文模式"
    )
    api_base: str = Field("https://api.weixin.qq.com", description="where WeChat's API is")
    active: bool = Field(
        default=False, description="the account is verified and may push messages (客服消息); else it only answers"
    )
    max_age_seconds: int = Field(600, ge=0, description="older requests are refused; 0: any age is taken")
    per_second: float = Field(50, gt=0, description="messages a second, to all together")
    notice_duty: str = Field(
        "", description="subscription notice (订阅通知) of duties: the template's id and its keywords, ID thing1=what …"
    )
    notice_proposal: str = Field("", description="subscription notice of how a proposal stands, likewise")
    template_duty: str = Field("", description="template message (模板消息) of duties, likewise")
    template_proposal: str = Field("", description="template message of how a proposal stands, likewise")
    notices_last: bool = Field(default=False, description="who agrees to notices does so for good (长期订阅)")
    mass: bool = Field(
        default=False, description="announcements go by mass send (群发) to whom nothing else may be pushed"
    )

    @field_validator("api_base")
    @classmethod
    def _web_address(cls, value: str) -> str:
        return _checked_url(value, "http", "https").rstrip("/")

    @field_validator("notice_duty", "notice_proposal", "template_duty", "template_proposal")
    @classmethod
    def _template(cls, value: str, info: ValidationInfo) -> str:
        template(value, NoticeKind((info.field_name or "").rpartition("_")[2]))
        return value

    @model_validator(mode="after")
    def _fits(self) -> "WeChatSettings":
        if self.app_id:
            self.checked()
        return self

    def checked(self) -> WeChat:
        """For the channel."""
        return WeChat(
            app_id=self.app_id,
            token=self.token.get_secret_value(),
            aes_key=self.aes_key.get_secret_value(),
            secret=self.secret.get_secret_value(),
            api_base=self.api_base,
            active=self.active,
            max_age=self.max_age_seconds,
            per_second=self.per_second,
            notices=self._templates("notice"),
            templates=self._templates("template"),
            notices_last=self.notices_last,
            mass=self.mass,
        )

    def _templates(self, way: str) -> dict[NoticeKind, Template]:
        return {kind: one for kind in NoticeKind if (one := template(getattr(self, f"{way}_{kind}"), kind))}


class Settings(BaseSettings):
    """Everything that can be set. Each has a default with which the program runs on one machine, without accounts."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    data_dir: Path = Field(Path("data"), description="folder of the SQLite database, of people's files and the secret")
    database_url: str = Field("", description="sqlite:///FILE or postgresql://…; empty: minsheng.db in DATA_DIR")
    redis_url: str = Field("", description="redis://…, where several replicas run; empty: none")
    http_host: str = Field("127.0.0.1", description="the address to listen on; 0.0.0.0 for all of this machine")
    http_port: int = Field(8080, ge=0, le=65535, description="the port to listen on; 0: any free one")
    public_url: str = Field("", description="how people reach this server, such as https://bot.example; for links")
    secret: SecretStr = Field(
        SecretStr(""),
        description="signs the web chat's cookies, the same in every replica; empty: one kept in DATA_DIR",
    )
    log_level: LogLevel = Field(LogLevel.INFO, description="debug, info, warning or error")
    messages_per_minute: int = Field(20, gt=0, description="of one person; beyond it they are asked to wait")
    working_days_file: str = Field(
        "", description="free and worked days of years to come, one a line; empty: working_days.txt in DATA_DIR"
    )
    web: WebChatSettings = WebChatSettings()
    telegram: TelegramSettings = TelegramSettings()
    wechat: WeChatSettings = WeChatSettings()

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        for scheme in ("postgres://", "postgresql://"):
            if value.startswith(scheme):
                value = value.replace(scheme, "postgresql+psycopg://", 1)
        return _checked_database(value) if value else value

    @field_validator("redis_url")
    @classmethod
    def _known_redis(cls, value: str) -> str:
        return _checked_url(value, "redis", "rediss", "unix")

    @field_validator("public_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        return _checked_url(value, "http", "https").rstrip("/")

    @field_validator("secret")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and len(value.get_secret_value().encode()) < SECRET_AT_LEAST:
            raise ValueError(f"must be at least {SECRET_AT_LEAST} bytes long: make one with openssl rand -hex 32")
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _any_case(cls, value: Any) -> Any:
        return value.lower() if isinstance(value, str) else value

    @property
    def working_days(self) -> Path:
        return Path(self.working_days_file or self.data_dir / "working_days.txt")

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'minsheng.db'}"

    @property
    def address(self) -> str:
        """Where people reach this server."""
        if self.public_url:
            return self.public_url
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.http_host, self.http_host)  # noqa: S104  # not bound
        return f"http://{f'[{host}]' if ':' in host and '[' not in host else host}:{self.http_port}"


def _checked_database(value: str) -> str:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("must begin with sqlite:/// or postgresql://")
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        raise ValueError("is no address of a database") from None
    if value.startswith("sqlite") and (url.query or url.database in (None, "", ":memory:")):
        raise ValueError("must name a file, without options")
    return value


def _checked_url(value: str, *schemes: str) -> str:
    """An address of one of the schemes, or none at all."""
    if value and not value.startswith(tuple(f"{scheme}://" for scheme in schemes)):
        raise ValueError(f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
    try:
        _ = urlsplit(value).port
    except ValueError:
        raise ValueError("the port in it is no number from 0 to 65535") from None
    return value


# --- reading them


class BadSettings(Exception):
    """A setting is wrong. Each line names the variable and what to do; values are not repeated, they may be secret."""


def load_settings() -> Settings:
    """Read the environment. Raises BadSettings."""
    try:
        return Settings()
    except SettingsError:
        raise BadSettings(
            f"{PREFIX}TELEGRAM, {PREFIX}WECHAT and {PREFIX}WEB: set the names that begin so, such as "
            f"{PREFIX}TELEGRAM__TOKEN, one by one."
        ) from None
    except ValidationError as error:
        raise BadSettings("\n".join(_sentence(one["loc"], one["msg"]) for one in error.errors())) from None


def _sentence(location: tuple[int | str, ...], message: str) -> str:
    name = PREFIX + "__".join(str(part).upper() for part in location)
    meaning = {variable.name: variable.meaning for variable in variables()}.get(name)
    said = message.removeprefix("Value error, ")
    # What is wrong with a group of settings names the variable itself.
    return f"{name}: {said.rstrip('.')} ({meaning})." if meaning else said


# --- listing them


@dataclass(frozen=True, slots=True)
class Variable:
    """One setting as an operator sees it. `default` is empty where there is none to show."""

    name: str
    default: str
    meaning: str


def variables() -> list[Variable]:
    """Every setting, in the order in which to read about them."""
    return list(_variables(Settings.model_fields, PREFIX))


def _variables(fields: Mapping[str, FieldInfo], prefix: str) -> Iterator[Variable]:
    for name, field in fields.items():
        if isinstance(field.default, BaseModel):
            yield from _variables(type(field.default).model_fields, f"{prefix}{name.upper()}__")
        else:
            yield Variable(f"{prefix}{name.upper()}", _shown(field.default), field.description or "")


def _shown(default: object) -> str:
    match default:
        case SecretStr():
            return ""
        case frozenset():
            return " ".join(sorted(default))
        case _:
            return str(default)


def strangers() -> list[str]:
    """Variables of our prefix that are no setting: most likely misspelt."""
    known = {variable.name for variable in variables()}
    named = (name for name in os.environ if name.startswith(PREFIX) and not name.startswith(_OF_TESTS))
    return sorted(name for name in named if name.upper() not in known)
