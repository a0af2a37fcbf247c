"""What is true of everything that is stored, whatever happened: each rule is a query that finds what breaks it."""

from sqlalchemy import text

from storage.database import Unit
from storage.domain.proposal_status import NEXT

_NO_SUCH = (
    "SELECT a.id FROM audit a LEFT JOIN {table} r ON r.id = a.record_id WHERE a.record = '{record}' AND r.id IS NULL"
)
_RECORDS = {
    "proposal": "proposals",
    "person": "people",
    "role": "roles",
    "area": "areas",
    "station": "stations",
    "project": "projects",
    "note": "notes",
    "rectification": "rectifications",
    "congress": "congresses",
    "cycle": "cycles",
    "message": "messages",
}
_FOLLOWS = ", ".join(f"'{now}>{then}'" for now, following in NEXT.items() for then in following)
_MERGED = "SELECT person_id FROM {table} JOIN people p ON p.id = person_id WHERE p.merged_into IS NOT NULL{also}"
_EVENTS = "(SELECT count(*) FROM proposal_history h WHERE h.proposal_id = p.id AND h.kind {kinds})"
_LOGGED = "(SELECT count(*) FROM audit a WHERE a.record = 'proposal' AND a.record_id = p.id AND a.action {actions})"

_RULES = {
    "a proposal has its text": (
        "SELECT p.id FROM proposals p JOIN texts t ON t.id = p.text_id WHERE t.body = '' AND t.blanked_at IS NULL"
    ),
    "a proposal has an author": ("SELECT id FROM proposals WHERE id NOT IN (SELECT proposal_id FROM proposal_authors)"),
    "a proposal was received first": (
        "SELECT p.id FROM proposals p WHERE coalesce((SELECT h.status FROM proposal_history h"
        " WHERE h.proposal_id = p.id ORDER BY h.id LIMIT 1), '') <> 'received'"
    ),
    "a proposal's history leads to its status": (
        "SELECT p.id FROM proposals p WHERE coalesce((SELECT h.status FROM proposal_history h"
        " WHERE h.proposal_id = p.id AND h.status IS NOT NULL ORDER BY h.id DESC LIMIT 1), '') <> p.status"
    ),
    "a status follows only what it may": (
        "SELECT id FROM (SELECT id, status, lag(status) OVER (PARTITION BY proposal_id ORDER BY id) AS before"
        " FROM proposal_history WHERE status IS NOT NULL) AS moves"
        f" WHERE before IS NOT NULL AND before || '>' || status NOT IN ({_FOLLOWS})"
    ),
    "the log knows each proposal's beginning": (
        f"SELECT p.id FROM proposals p WHERE {_LOGGED.format(actions='= %add%')} <> 1".replace("%", "'")
    ),
    "the log knows each move of a proposal": (
        f"SELECT p.id FROM proposals p WHERE {_LOGGED.format(actions='= %status%')} + 1"
        f" <> {_EVENTS.format(kinds='= %status%')}".replace("%", "'")
    ),
    "the log knows each word about a proposal": (
        f"SELECT p.id FROM proposals p WHERE {_LOGGED.format(actions='IN (%remark%, %question%, %answer%, %correct%)')}"
        f" <> {_EVENTS.format(kinds='<> %status%')}".replace("%", "'")
    ),
    "supporters are counted": (
        "SELECT id FROM proposals p"
        " WHERE supporters <> (SELECT count(*) FROM proposal_supporters s WHERE s.proposal_id = p.id)"
    ),
    "nobody supports their own": (
        "SELECT s.proposal_id FROM proposal_supporters s"
        " JOIN proposal_authors a ON a.proposal_id = s.proposal_id AND a.person_id = s.person_id"
    ),
    "a message of ours is in the outbox once, one of theirs never": (
        "SELECT m.id FROM messages m LEFT JOIN outbox o ON o.message_id = m.id GROUP BY m.id, m.direction"
        " HAVING count(o.message_id) <> CASE m.direction WHEN 'out' THEN 1 ELSE 0 END"
    ),
    "a message of ours is in one state": (
        "SELECT message_id FROM outbox WHERE state NOT IN ('waiting', 'held', 'sent', 'failed')"
    ),
    "a reply answers a message of the same account": (
        "SELECT m.id FROM messages m JOIN messages o ON o.id = m.in_reply_to"
        " WHERE o.direction <> 'in' OR o.account_id <> m.account_id"
    ),
    "no message failed": "SELECT id FROM messages WHERE fault IS NOT NULL",
    "a report is of somebody who is there, and says something": (
        "SELECT n.id FROM notes n JOIN people p ON p.id = n.author_id WHERE p.merged_into IS NOT NULL"
        " UNION ALL SELECT id FROM notes WHERE standing IS NULL AND received IS NULL"
    ),
    "progress is within bounds, and a duty that is answered has its report": (
        "SELECT id FROM notes WHERE progress NOT BETWEEN 0 AND 100"
        " UNION ALL SELECT id FROM duties WHERE (answered_at IS NULL) <> (note_id IS NULL)"
    ),
    "a link leads to a proposal": (
        "SELECT l.id FROM links l LEFT JOIN proposals p ON p.id = l.target_id"
        " WHERE l.target = 'proposal' AND p.id IS NULL"
    ),
    "a record that was merged holds nothing": " UNION ALL ".join(
        _MERGED.format(table=table, also=" AND state IS NOT NULL" if table == "conversations" else "")
        for table in ("conversations", "drafts", "prompts", "accounts", "roles", "proposal_authors")
    ),
    **{
        f"the log names a {record} that is there": _NO_SUCH.format(record=record, table=table)
        for record, table in _RECORDS.items()
    },
    "the log names records that this test knows": (
        f"SELECT id FROM audit WHERE record NOT IN ({', '.join(map(repr, _RECORDS))})"
    ),
}
_BROKEN = text(
    " UNION ALL ".join(
        f"SELECT '{rule.replace(chr(39), chr(39) * 2)}', broken.* FROM ({query}) AS broken"
        for rule, query in _RULES.items()
    )
)


def broken(unit: Unit) -> list[tuple[str, int]]:
    """Each rule that does not hold, with a row that breaks it."""
    return [(rule, row) for rule, row in unit.read(_BROKEN)]
