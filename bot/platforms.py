"""The platforms that are set up, each as a channel. What one needs is taken in only where it is set up."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field

from bot.answers import Answers
from bot.channels.base import Channel
from bot.channels.telegram import Telegram
from bot.channels.telegram_drivers import driver_for
from bot.channels.telegram_polling import PollLease
from bot.channels.webchat import WebChat
from bot.channels.wechat_settings import NAME as WECHAT
from bot.coordination import SharedGuard
from bot.settings import Settings
from handlers.messages import Capabilities
from storage.database import Clock

# What Telegram shows beside the input field.
COMMANDS = (("suggest", "提建议"), ("mine", "我的建议"), ("support", "邻居的建议"), ("menu", "菜单"), ("help", "帮助"))


@dataclass(frozen=True, slots=True)
class Ports:
    """What channels have of the program; who only asks what is wrong with the settings has none of it.

    `on_malformed` hears the name of a channel by which something came that cannot be read. For the channel of a name,
    `answers` reads the store and `fewer_refreshes` keeps replicas from refreshing its token too often; `secret` signs
    links.
    """

    poll_lease: PollLease = nullcontext
    on_malformed: Callable[[str], None] = lambda _: None
    answers: Callable[[str], Answers] | None = None
    secret: bytes = field(default=b"", repr=False)
    fewer_refreshes: Callable[[str], SharedGuard] | None = None


def set_up(settings: Settings) -> set[str]:
    """The names of the channels that people can be reached by."""
    has = {Telegram.name: settings.telegram.token.get_secret_value(), WECHAT: settings.wechat.app_id}
    return {WebChat.name, *(name for name, account in has.items() if account)}


def capabilities_of(settings: Settings) -> dict[str, Capabilities]:
    """What each channel can show, as far as it is known of those that are not set up (any more)."""
    known = {WebChat.name: WebChat.capabilities, Telegram.name: Telegram.capabilities}
    if WECHAT in set_up(settings):
        from bot.channels.wechat_response import capabilities_of as of_account

        known[WECHAT] = of_account(settings.wechat.checked(), settings.address)
    return known


def platforms(settings: Settings, clock: Clock, ports: Ports | None = None) -> dict[str, Channel]:
    """The channel of every platform that is set up, not started."""
    makers = {Telegram.name: _telegram, WECHAT: _wechat}
    names = sorted(makers.keys() & set_up(settings))
    return {name: makers[name](settings, clock, ports or Ports()) for name in names}


def _telegram(settings: Settings, clock: Clock, ports: Ports) -> Channel:
    chosen = settings.telegram.checked()
    return Telegram(
        chosen,
        driver_for(chosen),
        clock=clock,
        commands=COMMANDS,
        poll_lease=ports.poll_lease,
        on_malformed=ports.on_malformed,
    )


def _wechat(settings: Settings, clock: Clock, ports: Ports) -> Channel:
    # And its cipher: six megabytes that nobody needs who has no account.
    from bot.channels.wechat import WeChat
    from bot.channels.wechat_client import WeChatClient

    account = settings.wechat.checked()

    def link(message_id: int) -> str:
        return wechat.link(message_id)

    def waiting(message_id: int) -> str:
        return wechat.waiting_link(message_id)

    guard = ports.fewer_refreshes(WECHAT) if ports.fewer_refreshes else None
    wechat = WeChat(
        account,
        WeChatClient(account, clock, link, guard, waiting=waiting) if account.secret else None,
        clock=clock,
        answers=ports.answers(WECHAT) if ports.answers else None,
        secret=ports.secret,
        address=settings.address,
        on_malformed=ports.on_malformed,
    )
    return wechat
