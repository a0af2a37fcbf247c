"""What the bot says: every sentence in Chinese and in English, side by side."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrase:
    """One saying in both languages. English may be left out for what is the same in both (a name, a number)."""

    zh: str
    en: str = ""

    def said(self, language: str) -> str:
        return self.en if language == "en" and self.en else self.zh

    def __add__(self, other: "Phrase") -> "Phrase":
        return Phrase(self.zh + other.zh, (self.en or self.zh) + (other.en or other.zh))


def many(count: int, one: str, several: str = "") -> str:
    """How many of something, in English: 1 report, 2 reports. `several` is for what does not just take an s."""
    return f"{count} {one if count == 1 else several or f'{one}s'}"


def lines(phrases: Iterable[Phrase]) -> Phrase:
    """One under the other; empty ones leave no gap."""
    kept = [phrase for phrase in phrases if phrase.zh]
    return Phrase("\n".join(one.zh for one in kept), "\n".join(one.en or one.zh for one in kept))


def join(phrases: Iterable[Phrase]) -> Phrase:
    """As a list in one line."""
    listed = list(phrases)
    return Phrase("、".join(one.zh for one in listed), ", ".join(one.said("en") for one in listed))
