"""From what a conversation says to messages that a channel can show: buttons or numbered lines, parts of fit length."""

import unicodedata
from collections.abc import Iterator, Sequence

from handlers.messages import Capabilities, Recipe

# After these a text may be cut, the most natural first.
_BORDERS = ("\n\n", "\n", "。", "\uff01", "\uff1f", "! ", "? ", ". ", "\uff1b", "\uff0c", ", ", " ")
_JOINER = "\u200d"
_LONGEST_CHARACTER = 64  # code points; a text that is one endless character is cut all the same
IN_CHAT = 12_000  # characters, or bytes where a channel counts those; nobody reads more than that in a chat
ENDS = 1_000  # characters of its beginning and of its end that are shown of a longer text
WHOLE = "全文.txt"
BUTTON_COLUMNS = 30  # what a telephone shows of a button in one line, a Chinese character taking two


def numbered(labels: Sequence[str]) -> list[str]:
    return [f"{position} {label}" for position, label in enumerate(labels, 1)]


def shown(text: str, labels: Sequence[str], channel: Capabilities) -> tuple[str, list[str]]:
    """The text as it is sent, and the labels of its buttons.

    Options stand as numbered lines in the text where there are no buttons or one is too long for a button; then that
    one's button only has its number.
    """
    if channel.numbers_buttons:
        return text, list(labels)
    lines = numbered(labels)
    fits = [_columns(line) <= BUTTON_COLUMNS for line in lines]
    if channel.buttons and all(fits):
        return text, lines
    listed = "\n".join([text, *lines])
    if not channel.buttons:
        return listed, []
    return listed, [
        line if fit else str(position) for position, (line, fit) in enumerate(zip(lines, fits, strict=True), 1)
    ]


def _columns(label: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in label)


def in_chat(text: str, channel: Capabilities) -> tuple[str, Recipe | None]:
    """A text as it is said; one that is too long for a chat is a file, of which its beginning and end are said."""
    if len(text) <= IN_CHAT and _length(text, channel) <= IN_CHAT:
        return text, None
    beginning = text[: _cut(text, Capabilities(buttons=False, text_limit=ENDS))].rstrip()
    brief = f"{beginning}\n…… {WHOLE} ……\n{text[_end(text) :].lstrip()}"
    return brief, Recipe("text", WHOLE, "text/plain", {"text": text})


def _end(text: str) -> int:
    """Where the last thousand characters begin, or the first sentence in them."""
    start = len(text) - ENDS
    for border in _BORDERS:
        at = text.find(border, start, start + ENDS // 2)
        if at >= 0:
            return at + len(border)
    whole = (at for at in range(start, start + _LONGEST_CHARACTER) if not _inside(text, at))
    return next(whole, start)


def fits(text: str, channel: Capabilities) -> bool:
    """Whether a channel takes the text as one message."""
    return _length(text, channel) <= channel.text_limit


def parts(text: str, channel: Capabilities) -> list[str]:
    """The text in parts that the channel takes, cut at sentence borders, never inside a character."""
    return list(_parts(text, channel)) or [""]


def _parts(text: str, channel: Capabilities) -> Iterator[str]:
    while _length(text, channel) > channel.text_limit:
        cut = _cut(text, channel)
        if part := text[:cut].rstrip():
            yield part
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
        at = text.rfind(border, most // 2, most + border.isspace())  # white space at the end is not sent
        if at >= 0:
            return at + len(border)
    whole = (at for at in range(most, max(most - _LONGEST_CHARACTER, 0), -1) if not _inside(text, at))
    return next(whole, most)


def _inside(text: str, at: int) -> bool:
    """Whether a cut there would tear what is seen as one character (the common cases of Unicode annex 29)."""
    before, after = text[at - 1], text[at]
    if _JOINER in (before, after) or unicodedata.category(after) in ("Mn", "Me", "Mc"):
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":  # skin tones, tags of flags
        return True
    return _is_regional(after) and _regional_run(text, at) % 2 == 1


def _is_regional(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _regional_run(text: str, end: int) -> int:
    """How many letters of flags stand right before `end`: two make a flag."""
    start = end
    while start and _is_regional(text[start - 1]):
        start -= 1
    return end - start
