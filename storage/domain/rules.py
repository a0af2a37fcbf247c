"""A congress's rules: each a setting with the default that most places use (DOMAIN.md, "Rules")."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Any

from storage.domain.announcements import Levels


class Tie(StrEnum):
    """How a tie at the last seat is resolved."""

    VOTE_AGAIN = "vote_again"  # among the tied only
    PRESIDIUM = "presidium"  # it decides
    SMALLER_INVESTMENT = "smaller_investment"  # comes first


class TooFew(StrEnum):
    """What happens when fewer projects than seats are chosen."""

    LEAVE_OPEN = "leave_open"  # until the next session
    SECOND_VOTE = "second_vote"  # among the others


class BadRule(ValueError):
    """The sentence names the rule, what it may be, and its default."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Shares are fractions of one; days are calendar days unless the name says working days. Raises BadRule."""

    margin: Fraction = Fraction(1, 5)  # candidates over seats, at least one
    quorum: Fraction = Fraction(2, 3)  # of all deputies; exactly that suffices
    approvals_at_most_seats: bool = True  # a ballot with more approvals is void
    chosen_share: Fraction = Fraction(1, 2)  # of all deputies; more than that is needed
    tie: Tie = Tie.VOTE_AGAIN
    fewer_than_seats: TooFew = TooFew.LEAVE_OPEN
    tellers: int = 3
    satisfied_share: Fraction = Fraction(1, 2)  # of all deputies
    deputy_answers_within_hours: int = 24
    office_answers_within_working_days: int = 7
    deputies_ranked: bool = False  # whether deputies see how they stand beside one another
    announcement_reviews: Levels = Levels.THREE  # how many different people agree to an announcement
    announcement_urgent: bool = False  # whether one that cannot wait may pass with one review and a stated reason
    announcement_quiet_from: int = 21  # full hours of the day between which no announcement is sent; 24 is midnight
    announcement_quiet_until: int = 8

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if isinstance(value, Fraction) and not 0 < value <= 1:
                raise _bad(name, "must be more than 0 and at most 1")
            if type(value) is int and value < 1:
                raise _bad(name, "must be at least 1")
        for name in ("announcement_quiet_from", "announcement_quiet_until"):
            if getattr(self, name) > 24:
                raise _bad(name, "must be a full hour, at most 24")

    def dump(self) -> dict[str, Any]:
        """As plain JSON; a fraction becomes "1/5"."""
        return {name: str(value) if isinstance(value, Fraction) else value for name, value in asdict(self).items()}

    @classmethod
    def load(cls, stored: Mapping[str, Any]) -> "Rules":
        """From `dump`, or as somebody wrote them; what is missing has its default. Raises BadRule."""
        return _loaded(tuple(stored.items()))


@lru_cache
def _loaded(stored: tuple[tuple[str, Any], ...]) -> Rules:
    # Kept, because a congress is loaded on the way of many messages.
    types = {field.name: field.type for field in fields(Rules)}
    if unknown := [name for name, _ in stored if name not in types]:
        known = ", ".join(f"{name}={_shown(value)}" for name, value in Rules().dump().items())
        raise BadRule(f"there is no rule {', '.join(unknown)}; the rules and their defaults are {known}")
    return Rules(**{name: _read(name, types[name], value) for name, value in stored})


def _read(name: str, kind: object, value: object) -> Any:
    text = _shown(value)
    try:
        if kind is bool:
            return {"true": True, "false": False}[text]
        if kind is int:
            return int(text)
        return Fraction(text) if kind is Fraction else _choices(kind)[text]
    except (KeyError, ValueError, ZeroDivisionError):
        raise _bad(name, _WANTED.get(kind) or f"must be one of {', '.join(_choices(kind))}") from None


_WANTED: dict[object, str] = {
    bool: "must be true or false",
    int: "must be a whole number",
    Fraction: "must be a fraction such as 1/5",
}


def _choices(kind: object) -> dict[str, StrEnum]:
    return {choice.value: choice for choice in kind} if isinstance(kind, type) and issubclass(kind, StrEnum) else {}


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value).strip()


def _bad(name: str, what: str) -> BadRule:
    default = {field.name: field.default for field in fields(Rules)}[name]
    return BadRule(f"the rule {name} {what} (default: {_shown(default)})")
