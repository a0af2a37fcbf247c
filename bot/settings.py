"""Settings, from the environment: prefix `MINSHENG_`, nested by `__`. Nothing else is read."""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.channels.telegram_settings import TelegramDriver, TelegramMode
from bot.channels.telegram_settings import TelegramSettings as Telegram
from bot.channels.webchat_limits import WebChatSettings


class TelegramSettings(BaseModel):
    """As `bot.channels.telegram_settings.TelegramSettings`, which checks them; no token, no Telegram."""

    token: SecretStr = SecretStr("")
    driver: TelegramDriver = TelegramDriver.AIOGRAM
    username: str = ""  # the bot's public name, for links and QR codes
    api_base: str = "https://api.telegram.org"
    mode: TelegramMode = TelegramMode.POLLING
    webhook_secret: SecretStr = SecretStr("")
    webhook_url: str = ""
    per_second: float = Field(default=30, gt=0)
    chat_interval: float = Field(default=1, ge=0)

    @model_validator(mode="after")
    def _right(self) -> Self:
        if self.token.get_secret_value():
            self.checked()
        return self

    def checked(self) -> Telegram:
        """For the channel. Raises ValueError with a sentence that holds no secret."""
        return Telegram(
            token=self.token.get_secret_value(),
            driver=self.driver,
            api_base=self.api_base.rstrip("/"),
            mode=self.mode,
            webhook_secret=self.webhook_secret.get_secret_value(),
            webhook_url=self.webhook_url,
            per_second=self.per_second,
            chat_interval=self.chat_interval,
        )


class Settings(BaseSettings):
    """Everything that can be set. Each has a default with which the program runs on one machine, without accounts."""

    model_config = SettingsConfigDict(env_prefix="MINSHENG_", env_nested_delimiter="__", extra="ignore")

    data_dir: Path = Path("data")
    database_url: str = ""
    redis_url: str = ""
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8080, ge=0, le=65535)
    log_level: str = "info"
    messages_per_minute: int = Field(default=20, gt=0)
    secret: SecretStr = SecretStr("")
    public_url: str = ""
    web: WebChatSettings = WebChatSettings()
    telegram: TelegramSettings = TelegramSettings()

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value.startswith("postgres://"):
            value = value.replace("postgres://", "postgresql://", 1)
        if value.startswith("postgresql://"):
            value = value.replace("postgresql://", "postgresql+psycopg://", 1)
        if value and not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return value

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'minsheng.db'}"


class BadSettings(Exception):
    """A setting is wrong. Each line names the variable and what to do; values are not repeated, they may be secret."""


def load_settings() -> Settings:
    """Read the environment. Raises BadSettings."""
    try:
        return Settings()
    except ValidationError as error:
        raise BadSettings("\n".join(_sentence(one["loc"], one["msg"]) for one in error.errors())) from None


def _sentence(location: tuple[int | str, ...], message: str) -> str:
    variable = "MINSHENG_" + "__".join(str(part).upper() for part in location)
    return f"{variable}: {message.removeprefix('Value error, ')}"
