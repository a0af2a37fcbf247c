"""Who may see and do what. Every rule of it stands here.

The rules named `check_can_…` raise `Denied` with a sentence for the person.
"""

import re
from collections.abc import Iterable, Sequence

from handlers.texts import access as texts
from handlers.texts.phrase import Phrase
from storage.domain.roles import Holding, Role
from storage.proposals import Proposal

# A mobile or landline number, and an identity number of 18 digits (GB 11643), wherever they stand in a text.
_PRIVATE = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|1[3-9]\d[- ]?\d{4}[- ]?\d{4}|0\d{2,3}[- ]?\d{7,8})(?!\d)")


class Denied(Exception):
    """The person may not do that; `why` is one sentence."""

    def __init__(self, why: Phrase) -> None:
        super().__init__(why.en)
        self.why = why


def congresses_of(holdings: Iterable[Holding], *roles: Role) -> list[int]:
    """The congresses in which a person holds one of the roles."""
    return sorted({holding.congress_id for holding in holdings if holding.role in roles})


def holds(holdings: Iterable[Holding], *roles: Role) -> bool:
    return bool(congresses_of(holdings, *roles))


def is_staff(holdings: Sequence[Holding]) -> bool:
    return holds(holdings, Role.STAFF)


def is_deputy(holdings: Sequence[Holding]) -> bool:
    return holds(holdings, Role.DEPUTY)


def is_grid_worker(holdings: Sequence[Holding]) -> bool:
    return holds(holdings, Role.GRID_WORKER)


def has_cells(holdings: Sequence[Holding]) -> bool:
    return holds(holdings, Role.DEPUTY, Role.GRID_WORKER)


def check_can_handle(holdings: Iterable[Holding], proposal: Proposal | None) -> Proposal:
    """Answer, decide on, correct and show a proposal: the staff of its congress."""
    if proposal is None:
        raise Denied(texts.NO_SUCH_PROPOSAL)
    if proposal.congress_id not in congresses_of(holdings, Role.STAFF):
        raise Denied(texts.NOT_YOUR_CONGRESS)
    return proposal


def check_can_load_ledger(holdings: Iterable[Holding], congress_id: int) -> None:
    """Change many proposals of a congress at once: its staff."""
    if congress_id not in congresses_of(holdings, Role.STAFF):
        raise Denied(texts.NOT_YOUR_CONGRESS)


def check_can_change(person_id: int, authors: Sequence[int], proposal: Proposal | None) -> Proposal:
    """Add to a proposal or withdraw it: its authors."""
    if proposal is None or person_id not in authors:
        raise Denied(texts.NOT_YOUR_PROPOSAL)
    return proposal


def check_can_support(person_id: int, authors: Sequence[int], proposal: Proposal | None) -> Proposal:
    """Say "I want that too": anybody, for what staff have cleared for showing, and not for one's own."""
    if proposal is None or proposal.cleared_at is None:
        raise Denied(texts.NO_SUCH_PROPOSAL)
    if person_id in authors:
        raise Denied(texts.YOUR_OWN_PROPOSAL)
    return proposal


def masked(text: str) -> str:
    """The text without telephone and identity numbers: what everybody but the clerk who answers gets to see."""
    return _PRIVATE.sub(lambda match: match.group()[:3] + "****" + match.group()[-2:], text)
