"""Texts of any kind and length, brought into lines of a width."""

import unicodedata
from functools import lru_cache

from PIL.ImageFont import FreeTypeFont

from bot.fonts import font

_LONGEST = 300  # characters looked at: more than three lines hold of the narrowest
_SURELY = 0.9  # of a width is never surpassed by letters that stand together, where each by itself does not
_MORE = "…"
_MISSING = "□"  # what forms print for a character that cannot be set
_NEVER_FIRST = frozenset(" ,.;:!?)%，。、；：！？）》〉」』】”’…·")
_NO_NAME = "\U0010ffff"  # belongs to nobody, so that a font shows what it shows for what it lacks


def plain(text: str) -> str:
    """The text as one line of what the font can show.

    Signs that it lacks, emoji above all, are left out; letters and characters that it lacks become □.
    """
    composed = unicodedata.normalize("NFC", text[:_LONGEST])
    kept = (_shown(character) for character in " ".join(composed.split()))
    return " ".join("".join(kept).split())


def wrapped(text: str, face: FreeTypeFont, width: int, most: int) -> list[str]:
    """At most `most` lines, none wider than `width` pixels; what does not fit ends in …"""
    rest, lines = plain(text), list[str]()
    while rest:
        count = _fitting(rest, face, width)
        if count == len(rest):
            return [*lines, rest]
        if len(lines) == most - 1:
            return [*lines, _cut(rest, face, width)]
        end = _line_end(rest, max(count, 1))
        lines.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return lines


def one_line(text: str, face: FreeTypeFont, width: int) -> str:
    """The text, shortened to a width in pixels."""
    return "".join(wrapped(text, face, width, 1))


def _cut(text: str, face: FreeTypeFont, width: int) -> str:
    kept = text[: _fitting(text, face, width - int(face.getlength(_MORE)))]
    while kept and face.getlength(kept.rstrip() + _MORE) > width:
        kept = kept[:-1]
    return kept.rstrip() + _MORE


def _line_end(text: str, most: int) -> int:
    """Where to break, after `most` characters or before: not inside a word, nor before a closing mark."""
    end = most
    while end > 0 and _torn(text, end):
        end -= 1
    return end if end > most // 2 else most


def _torn(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    return after in _NEVER_FIRST.difference(" ") or (_in_word(before) and _in_word(after))


def _in_word(character: str) -> bool:
    """Whether it belongs to a word of letters with spaces around, other than Chinese."""
    return character.isalnum() and ord(character) < 0x2E80


def _fitting(text: str, face: FreeTypeFont, width: int) -> int:
    """How many characters from the first fit into a width: about, by their own widths, then by that of all together."""
    used, count = 0.0, 0
    while count < len(text) and used <= width:
        used += _advance(text[count], face)
        count += 1
    while count and used > width * _SURELY and face.getlength(text[:count]) > width:
        count -= 1
    return count


@lru_cache(maxsize=8192)
def _advance(character: str, face: FreeTypeFont) -> float:
    return face.getlength(character)


def _shown(character: str) -> str:
    code = ord(character)
    if 0x20 <= code < 0x7F or 0x4E00 <= code < 0x9FA6 or 0x3000 <= code < 0x3030 or 0xFF01 <= code < 0xFF5F:
        return character
    return _seldom_shown(character)


@lru_cache(maxsize=4096)
def _seldom_shown(character: str) -> str:
    category = unicodedata.category(character)
    if category[0] in "CM":  # controls, and marks that stand on other letters
        return ""
    if bytes(font(40).getmask(character)) != bytes(font(40).getmask(_NO_NAME)):
        return character
    return _MISSING if category[0] == "L" else ""
