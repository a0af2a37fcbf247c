"""People who have accounts, and an announcement to all of them that waits to be sent."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Engine, insert, select, update

from storage.announcements import Content
from storage.area_index import AreaIndex
from storage.audit import Actor
from storage.database import transaction
from storage.domain.announcements import Kind, Levels, Step
from storage.domain.audience import Audience
from storage.domain.roles import Role
from storage.domain.rules import Rules
from storage.store import Store
from storage.tables import accounts, congresses, people

NEVER_QUIET = Rules(announcement_reviews=Levels.ONE, announcement_quiet_from=24, announcement_quiet_until=24)


def announce(engine: Engine, cell_id: int, title: str, text: str, to: Sequence[tuple[str, str]]) -> int:
    """Give new people of a cell these accounts, (channel, external id), and announce something to all; gives its
    number."""
    now = datetime.now(UTC)
    with transaction(engine) as unit:
        store = Store(unit, now, AreaIndex(()))
        congress = unit.read(select(congresses.c.id)).scalar_one()
        unit.write(update(congresses).values(rules=NEVER_QUIET.dump()))
        author = store.people.add("王芳")
        store.people.grant(author, congress, Role.STAFF)
        ids = unit.numbers(people, len(to))
        unit.write(insert(people), [{"id": one, "cell_id": cell_id, "created_at": now} for one in ids])
        of_whom = [
            {"person_id": one, "channel": channel, "external_id": account, "address": account, "seen_at": now}
            for one, (channel, account) in zip(ids, to, strict=True)
        ]
        unit.write(insert(accounts), of_whom)
        own = store.on_behalf_of(Actor(author)).announcements
        number = own.add(congress, Content(Kind.COLLECTING, title, text, Audience(everybody=True)))
        own.sign(number, 1, Step.SUBMIT, NEVER_QUIET)
        return number
