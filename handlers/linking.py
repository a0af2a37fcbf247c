"""What a message outside any conversation seems to speak of: a cell that it names, proposals that it means."""

import re
import unicodedata
from collections.abc import Iterator

from storage.domain.areas import Area
from storage.domain.similarity import are_alike, pairs
from storage.links import How, Target
from storage.proposals import Proposal
from storage.store import Store

COMPARED = 50  # proposals of the same cell, the newest
READ = 10_000  # characters in which numbers of proposals are looked for
NUMBERED = 10  # numbers that are looked up for one message

_PROPOSAL_NUMBER = re.compile(r"(?<!\d)(\d{1,9})\s*号(?:建议|提案|线索)?")


def link_unprompted(store: Store, message_id: int, text: str) -> None:
    """Link a message to the cell and the proposals it speaks of; where a name is ambiguous, staff do."""
    cells = store.areas.cells_mentioned(text)
    cell = cells[0] if len(cells) == 1 else None
    if cell:
        store.links.add([message_id], Target.CELL, cell.id, How.TEXT)
    meant = dict.fromkeys(_numbered(store, text), How.TEXT)
    for number in _alike(store, text, cell):
        meant.setdefault(number, How.SIMILAR)
    for number, how in meant.items():
        store.links.add([message_id], Target.PROPOSAL, number, how)


def _numbered(store: Store, text: str) -> Iterator[int]:
    """Proposals named by their number. A house number is none: only the writer's own, or a public one, is meant."""
    found = dict.fromkeys(map(int, _PROPOSAL_NUMBER.findall(unicodedata.normalize("NFKC", text[:READ]))))
    for number in list(found)[:NUMBERED]:
        proposal = store.proposals.get(number)
        if proposal and (proposal.cleared_at or store.actor.person_id in store.proposals.authors(proposal.number)):
            yield proposal.number


def _alike(store: Store, text: str, cell: Area | None) -> Iterator[int]:
    """Of the writer's own and of the same cell, those that a text resembles."""
    said = pairs(text)
    near: list[Proposal] = store.proposals.in_cell(cell.id, COMPARED) if cell else []
    if store.actor.person_id is not None:
        near += store.proposals.of_author(store.actor.person_id)
    yield from sorted({one.number for one in near if are_alike(said, pairs(one.body))})
