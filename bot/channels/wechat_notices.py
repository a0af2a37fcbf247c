"""Telling people that a message waits for them, which itself may not be pushed: by a subscription notice (订阅通知)
where they have agreed to one, else by a template message (模板消息)."""

import re
import unicodedata
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple

from bot.channels.base import Failure, Knock, NotSent
from bot.channels.wechat_api import NetworkError, WeChatApi, WeChatError
from bot.channels.wechat_door import Clock
from bot.channels.wechat_errors import BEIJING, OF_TEMPLATE, REPEATED, failure
from bot.channels.wechat_response import Link
from bot.channels.wechat_settings import Template, WeChatSettings, kind_of
from handlers.messages import Notice, Outbound

PAUSE = timedelta(minutes=10)  # after what is no fault of the person's or the message's

_LATER = frozenset({Failure.RETRY, Failure.PAUSED, Failure.MISCONFIGURED})
_THING, _STRING, _PHRASE = 20, 32, 5  # characters ("订阅消息参数值内容限制说明")
_BREAKS = " ，。、；：！？（,.;:!?("
_READ_IT, _SOON, _NONE = "请查看", "请尽快", "-"  # where there is nothing else to say


class _Way(NamedTuple):
    kind: str
    template: str
    push: Callable[[], Awaitable[None]]


class WeChatNotices:
    """`waiting` gives the address of a page that shows a message; None: there is none.

    A kind of push that is refused whomever it is for pauses in this process, or the one template that is; the other
    kinds, and messages, go on. WeChat keeps template messages apart by their keys, but not notices: one whose answer
    got lost may come again.
    """

    def __init__(self, api: WeChatApi, settings: WeChatSettings, clock: Clock, waiting: Link | None = None) -> None:
        self._api, self._settings, self._clock, self._waiting = api, settings, clock, waiting
        self._paused: dict[str, datetime] = {}  # until when, by kind or template

    async def tell(self, message: Outbound, notice: Notice, why: str) -> NotSent:
        """Try what there is, until something goes through; says what was tried, and what becomes of the message. Never
        raises. `why`: that it could not be pushed itself."""
        knocks: list[Knock] = []
        again: list[NotSent] = []
        for way in self._ways(message, notice):
            try:
                refused = await self._refused(way)
            except (NetworkError, OSError, RuntimeError) as error:
                # Nobody knows whether it arrived: then not by another way, too.
                detail = str(error) if isinstance(error, NetworkError) else type(error).__name__
                refused = NotSent(Failure.RETRY, detail)
                return replace(refused, knocks=(*knocks, self._knock(way, refused)))
            knocks.append(self._knock(way, refused))
            if refused is None:
                return NotSent(Failure.WINDOW_CLOSED, why, knocks=tuple(knocks))
            if refused.failure is Failure.UNREACHABLE:
                return replace(refused, knocks=tuple(knocks))
            if refused.failure in _LATER:
                again.append(refused)
        if not again:
            return NotSent(Failure.WINDOW_CLOSED, why, knocks=tuple(knocks))
        times = [one.retry_at for one in again if one.retry_at]
        retry_at = min(times) if len(times) == len(again) else None
        return NotSent(Failure.RETRY, again[0].detail, retry_at, knocks=tuple(knocks))

    def _ways(self, message: Outbound, notice: Notice) -> Iterator[_Way]:
        now, person = self._clock(), message.address
        page = self._waiting(message.message_id) if self._waiting else ""
        ours = self._settings.notices.get(notice.kind)
        if ours and ours.id in message.consents:
            said = filled(ours, notice, now)
            yield _Way("notice", ours.id, partial(self._api.send_notice, person, ours.id, said, page))
        ours = self._settings.templates.get(notice.kind)
        if ours:
            said = filled(ours, notice, now)
            yield _Way("template", ours.id, partial(self._api.send_template, person, ours.id, said, page, message.key))

    async def _refused(self, way: _Way) -> NotSent | None:
        """Push it; None when it went through. Raises NetworkError, OSError, RuntimeError."""
        now = self._clock()
        until = max(self._paused.get(name, now) for name in (way.kind, way.template))
        if until > now:
            return NotSent(Failure.PAUSED, "paused", until)
        try:
            await way.push()
        except WeChatError as error:
            return None if error.code == REPEATED else self._pausing(way, error.code)
        return None

    def _pausing(self, way: _Way, code: int) -> NotSent:
        """What follows from a refusal, with the pause that it may mean."""
        now = self._clock()
        refused = failure(code, now)
        if refused.failure is Failure.MISCONFIGURED:
            refused = replace(refused, retry_at=now + PAUSE)
        if refused.failure is not Failure.RETRY and refused.retry_at:
            self._paused[way.template if code in OF_TEMPLATE else way.kind] = refused.retry_at
        return refused

    def _knock(self, way: _Way, refused: NotSent | None) -> Knock:
        # A consent for good is used up by nothing, but ends when the person says so.
        is_used = way.kind == "notice" and not (refused is None and self._settings.notices_last)
        return Knock(
            way.kind,
            way.template if is_used else "",
            refused.failure if refused else None,
            refused.detail if refused else "",
        )


# --- what is said


def filled(template: Template, notice: Notice, now: datetime) -> dict[str, str]:
    """What stands in each keyword, so that WeChat takes it: never nothing, nor too much, nor a newline."""
    return {keyword: _value(kind_of(keyword), said, notice, now) for keyword, said in template.fields.items()}


def _value(kind: str, said: str, notice: Notice, now: datetime) -> str:
    here = now.astimezone(BEIJING)
    day = _day(notice.until) if said == "until" else here.date()
    if kind == "time":  # in which there must be one: a day ends with its last minute
        return f"{_written(day)} 23:59" if day and said == "until" else f"{_written(here)} {here:%H:%M}"
    if kind == "date":
        return _written(day or here)
    if said in ("until", "at"):
        words = (_written(day) if kind == "thing" else day.isoformat()) if day else _SOON
    else:
        words = notice.what if said == "what" else notice.about or notice.what
    if kind == "phrase":
        return "".join(re.findall("[\u4e00-\u9fff]", words))[:_PHRASE] or _READ_IT
    if kind == "character_string":
        return "".join(re.findall("[!-~]", words))[:_STRING] or _NONE
    return _cut(_common(words), _THING) or _READ_IT


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def _written(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _common(text: str) -> str:
    """In one line, of letters, digits and common signs. ① is written 1, or WeChat takes it for nothing; emoji are left
    out."""
    plain = "".join(unicodedata.normalize("NFKC", one) if unicodedata.category(one) == "No" else one for one in text)
    return " ".join("".join(one for one in plain if one.isspace() or _is_common(one)).split())


def _is_common(one: str) -> bool:
    category = unicodedata.category(one)
    is_variant = "\ufe00" <= one <= "\ufe0f"
    return one <= "\uffff" and not is_variant and (category[0] in "LMP" or category in ("Nd", "Nl", "Sm", "Sc"))


def _cut(text: str, most: int) -> str:
    """Shortened, if it must be, where words or sentences end, if that leaves half of it."""
    if len(text) <= most:
        return text
    head = text[: most - 1]
    end = max(head.rfind(sign) for sign in _BREAKS)
    return (head[:end] if end >= most // 2 else head).rstrip(_BREAKS) + "…"
