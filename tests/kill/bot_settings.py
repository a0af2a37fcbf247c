"""The environment of a program under test: nobody reaches a limit on how much they write, and else as in earnest."""

from pathlib import Path

from tests.bot_api import BotApiStandIn

WEBHOOK_SECRET = "plainly-invented"
COOKIE_SECRET = "a secret that only these tests know, 32+"

_MANY = "1000000"
_ALLOWANCES = (
    "MESSAGES_PER_MINUTE",
    "MESSAGES_PER_MINUTE_OF_NETWORK",
    "CONNECTIONS_PER_MINUTE",
    "CONNECTIONS_PER_MINUTE_OF_NETWORK",
    "IDENTITIES_PER_HOUR_OF_NETWORK",
    "UPLOADS_PER_HOUR",
    "UPLOADS_PER_HOUR_OF_NETWORK",
)


def generous_settings(folder: Path, database_url: str, stand_in: BotApiStandIn, *, webhook: bool) -> dict[str, str]:
    """For a BotProcess. The webhook's address is the caller's to add, as MINSHENG_TELEGRAM__WEBHOOK_URL."""
    settings = {
        "DATA_DIR": str(folder / "data"),
        "DATABASE_URL": database_url,
        "SECRET": COOKIE_SECRET,
        "MESSAGES_PER_MINUTE": _MANY,
        "TELEGRAM__TOKEN": stand_in.token,
        "TELEGRAM__API_BASE": stand_in.base_url,
        "TELEGRAM__DRIVER": "ptb",  # starts in a third of aiogram's time
        "TELEGRAM__MODE": "webhook" if webhook else "polling",
        "TELEGRAM__WEBHOOK_SECRET": WEBHOOK_SECRET,
        "TELEGRAM__CHAT_INTERVAL": "0",
        **{f"WEB__{name}": _MANY for name in _ALLOWANCES},
    }
    return {f"MINSHENG_{name}": value for name, value in settings.items()}
