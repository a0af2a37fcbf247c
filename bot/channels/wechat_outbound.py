"""From what the bot says to customer service messages (客服消息), as long as somebody's window has room for them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial

from bot.channels import wechat_texts as texts
from bot.channels.base import Failure, NotSent, Outcome, Sent
from bot.channels.wechat_api import NetworkError, WeChatApi, WeChatError
from bot.channels.wechat_door import Clock
from bot.channels.wechat_errors import GONE, NO_MENU, REPEATED, TOO_LONG, failure
from bot.channels.wechat_inbound import OF_EVENT
from bot.channels.wechat_notices import WeChatNotices
from bot.channels.wechat_pictures import Pictures
from bot.channels.wechat_response import TEXT_LIMIT, Link, fitting, joined, shown
from handlers.messages import Capabilities, Choice, File, Outbound
from handlers.rendering import parts
from storage.waiting import Carried

_TEXT = Capabilities(buttons=False, text_limit=TEXT_LIMIT, limit_in_bytes=True)

_Call = Callable[[], Awaitable[int]]  # gives how many messages were pushed by it


class WeChatSender:
    """Sends one message at a time to whom the window is open. Never raises.

    WeChat has no message for a file that is no picture, and none that can be changed: the first is a link, the second
    comes as one more.
    """

    def __init__(self, api: WeChatApi, clock: Clock, link: Link, notices: WeChatNotices | None = None) -> None:
        self._api, self._clock, self._link, self._notices = api, clock, link, notices
        self._pictures = Pictures(api, clock)

    async def send(self, message: Outbound) -> Outcome:
        """Deliver one message, or say how it failed. Where it may not be pushed, its person is told that it waits."""
        outcome = await self._sent(message)
        match outcome:
            case NotSent(failure=Failure.WINDOW_CLOSED, detail=why) if message.notice and self._notices:
                return await self._notices.tell(message, message.notice, why)
        return outcome

    async def _sent(self, message: Outbound) -> Outcome:
        if message.room < 1:
            return NotSent(Failure.WINDOW_CLOSED, "no window")
        outcome = await self._tried(message)
        if message.following and isinstance(outcome, NotSent) and outcome.failure is Failure.REFUSED:
            return await self._tried(message._replace(following=()))  # nobody tells which of them is to blame
        return outcome

    async def _tried(self, message: Outbound) -> Outcome:
        try:
            return await self._deliver(*self._together(message))
        except WeChatError as error:
            return failure(error.code, self._clock())
        except NetworkError as error:
            return NotSent(Failure.RETRY, str(error))
        except FileNotFoundError:
            return NotSent(Failure.REFUSED, "file missing")
        except (OSError, RuntimeError) as error:  # a disk, or a client that is just being closed
            return NotSent(Failure.RETRY, type(error).__name__)
        except ValueError as error:
            return NotSent(Failure.REFUSED, type(error).__name__)

    async def _deliver(self, message: Outbound, along: tuple[int, ...]) -> Outcome:
        calls = await self._calls(message)
        if message.room < len(calls) and message.room < OF_EVENT.sends:
            # A wider window takes it whole: what breaks off would come again from its beginning.
            return NotSent(Failure.WINDOW_CLOSED, "no room")
        return Sent(used=sum([await call() for call in calls]), along=along)

    def _together(self, message: Outbound) -> tuple[Outbound, tuple[int, ...]]:
        """A message with those that follow it, as many as fit into one text, and the numbers of these. Files are links
        then; the choices of the last can be tapped."""
        choices = [[choice.value, choice.label] for choice in message.choices]
        first = Carried(message.message_id, message.text, choices, message.file.name if message.file else "")
        waiting = [first, *message.following]
        *before, last = waiting[: fitting(waiting, self._link, TEXT_LIMIT)]
        if not before:
            return message, ()
        text = joined(shown(one, self._link) for one in (*before, replace(last, choices=None)))
        tapped = tuple(Choice(value, label) for value, label in last.choices or ())
        along = tuple(one.message_id for one in (*before[1:], last))
        return message._replace(text=text, choices=tapped, file=None), along

    async def _calls(self, message: Outbound) -> list[_Call]:
        """What is to be called for a message, in order."""
        person, text, file = message.address, message.text, message.file
        spoken = self._spoken(person, text, message.choices)
        if file is None:
            return spoken
        if len(spoken) < message.room and (media_id := await self._pictures.media_id(file)):
            return [partial(self._picture, person, file, media_id), *spoken]
        linked = "\n".join(filter(None, [text, texts.file(file.name, self._link(message.message_id))]))
        return self._spoken(person, linked, message.choices)

    async def _picture(self, person: str, file: File, media_id: str) -> int:
        try:
            return await _pushed(partial(self._api.send_image, person, media_id))
        except WeChatError as error:
            if error.code not in GONE:
                raise
        self._pictures.forget(file)
        return await _pushed(partial(self._api.send_image, person, await self._pictures.media_id(file)))

    def _spoken(self, person: str, text: str, choices: Sequence[Choice]) -> list[_Call]:
        if not text and not choices:
            return []
        *first, last = parts(text, _TEXT)
        calls: list[_Call] = [partial(self._text, person, part) for part in first]
        if choices and len((last + "".join(choice.label + choice.value for choice in choices)).encode()) <= TEXT_LIMIT:
            return [*calls, partial(self._menu, person, last, choices)]
        return [*calls, *(partial(self._text, person, part) for part in _listed(last, choices))]

    async def _menu(self, person: str, text: str, choices: Sequence[Choice]) -> int:
        items = [(choice.value, choice.label) for choice in choices]
        try:
            return await _pushed(partial(self._api.send_menu, person, text, items))
        except WeChatError as error:
            if error.code not in NO_MENU:
                raise
        return sum([await self._text(person, part) for part in _listed(text, choices)])

    async def _text(self, person: str, text: str) -> int:
        try:
            return await _pushed(partial(self._api.send_text, person, text))
        except WeChatError as error:
            # However it counts: in halves, and in order.
            if error.code != TOO_LONG or len(text) < 2:
                raise
            halves = parts(text, Capabilities(buttons=False, text_limit=(len(text) + 1) // 2))
            return sum([await self._text(person, half) for half in halves])


def _listed(text: str, choices: Sequence[Choice]) -> list[str]:
    """A text with its choices as lines, which bear their numbers."""
    return parts("\n".join([text, *(choice.label for choice in choices)]), _TEXT)


async def _pushed(call: Callable[[], Awaitable[None]]) -> int:
    try:
        await call()
    except WeChatError as error:
        if error.code != REPEATED:
            raise
    return 1
