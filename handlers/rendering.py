"""From what a conversation says to messages that a channel can show: buttons or numbered lines, parts of fit length."""

import re
from collections.abc import Iterator, Sequence

from handlers.messages import Capabilities

# After these a text may be cut, the most natural first.
_BORDERS = ("\n\n", "\n", "。", "\uff01", "\uff1f", "! ", "? ", ". ", "\uff1b", "\uff0c", ", ", " ")
_JOINED = re.compile("[\u200d\ufe0f\u0300-\u036f\U0001f3fb-\U0001f3ff]")


def numbered(labels: Sequence[str]) -> list[str]:
    return [f"{position} {label}" for position, label in enumerate(labels, 1)]


def shown(text: str, labels: Sequence[str], channel: Capabilities) -> str:
    """The text as it is sent: with its options as numbered lines where there are no buttons."""
    if channel.buttons or not labels:
        return text
    return "\n".join([text, *numbered(labels)])


def parts(text: str, channel: Capabilities) -> list[str]:
    """The text in parts that the channel takes, cut at sentence borders, never inside a character."""
    return list(_parts(text, channel)) or [""]


def _parts(text: str, channel: Capabilities) -> Iterator[str]:
    while _length(text, channel) > channel.text_limit:
        cut = _cut(text, channel)
        yield text[:cut].rstrip()
        text = text[cut:].lstrip()
    if text:
        yield text


def _length(text: str, channel: Capabilities) -> int:
    return len(text.encode()) if channel.limit_in_bytes else len(text)


def _cut(text: str, channel: Capabilities) -> int:
    """How many characters of a text that is too long go into the first part."""
    most = channel.text_limit
    if channel.limit_in_bytes:
        most = len(text.encode()[:most].decode(errors="ignore"))
    for border in _BORDERS:
        at = text.rfind(border, most // 2, most)
        if at >= 0:
            return at + len(border)
    while most > 1 and _JOINED.match(text[most]):  # an emoji of several code points stays whole
        most -= 1
    return most
