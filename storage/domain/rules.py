"""A congress's rules: each a setting with the default that most places use (DOMAIN.md, "Rules")."""

from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from typing import Any


@dataclass(frozen=True, slots=True)
class Rules:
    """Shares are fractions of one; days are calendar days unless the name says working days."""

    margin: Fraction = Fraction(1, 5)  # candidates over seats, at least one
    quorum: Fraction = Fraction(2, 3)  # of all deputies; exactly that suffices
    approvals_at_most_seats: bool = True  # a ballot with more approvals is void
    chosen_share: Fraction = Fraction(1, 2)  # of all deputies; more than that is needed
    tie: str = "vote_again"
    fewer_than_seats: str = "leave_open"
    tellers: int = 3
    satisfied_share: Fraction = Fraction(1, 2)  # of all deputies
    deputy_answers_within_hours: int = 24
    office_answers_within_working_days: int = 7
    conversation_expires_after_days: int = 3

    def __post_init__(self) -> None:
        for name in ("margin", "quorum", "chosen_share", "satisfied_share"):
            if not 0 < getattr(self, name) <= 1:
                raise ValueError(f"{name} must be more than 0 and at most 1")
        if self.tellers < 1 or self.office_answers_within_working_days < 1:
            raise ValueError("counts must be at least 1")

    def dump(self) -> dict[str, Any]:
        """As plain JSON; a fraction becomes "1/5"."""
        return {name: str(value) if isinstance(value, Fraction) else value for name, value in asdict(self).items()}

    @classmethod
    def load(cls, stored: dict[str, Any]) -> "Rules":
        """From `dump`; what is missing has its default. Raises ValueError for what is out of range or unknown."""
        known = {field.name: field for field in fields(cls)}
        if unknown := stored.keys() - known.keys():
            raise ValueError(f"unknown rules: {', '.join(sorted(unknown))}")
        values: dict[str, Any] = {
            name: Fraction(value) if known[name].type is Fraction else value for name, value in stored.items()
        }
        return cls(**values)
