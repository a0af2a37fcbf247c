"""Answers that travel in the response to a message (被动回复): all that waits, as one text.

Where an account may not push, this is the only way, else the cheaper one; the platform shows one text of at most 2048
bytes ("回复文本消息").
"""

from collections.abc import Callable, Iterable, Sequence

from bot.channels import wechat_texts as texts
from bot.channels.wechat_settings import WeChatSettings
from handlers.messages import Capabilities, NoticeKind
from handlers.reading import tapped_announcement
from handlers.rendering import parts
from handlers.texts.announcements import reply_hint
from storage.responses import Response
from storage.waiting import MOST, Carried

TEXT_LIMIT = 2048  # bytes
AGREE = "/wechat/agree"  # where people let us tell them how their proposals go
_BETWEEN = "\n\n"
_LONGEST = texts.more(10**9, by_word=True)
_HINT = max(len(said.encode()) for said in (_LONGEST.zh, _LONGEST.en)) + len(_BETWEEN)
ROOM = TEXT_LIMIT - _HINT
PART = ROOM - 400  # of one message, so that the link to its file fits beside it
_NAME = 40  # characters of a file's name that are shown, its ending among them

Link = Callable[[int], str]  # the address of the file that came with a message of ours


def capabilities(
    *, active: bool, agrees_at: str = "", notices: Iterable[NoticeKind] = (), masses: bool = False
) -> Capabilities:
    """What WeChat can show: choices among messages (msgmenu) where the account may push them, else numbered lines."""
    if active:
        return Capabilities(
            buttons=True,
            text_limit=TEXT_LIMIT,
            limit_in_bytes=True,
            windows=True,
            agrees_at=agrees_at,
            notices=frozenset(notices),
            masses=masses,
        )
    return Capabilities(buttons=False, text_limit=PART, limit_in_bytes=True, pushes=False)


def capabilities_of(settings: WeChatSettings, address: str) -> Capabilities:
    """What an account can show. `address` is where people reach our pages."""
    agrees_at = address + AGREE if NoticeKind.PROPOSAL in settings.notices else ""
    notices = {*settings.notices, *settings.templates}
    return capabilities(active=settings.active, agrees_at=agrees_at, notices=notices, masses=settings.mass)


def shown(one: Carried, link: Link) -> str:
    """A message as a text. Only what was written to be pushed has choices that do not stand in it."""
    labels = dict.fromkeys(_said(value, label) for value, label in one.choices or () if not label.isdecimal())
    file = texts.file(one.file[-_NAME:], link(one.message_id)) if one.file else ""
    return "\n".join(filter(None, [one.text, *labels, file]))


def _said(value: str, label: str) -> str:
    """A choice as a line: a label bears what is to be typed for it, but for those below an announcement."""
    tapped = tapped_announcement(value)
    return reply_hint(tapped[0]).said("en" if label.isascii() else "zh") if tapped else label


def fitting(waiting: Sequence[Carried], link: Link, room: int = ROOM) -> int:
    """How many fit into one text of so many bytes, the first in any case."""
    length, count = 0, 0
    for one in waiting:
        length += len((shown(one, link) + _BETWEEN).encode())
        if count and length > room + len(_BETWEEN):
            break
        count += 1
    return count


def words_alone(waiting: Sequence[Carried], link: Link) -> int:
    """How many travel in a response where the account pushes, too: all, if they are words alone, for that costs no call
    and none of the window; else none, since what is pushed must not overtake, and shows choices and pictures."""
    if any(one.choices or one.file for one in waiting) or len(waiting) == MOST:
        return 0
    return len(waiting) if len(joined(shown(one, link) for one in waiting).encode()) <= TEXT_LIMIT else 0


def joined(shown: Iterable[str]) -> str:
    """Messages that are shown as one."""
    return _BETWEEN.join(filter(None, shown))


def written(response: Response, link: Link) -> str:
    """The text of a response; empty where there is nothing to say. WeChat shows none that is longer than it may be: of
    one message that is (see `shown`), the end is left out."""
    hint = texts.more(response.left, by_word=response.by_word).said(response.language) if response.left else ""
    said = joined(shown(one, link) for one in response.messages)
    most = TEXT_LIMIT - (len((_BETWEEN + hint).encode()) if hint else 0)
    fits = parts(said, Capabilities(buttons=False, text_limit=most, limit_in_bytes=True))[0]
    return joined([fits, hint])
