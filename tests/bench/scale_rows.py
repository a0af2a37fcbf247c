"""The rows of a store as large as wanted: each a function of its number (see tests.bench.scale_store)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    String,
    Table,
    case,
    cast,
    func,
    insert,
    literal,
    null,
    select,
)

from storage.domain.categories import Category
from storage.domain.proposal_status import Status
from storage.tables import (
    accounts,
    attachments,
    audit,
    conversations,
    links,
    messages,
    outbox,
    people,
    proposal_authors,
    proposal_history,
    proposal_supporters,
    proposals,
    texts,
)

NOW = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
FIRST = 1_001  # the number of the first resident; below are those with a role
CHATTY = 400  # messages of everybody who has written much
BUSY_CELLS = 4  # that a deputy looks at
BUSY_LINKS, BUSY_PROPOSALS = 58, 12  # in these cells, as many as a small town has in a week
PER_AUTHOR = 12  # proposals
ROLE_HOLDERS = 20  # deputies of the congress
_KINDS = (Category.ROADS, *(one for one in Category if one is not Category.ROADS))[:5]
_STATI = (Status.TAKEN_UP, Status.RESERVE, Status.DECLINED, Status.ASKED, Status.RECEIVED)
_SOME_WORDS = "村口这一段坑洼不平，下雨天积水很深，老人孩子走路不方便，希望能够修一修。编号"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is stored; `days` are those over which it came, `cells` a village."""

    people: int
    messages: int
    proposals: int
    villages: int
    cells: int
    days: int

    @property
    def all_cells(self) -> int:
        return self.villages * self.cells

    @property
    def authors(self) -> int:
        """The first so many people have proposed something."""
        return self.proposals // PER_AUTHOR

    @property
    def chatty(self) -> int:
        """The first so many people have half of all messages."""
        return self.messages // 2 // CHATTY


SMALL = Size(people=1_000, messages=5_000, proposals=100, villages=2, cells=2, days=60)
MIDDLE = Size(people=20_000, messages=100_000, proposals=10_000, villages=20, cells=20, days=300)
LARGE = Size(people=1_000_000, messages=5_000_000, proposals=500_000, villages=1_000, cells=20, days=1_095)


