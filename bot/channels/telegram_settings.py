"""What an operator chooses about Telegram."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from storage.domain.file_kinds import SIZE_LIMIT

# Bot API, "Authorizing your bot": the bot's own number, a colon, and the secret part.
_TOKEN = re.compile(r"[1-9]\d{0,15}:[A-Za-z0-9_-]+")
# Bot API, setWebhook: secret_token.
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


class TelegramDriver(StrEnum):
    """Which library speaks to the Bot API."""

    AIOGRAM = "aiogram"  # sends faster
    PTB = "ptb"  # python-telegram-bot: starts faster


class TelegramMode(StrEnum):
    """How messages reach us."""

    POLLING = "polling"  # we ask; one replica at a time
    WEBHOOK = "webhook"  # Telegram calls /telegram


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """Raises ValueError, in a sentence without any secret, where something cannot be right.

    `api_base` has no trailing slash. `webhook_url` is this program's /telegram as Telegram sees it; where it is empty,
    the webhook is set by other means. `per_second` (messages a second in all) and `chat_interval` (least seconds
    between two to one chat) are the platform's (Bots FAQ, "My bot is hitting limits"). `send_timeout` (seconds)
    must be shorter than the sender's lease; `poll_timeout` is how many seconds Telegram may hold an unanswered
    poll; files of more than `file_limit` bytes are not fetched (nor can any of more than 20 MB: Bot API, getFile).
    """

    token: str = field(repr=False)
    driver: TelegramDriver = TelegramDriver.AIOGRAM
    api_base: str = "https://api.telegram.org"
    mode: TelegramMode = TelegramMode.POLLING
    webhook_secret: str = field(default="", repr=False)
    webhook_url: str = ""
    per_second: float = 30.0
    chat_interval: float = 1.0
    send_timeout: float = 10.0
    poll_timeout: int = 25
    file_limit: int = SIZE_LIMIT

    def __post_init__(self) -> None:
        if not _TOKEN.fullmatch(self.token):
            raise ValueError("The Telegram token must be the one that @BotFather gave: digits, a colon, letters.")
        if self.mode is TelegramMode.WEBHOOK and not _SECRET.fullmatch(self.webhook_secret):
            raise ValueError("Webhooks need a secret of 1 to 256 letters, digits, underscores or hyphens.")

    @property
    def bot_id(self) -> int:
        """The bot's own number, which its token begins with."""
        return int(self.token.partition(":")[0])
