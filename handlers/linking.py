"""What a message outside any conversation seems to speak of: a cell that it names, a proposal by its number."""

import re
import unicodedata

from storage.links import How, Target
from storage.store import Store

_PROPOSAL_NUMBER = re.compile(r"(?<!\d)(\d{1,9})\s*号(?:建议|提案|线索)?")


def link_unprompted(store: Store, message_id: int, text: str) -> None:
    """Link a message to the cell and the proposals it speaks of; ambiguous ones are left to staff."""
    cells = store.areas.cells_mentioned(text, None)
    if len(cells) == 1:
        store.links.add([message_id], Target.CELL, cells[0].id, How.TEXT)
    for number in dict.fromkeys(_PROPOSAL_NUMBER.findall(unicodedata.normalize("NFKC", text))):
        proposal = store.proposals.get(int(number))
        # A house number is no proposal: only the writer's own, or one that everybody may read, is meant.
        writer = store.actor.person_id
        if proposal and (proposal.cleared_at or writer in store.proposals.authors(proposal.number)):
            store.links.add([message_id], Target.PROPOSAL, proposal.number, How.TEXT)