@dataclass(frozen=True, slots=True)
class Filling:
    connection: Connection
    size: Size
    first_cell: int

    def add(self, table: Table, count: int, rows: Any) -> None:
        """`rows` makes the values by column of each number from 0 on."""
        number = select(literal(0, BigInteger()).label("n")).cte("numbers", recursive=True)
        number = number.union_all(select(number.c.n + 1).where(number.c.n < count - 1))
        values: dict[str, Any] = rows(number.c.n)
        self.connection.execute(insert(table).from_select(list(values), select(*values.values()).select_from(number)))

    def moment(self, n: ColumnElement[int], count: int) -> ColumnElement[Any]:
        """The last of so many is now, the first lies as many days back as there are."""
        step = timedelta(days=self.size.days) / count
        if self.connection.dialect.name == "postgresql":
            return literal(NOW) - (count - n) * literal(step)
        return int(NOW.timestamp() * 1_000_000) - (count - n) * (step // timedelta(microseconds=1))

    def person(self, n: ColumnElement[int]) -> ColumnElement[int]:
        """Half of the messages are those of chatty people, the others everybody's."""
        spread = case((n % 4 < 2, n // 4 % self.size.chatty), else_=n // 4 * 7_919 % self.size.people)
        return FIRST + spread

    def cell(self, n: ColumnElement[int], count: int, busy: int) -> ColumnElement[int]:
        among = case((n >= count - busy, n % BUSY_CELLS), else_=n % self.size.all_cells)
        return self.first_cell + among


def _words(n: ColumnElement[int]) -> ColumnElement[str]:
    return literal(_SOME_WORDS) + cast(n, String)


def _one_of(n: ColumnElement[int], choices: tuple[str, ...]) -> ColumnElement[str]:
    return case(*((n % len(choices) == at, str(one)) for at, one in enumerate(choices)))


def _people(filling: Filling) -> None:
    size = filling.size
    filling.add(
        people,
        size.people,
        lambda n: {
            "id": FIRST + n,
            "name": literal("居民") + cast(n, String),
            "cell_id": filling.first_cell + n % size.all_cells,
            "consented_at": filling.moment(n, size.people),
            "created_at": filling.moment(n, size.people),
        },
    )


def _accounts(filling: Filling) -> None:
    size = filling.size
    filling.add(
        accounts,
        size.people,
        lambda n: {
            "id": FIRST + n,
            "channel": case((n % 2 == 0, "web"), else_="tap"),
            "external_id": literal("r") + cast(n, String),
            "address": literal("r") + cast(n, String),
            "person_id": FIRST + n,
            "seen_at": filling.moment(n, size.people),
        },
    )


def _conversations(filling: Filling) -> None:
    size = filling.size
    filling.add(
        conversations,
        size.people,
        lambda n: {
            "person_id": FIRST + n,
            "heard_at": filling.moment(n, size.people),
            "window_from": filling.moment(n, size.people),
            "window_count": literal(1),
            "strikes": literal(0),
        },
    )


def _texts(filling: Filling) -> None:
    size = filling.size
    filling.add(
        texts,
        size.proposals,
        lambda n: {
            "id": FIRST + n,
            "body": _words(n),
            "written_by": FIRST + n % size.authors,
            "written_at": filling.moment(n, size.proposals),
        },
    )


def _proposals(filling: Filling) -> None:
    size, count = filling.size, filling.size.proposals
    filling.add(
        proposals,
        count,
        lambda n: {
            "id": FIRST + n,
            "congress_id": literal(1),
            "cycle_id": literal(1),
            "text_id": FIRST + n,
            "category": _one_of(n // 3, _KINDS),
            "cell_id": case((n // size.all_cells % 8 == 3, null()), else_=filling.cell(n, count, BUSY_PROPOSALS)),
            "located_how": literal("text"),
            "status": _one_of(n // size.all_cells, _STATI),
            "source": literal("chat"),
            "cleared_at": case((n // size.all_cells % 2 == 0, filling.moment(n, count)), else_=null()),
            "supporters": literal(2),
            "created_at": filling.moment(n, count),
            "changed_at": filling.moment(n, count),
        },
    )
    filling.add(proposal_authors, count, lambda n: {"proposal_id": FIRST + n, "person_id": FIRST + n % size.authors})
    for at in range(2):
        filling.add(
            proposal_supporters,
            count,
            lambda n, at=at: {
                "proposal_id": FIRST + n,
                "person_id": FIRST + (n * 2 + at) % size.people,
                "at": filling.moment(n, count),
            },
        )


def _messages(filling: Filling) -> None:
    count = filling.size.messages
    filling.add(
        messages,
        count,
        lambda n: {
            "id": FIRST + n,
            "direction": case((n % 2 == 0, "in"), else_="out"),
            "channel": literal("web"),
            "account_id": filling.person(n),
            "person_id": filling.person(n),
            "kind": literal("text"),
            "text": _words(n),
            "at": filling.moment(n, count),
            "stored_at": filling.moment(n, count),
            "platform_key": case((n % 2 == 0, literal("k") + cast(n, String)), else_=null()),
            "in_reply_to": case((n % 2 == 1, FIRST + n - 1), else_=null()),
        },
    )


def _outbox(filling: Filling) -> None:
    count = filling.size.messages // 2
    filling.add(
        outbox,
        count,
        lambda n: {
            "message_id": FIRST + n * 2 + 1,
            "account_id": filling.person(n * 2 + 1),
            "channel": literal("web"),
            "priority": literal(0),
            "state": literal("sent"),
            "due_at": filling.moment(n, count),
            "attempts": literal(1),
            "created_at": filling.moment(n, count),
            "settled_at": filling.moment(n, count),
        },
    )


def _links(filling: Filling) -> None:
    """Of every tenth message to a cell, of some to a proposal."""
    size = filling.size
    about_cells = size.messages // 10
    filling.add(
        links,
        about_cells,
        lambda n: {
            "id": FIRST + n,
            "message_id": FIRST + n * 10,
            "target": literal("cell"),
            "target_id": filling.cell(n, about_cells, BUSY_LINKS),
            "how": literal("text"),
            "linked_at": filling.moment(n, about_cells),
        },
    )
    filling.add(
        links,
        size.proposals,
        lambda n: {
            "id": FIRST + about_cells + n,
            "message_id": FIRST + n * 10 % size.messages + 4,
            "target": literal("proposal"),
            "target_id": FIRST + n,
            "how": literal("stated"),
            "linked_at": filling.moment(n, size.proposals),
        },
    )


def _rest(filling: Filling) -> None:
    """What is written beside every proposal."""
    size, count = filling.size, filling.size.proposals
    filling.add(
        proposal_history,
        count,
        lambda n: {
            "id": FIRST + n,
            "proposal_id": FIRST + n,
            "kind": literal("status"),
            "status": literal("received"),
            "text_id": FIRST + n,
            "person_id": FIRST + n % size.authors,
            "at": filling.moment(n, count),
        },
    )
    filling.add(
        audit,
        count,
        lambda n: {
            "id": 100_000 + n,
            "at": filling.moment(n, count),
            "person_id": FIRST + n % size.authors,
            "action": literal("add"),
            "record": literal("proposal"),
            "record_id": FIRST + n,
        },
    )
    filling.add(
        attachments,
        count,
        lambda n: {
            "id": FIRST + n,
            "message_id": FIRST + n * 10 % size.messages + 4,
            "kind": literal("photo"),
            "platform_id": literal("p") + cast(n, String),
            "digest": func.substr(literal("0" * 50) + cast(n, String), -40, 40)
            if filling.connection.dialect.name == "sqlite"
            else func.right(literal("0" * 50) + cast(n, String), 40),
            "state": literal("stored"),
            "due_at": filling.moment(n, count),
        },
    )


EVERY_TABLE = (_people, _accounts, _conversations, _texts, _proposals, _messages, _outbox, _links, _rest)
