"""Settings, from the environment: prefix `MINSHENG_`, nested by `__`. Nothing else is read."""

from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Driver(StrEnum):
    AIOGRAM = "aiogram"
    PTB = "ptb"


class Mode(StrEnum):
    POLLING = "polling"
    WEBHOOK = "webhook"


class TelegramSettings(BaseModel):
    """`per_second` and `chat_interval` (seconds) are the Bot API's limits; paid broadcast allows more a second."""

    token: SecretStr = SecretStr("")
    driver: Driver = Driver.AIOGRAM
    api_base: str = "https://api.telegram.org"
    mode: Mode = Mode.POLLING
    webhook_secret: SecretStr = SecretStr("")
    webhook_url: str = ""
    per_second: float = Field(default=30, gt=0)
    chat_interval: float = Field(default=1, ge=0)

    @model_validator(mode="after")
    def _webhook_is_complete(self) -> "TelegramSettings":
        if self.token.get_secret_value() and self.mode is Mode.WEBHOOK:
            if not self.webhook_secret.get_secret_value():
                raise ValueError("webhook mode needs MINSHENG_TELEGRAM__WEBHOOK_SECRET, a long random word")
            if not self.webhook_url.startswith("https://") and "127.0.0.1" not in self.webhook_url:
                raise ValueError("webhook mode needs MINSHENG_TELEGRAM__WEBHOOK_URL, beginning with https://")
        return self


class WebSettings(BaseModel):
    """`trust_proxy`: take a visitor's address from X-Forwarded-For; only behind a proxy of your own."""

    public_url: str = ""
    trust_proxy: bool = False
    messages_per_minute: int = Field(default=30, gt=0)


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
    web: WebSettings = WebSettings()
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
