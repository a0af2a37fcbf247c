"""An office that announces something, those who agree to it, and what goes out of it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from handlers.announcement_messages import AnnouncementMessages
from storage.announcements import Announcement
from storage.attachments import State as FileState
from storage.domain.roles import Role
from storage.domain.rules import Rules
from storage.tables import accounts, attachments, congresses, outbox
from tests.conversing import BUTTONS, TEXT_ONLY, Person, Town
from tests.settlement import Settlement, enrolled

PACES = {"tap": 30.0, "plain": 30.0, "web": 500.0}
SHOWN = {"tap": BUTTONS, "plain": TEXT_ONLY, "web": BUTTONS}
PLAIN = ("其他通知", "停水通知", "周三停水。", "不要附件", "不要链接", "不要按钮")
AT_ONCE = ("审完马上发", "上公告榜")
EVERYBODY = ("全体居民", "选好了")


@dataclass
class Office:
    """王芳 writes, 周主席 of the presidium and 吴管理, the administrator, agree."""

    town: Town
    place: Settlement
    staff: Person
    chair: Person
    admin: Person

    def get(self, number: int = 1) -> Announcement:
        with self.town.store() as store:
            found = store.announcements.get(number)
        assert found is not None
        return found

    def writes(self, *audience: str, words: tuple[str, ...] = PLAIN, when: tuple[str, ...] = AT_ONCE) -> str:
        """A draft, seen through; what is on the screen then."""
        self.staff.says("发公告", *words, *(audience or EVERYBODY), *when)
        return self.staff.sees("提交")

    def agrees(self, number: int = 1) -> None:
        """Everybody who has to."""
        self.staff.says("公告管理", "草稿", f"公告{number}", "送审")
        for person, step in ((self.chair, "审核通过"), (self.admin, "签发")):
            person.says("公告管理", "等我审核")
            if not person.screen().startswith("公告"):  # several wait
                person.says(f"公告{number}")
            person.says(step)

    def announces(self, *audience: str, **written: Any) -> int:
        """Written, agreed to, and gone out to everybody."""
        self.writes(*audience, **written)
        with self.town.store() as store:
            number = store.announcements.of_congress(self.place.congress)[0].number
        self.agrees(number)
        self.goes_out()
        return number

    def begins_to_go_out(self) -> None:
        """So far that something waits in the outbox."""
        with self.town.store() as store:
            while not store.unit.read(select(outbox.c.message_id).where(outbox.c.announcement_id.is_not(None))).all():
                store.broadcasting.step(AnnouncementMessages(SHOWN, PACES), PACES)

    def goes_out(self) -> None:
        """All that is due is written to the outbox, and sent."""
        waits = outbox.c.announcement_id.is_not(None), outbox.c.state == "waiting"
        for _ in range(200):
            with self.town.store() as store:
                sent = store.unit.write(update(outbox).where(*waits).values(state="sent", settled_at=self.town.now))
                again_at = store.broadcasting.step(AnnouncementMessages(SHOWN, PACES), PACES).again_at
            if not sent.rowcount and (again_at is None or again_at > self.town.now):
                return
        raise AssertionError("it never ends")


def office_of(town: Town, place: Settlement) -> Office:
    with town.store() as store:
        enrolled(store, "chair", "周主席", place.congress, Role.PRESIDIUM)
        enrolled(store, "admin", "吴管理", place.congress, Role.ADMINISTRATOR)
    office = Office(town, place, town.person("staff"), town.person("chair"), town.person("admin"))
    for person in (office.staff, office.chair, office.admin):
        person.says("取消")
    return office


def rules(town: Town, place: Settlement, **changed: Any) -> None:
    """The congress has other rules from now on."""
    with town.store() as store:
        mine = update(congresses).where(congresses.c.id == place.congress)
        store.unit.write(mine.values(rules=Rules(**changed).dump()))
    town.reload()


def identity(town: Town, who: Person) -> int:
    """Their id."""
    with town.store() as store:
        mine = accounts.c.channel == who.channel, accounts.c.external_id == who.account
        found: int = store.unit.read(select(accounts.c.person_id).where(*mine)).scalar_one()
        return found


def lives(town: Town, who: Person, name: str = "") -> Person:
    """In 柳树湾."""
    who.says("取消", "设置", "我的网格", "柳树湾")
    person_id = identity(town, who)
    with town.store() as store:
        store.people.change(person_id, name=name)
    return who


def arrive(town: Town, name: str = "停水范围.jpg") -> None:
    """The files that people sent are fetched, and found fit."""
    with town.store() as store:
        wanted = store.unit.read(select(attachments.c.id).where(attachments.c.state == FileState.WANTED)).scalars()
        for one in wanted.all():
            values = {"state": FileState.STORED, "digest": f"{one:064}", "name": name, "media_type": "image/jpeg"}
            store.unit.write(update(attachments).where(attachments.c.id == one).values(**values))


def refuse(town: Town, why: str) -> None:
    """The files that people sent are not taken (see bot.attachments)."""
    with town.store() as store:
        wanted = attachments.c.state == FileState.WANTED
        store.unit.write(update(attachments).where(wanted).values(state=FileState.REFUSED, failure=why))
