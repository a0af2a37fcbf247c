"""What calls WeChat's API for the channel: messages out, files in, and what is wrong with the account."""

from collections.abc import Sequence

from bot.channels.base import Asked, Fetched, FetchRefused, NotSent, Outcome
from bot.channels.wechat_api import NetworkError, Owned, TooLarge, WeChatApi, WeChatError
from bot.channels.wechat_door import Clock
from bot.channels.wechat_errors import GONE, NOT_LISTED, NOT_PERMITTED, UNKNOWN_CREDENTIALS
from bot.channels.wechat_mass import WeChatMass
from bot.channels.wechat_notices import WeChatNotices
from bot.channels.wechat_outbound import WeChatSender
from bot.channels.wechat_response import Link
from bot.channels.wechat_settings import Template, WeChatSettings
from bot.channels.wechat_ticket import Tickets
from bot.channels.wechat_token import Guard, Tokens
from handlers.messages import Outbound


class WeChatClient:
    """For an account with a secret. `guard`: see Tokens; `waiting`: see WeChatNotices."""

    def __init__(
        self,
        settings: WeChatSettings,
        clock: Clock,
        link: Link,
        guard: Guard | None = None,
        *,
        waiting: Link | None = None,
    ) -> None:
        self._settings = settings
        base, timeout = settings.api_base, settings.send_timeout
        tokens = Tokens(base, settings.app_id, settings.secret, timeout=timeout, guard=guard, clock=clock)
        self._api = WeChatApi(base, tokens, timeout=timeout)
        self._mass = WeChatMass(self._api, clock)
        self._tickets = Tickets(self._api.page_ticket, clock)
        self._sender = WeChatSender(self._api, clock, link, WeChatNotices(self._api, settings, clock, waiting))

    async def send(self, message: Outbound) -> Outcome:
        return await self._sender.send(message)

    async def mass_send(self, key: str, people: Sequence[str], text: str) -> Asked | NotSent:
        return await self._mass.send(key, people, text)

    async def mass_became(self, number: str) -> Asked | NotSent:
        return await self._mass.became(number)

    async def ticket(self) -> str:
        """What proves a page of ours to WeChat's script. Raises WeChatError, NetworkError."""
        return await self._tickets.current()

    async def fetch(self, media_id: str) -> Fetched:
        """Get what somebody sent. Raises FetchRefused for what can never be had, WeChatError, NetworkError."""
        try:
            return Fetched(*await self._api.download(media_id, self._settings.file_limit))
        except TooLarge:
            raise FetchRefused("too large") from None
        except WeChatError as error:
            if error.code not in GONE:
                raise
            raise FetchRefused("gone") from None

    async def check(self) -> list[str]:
        """What is wrong, in sentences for `minsheng doctor`."""
        try:
            await self._api.token_works()
            return [*await self._of_templates("notice"), *await self._of_templates("template")]
        except WeChatError as error:
            return [_sentence(error.code)]
        except NetworkError as error:
            return [f"WeChat cannot be reached at {self._settings.api_base} ({error})."]
        finally:
            await self.close()

    async def _of_templates(self, way: str) -> list[str]:
        """Compare those that are set with those that the account has. Raises WeChatError, NetworkError."""
        is_notice = way == "notice"
        ours = self._settings.notices if is_notice else self._settings.templates
        if not ours:
            return []
        try:
            theirs = await (self._api.notice_templates() if is_notice else self._api.message_templates())
        except WeChatError as error:
            if error.code != NOT_PERMITTED:
                raise
            name = "subscription notices (订阅通知)" if is_notice else "template messages (模板消息)"
            return [f"The account may not use {name}: apply for them in its console (添加功能插件)."]
        lasts = self._settings.notices_last if is_notice else None
        settings = {f"MINSHENG_WECHAT__{way.upper()}_{kind.upper()}": one for kind, one in ours.items()}
        found = [_fault(name, one, theirs.get(one.id), lasts) for name, one in settings.items()]
        return [sentence for sentence in found if sentence]

    async def close(self) -> None:
        await self._api.close()


def _fault(setting: str, ours: Template, theirs: Owned | None, lasts: bool | None) -> str:
    """What is wrong with a template, if anything. `lasts`: whether consents are taken to be for good; None where it
    takes none."""
    if theirs is None:
        return f"{setting}: the account has no such template; copy the id (模板ID) from its console (我的模板)."
    if theirs.keywords != set(ours.fields):
        wanted = ", ".join(sorted(theirs.keywords))
        return f"{setting}: the template has the keywords {wanted}: say what each of them says, and no others."
    if lasts is not None and theirs.lasts != lasts:
        kind = "for good (长期订阅)" if theirs.lasts else "for one notice (一次性订阅)"
        return (
            f"{setting}: who agrees to this template does so {kind}: set MINSHENG_WECHAT__NOTICES_LAST to "
            f"{str(theirs.lasts).lower()}."
        )
    return ""


def _sentence(code: int) -> str:
    if code == NOT_LISTED:
        return "WeChat does not take calls from this address: put it on the account's IP whitelist (IP白名单)."
    if code in UNKNOWN_CREDENTIALS:
        return (
            f"WeChat does not know the account (code {code}): set MINSHENG_WECHAT__APP_ID and MINSHENG_WECHAT__SECRET "
            "to its AppID and AppSecret."
        )
    return f"WeChat refuses to answer (code {code})."
