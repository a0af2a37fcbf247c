"""A store as large as wanted, filled by the database itself: rows come from counting, spread by arithmetic.

Of whatever size, its parts are alike: who has proposed something has proposed as much, a cell holds as many proposals,
the last week was as busy in the cells that are looked at. So the same question gets a page as full from each.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from shapely import box
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    String,
    Table,
    case,
    cast,
    create_engine,
    event,
    func,
    insert,
    literal,
    null,
    select,
    text,
)

from storage.area_index import AreaIndex
from storage.areas import add_area
from storage.database import open_database, transaction
from storage.domain.areas import Level
from storage.domain.categories import Category
from storage.domain.proposal_status import Status
from storage.domain.roles import Role
from storage.domain.rules import Rules
from storage.revisions import Revised, move
from storage.store import Store
from storage.tables import (
    accounts,
    areas,
    attachments,
    audit,
    conversations,
    links,
    messages,
    metadata,
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
_CHARACTERS = "东西南北上下前后大小金木水火土石云竹松梅兰荷柳枫桃李杏桥塘湾坪岭溪泉井林田沙坝洲"
_KINDS = (Category.ROADS, *(one for one in Category if one is not Category.ROADS))[:5]
_STATI = (Status.TAKEN_UP, Status.RESERVE, Status.DECLINED, Status.ASKED, Status.RECEIVED)
_SOME_WORDS = "村口这一段坑洼不平，下雨天积水很深，老人孩子走路不方便，希望能够修一修。编号"


_SQLITE_IN_A_HURRY = ("PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF", "PRAGMA cache_size=-400000")
# The last spares the look at what is referred to; only a superuser may.
_AS_REPLICA = (
    "SELECT set_config('session_replication_role', 'replica', false) WHERE current_setting('is_superuser') = 'on'"
)
_POSTGRESQL_IN_A_HURRY = ("SET synchronous_commit = off", "SET maintenance_work_mem = '512MB'", _AS_REPLICA)


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
TENTH = Size(people=100_000, messages=500_000, proposals=50_000, villages=100, cells=20, days=1_095)
LARGE = Size(people=1_000_000, messages=5_000_000, proposals=500_000, villages=1_000, cells=20, days=1_095)


def village_name(number: int) -> str:
    """Each like no other."""
    first, second = divmod(number, len(_CHARACTERS))
    return f"{_CHARACTERS[first]}{_CHARACTERS[second]}村"


def fill(url: str, size: Size) -> None:
    """Fill a migrated, empty database."""
    engine = open_database(url)
    cell_ids = _found(engine, size)
    engine.dispose()
    engine = _in_a_hurry(url)
    with engine.begin() as connection:
        tables = [_people, _accounts, _conversations, _texts, _proposals, _messages, _outbox, _links, _rest]
        indexes = [index for table in metadata.sorted_tables for index in table.indexes if table is not areas]
        for index in indexes:
            index.drop(connection)
        for rows in tables:
            rows(_Filling(connection, size, cell_ids[0]))
        for index in indexes:
            index.create(connection)
        _count_on(connection)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("VACUUM ANALYZE")  # what its own housekeeping does in time
    engine.dispose()


def _in_a_hurry(url: str) -> Engine:
    """An engine that spares all that makes a database safe."""
    engine = create_engine(url)
    statements = _SQLITE_IN_A_HURRY if engine.dialect.name == "sqlite" else _POSTGRESQL_IN_A_HURRY

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)
        cursor.close()
        connection.commit()

    return engine


# --- those that are few: areas, the congress, and who has a role in it


def _found(engine: Engine, size: Size) -> list[int]:
    with transaction(engine) as unit:
        store = Store(unit, NOW, AreaIndex(()))
        county = add_area(unit, store.audit, None, Level.COUNTY, "c", "云川县")
        township = add_area(unit, store.audit, county, Level.TOWNSHIP, "t", "云坪镇")
        row = (
            add_area(unit, store.audit, township, Level.VILLAGE, f"v{at}", village_name(at))
            for at in range(size.villages)
        )
        first = county.id + 1 + size.villages + 1
        cells: list[dict[str, Any]] = []
        for at, village in enumerate(row):
            for number in range(size.cells):
                identity = first + at * size.cells + number
                square = box(100 + at * 0.01, 20 + number * 0.01, 100.01 + at * 0.01, 20.01 + number * 0.01)
                cells.append(
                    {
                        "id": identity,
                        "parent_id": village.id,
                        "level": Level.CELL,
                        "code": f"v{at}-{number}",
                        "name": f"第{number + 1}网格",
                        "path": f"{village.path}{identity}/",
                        "aliases": [],
                        "polygon": square.wkb,
                    }
                )
        unit.write(insert(areas), cells)
        move(unit, Revised.AREAS)
        _congress(store, county.id, [cell["id"] for cell in cells])
        return [cell["id"] for cell in cells]


def _congress(store: Store, county: int, cell_ids: list[int]) -> None:
    congress = store.congresses.add("云川县人大", Level.COUNTY, county, rules=Rules())
    store.congresses.begin_cycle(congress, 2026, date(2026, 7, 1), date(2026, 12, 31))
    _enrol(store, congress, "staff", Role.STAFF, [])
    _enrol(store, congress, "deputy", Role.DEPUTY, cell_ids[:BUSY_CELLS])
    for at in range(1, ROLE_HOLDERS):
        _enrol(store, congress, f"deputy{at}", Role.DEPUTY, cell_ids[:1])


def _enrol(store: Store, congress: int, account: str, role: Role, own: list[int]) -> None:
    person = store.people.add(account, "13900000000")
    store.people.consent(person)
    account_id = store.people.add_account(person, "tap", account, account)
    store.people.grant(person, congress, role, areas=own)
    if account[-1] == "1":
        store.people.mark_unreachable(account_id, "blocked")


# --- those that are many


@dataclass(frozen=True, slots=True)
class _Filling:
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


def _people(filling: _Filling) -> None:
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


def _accounts(filling: _Filling) -> None:
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


def _conversations(filling: _Filling) -> None:
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


def _texts(filling: _Filling) -> None:
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


def _proposals(filling: _Filling) -> None:
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


def _messages(filling: _Filling) -> None:
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


def _outbox(filling: _Filling) -> None:
    count = filling.size.messages // 2
    filling.add(
        outbox,
        count,
        lambda n: {
            "id": FIRST + n,
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


def _links(filling: _Filling) -> None:
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


def _rest(filling: _Filling) -> None:
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


def _count_on(connection: Connection) -> None:
    """SQLite goes on from the last id by itself, PostgreSQL where its sequences stand."""
    if connection.dialect.name == "postgresql":
        for table in metadata.sorted_tables:
            if "id" in table.columns:
                last = f"(SELECT coalesce(max(id), 1) FROM {table.name})"
                connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {last})"))
