"""How a file of an announcement becomes a draft: checked as a whole, then kept with what lies beside it.

It is kept as a message of its author, on the channel of files, on which the files beside it hang: so the log tells from
which message it came, and its files stay as long as that. Whoever has to agree to it, has to agree to it all the same.
"""

import hashlib
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path, PurePath
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, insert, select

from storage.announcement_contents import BLANK
from storage.announcement_faults import WHY, AnnouncementFault
from storage.announcement_file import Written, several
from storage.announcements import Announcement, Content
from storage.area_index import AreaIndex
from storage.arrivals import Arrivals
from storage.attachments import State as FileState
from storage.audience_words import read_audience
from storage.audiences import Example, Reach
from storage.audit import Actor
from storage.congresses import Congress
from storage.database import Clock, Unit, transaction
from storage.domain import announcements as rules
from storage.domain.announcements import Kind
from storage.domain.audience import Audience
from storage.domain.file_kinds import SIZE_LIMIT, FileRefused, check
from storage.domain.file_kinds import Refusal as FileRefusal
from storage.files import FileStore
from storage.line_faults import TableRefused
from storage.links import How, Target
from storage.project_values import NotWritten, narrow, read_day
from storage.proposal_import import CHANNEL
from storage.store import Store
from storage.tables import attachments, congresses

LOOKED_AT = 200  # of the newest announcements of a congress, for one that says the same
_LINK_LIMIT = 400
_URGENT_LIMIT = 500  # characters
_NOW = frozenset({"立即", "马上", "现在", "尽快", "审核通过后立即", "now", "atonce", "immediately"})
_YES, _NO = (
    frozenset({"是", "要", "上", "yes", "true", "1"}),
    frozenset({"否", "不", "不要", "不上", "no", "false", "0"}),
)
_MOMENT = re.compile(r"(?P<day>.*?\d日?)[T\s]*(?P<hour>\d{1,2})\s*[:点时]\s*(?P<minute>\d{1,2})?\s*分?")
# What people may write; the first is shown.
_KINDS: Mapping[Kind, str] = {
    Kind.COLLECTING: "征集公告 征集 征集通知",
    Kind.CANDIDATES: "候选项目公示 候选项目 候选项目预告 预阅",
    Kind.VOTE_RESULT: "票决结果 票决 票决结果公告 voteresult",
    Kind.PROGRESS: "进展通报 进展 督查通报 监督通报",
    Kind.RECEPTION: "接待日通知 接待日 代表接待日 receptionday",
    Kind.OTHER: "其他通知 其他 通知",
}


@dataclass(frozen=True, slots=True)
class Paper:
    """A file beside the announcement; `name` is what it is sent as."""

    path: Path
    digest: str
    size: int
    name: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What importing a file would do, and whom it would be for."""

    congress: Congress
    content: Content
    papers: tuple[Paper, ...]
    reach: Reach
    examples: tuple[Example, ...]


# --- planning


def plan_import(store: Store, congress: Congress, written: Written, folder: Path, buttons: Mapping[str, str]) -> Plan:
    """What importing a file of a folder for a congress would do. `buttons` are what the buttons of an announcement are
    called, by name. Raises TableRefused with everything that is wrong with it."""
    reading = _Reading(store, congress, written)
    papers = tuple(reading.papers(folder))
    content = Content(
        kind=reading.kind(),
        title=reading.text("title", rules.TITLE_LIMIT),
        text=reading.text("text", rules.TEXT_LIMIT),
        audience=reading.audience(),
        link=reading.link(),
        button=reading.button(buttons),
        files=tuple((paper.digest, paper.name, paper.media_type) for paper in papers),
        on_board=reading.on_board(),
        send_at=reading.send_at(),
        urgent=reading.urgent(),
    )
    if reading.faults:
        raise TableRefused(sorted(reading.faults, key=lambda fault: fault.line or 0))
    if same := _same(store, congress, content):
        raise TableRefused([AnnouncementFault("repeated", None, {"number": same})])
    reach = store.audiences.reach(congress.id, content.audience)
    if not reach.people:
        raise TableRefused([written.fault("nobody", "audience")])
    examples = tuple(store.audiences.examples(congress.id, content.audience))
    return Plan(congress, content, papers, reach, examples)


def _same(store: Store, congress: Congress, content: Content) -> int | None:
    """An announcement that says the same, also where it has been sent."""
    says = content.title, content.text, content.audience
    for one in store.announcements.of_congress(congress.id, limit=LOOKED_AT):
        if (one.content.title, one.content.text, one.content.audience) == says:
            return one.number
    return None


class _Reading:
    """What each part of a file means. What is wrong is gathered, and something harmless stands in its place."""

    def __init__(self, store: Store, congress: Congress, written: Written) -> None:
        self.faults: list[AnnouncementFault] = []
        self._store, self._congress, self._written = store, congress, written

    def _fault(self, kind: str, name: str, **details: object) -> None:
        self.faults.append(self._written.fault(kind, name, **details))

    def kind(self) -> Kind:
        word = _key(self._written["kind"])
        for kind, words in _KINDS.items():
            if word in (kind.value, *words.split()):
                return kind
        listed = "、".join(words.split()[0] for words in _KINDS.values())
        self._fault("kind_unknown", "kind", word=self._written["kind"], kinds=listed, names=", ".join(Kind))
        return Kind.OTHER

    def text(self, name: str, limit: int) -> str:
        text = self._written[name]
        if name == "title":
            text = " ".join(text.split())
        if len(text) > limit:
            self._fault("too_long", name, count=len(text), limit=limit)
        for unknown in rules.unknown_variables(text):
            self._fault("variable_unknown", name, word=unknown)
        if BLANK in text:
            self._fault("blank_left", name, blank=BLANK)
        return text

    def audience(self) -> Audience:
        return read_audience(self._store, self._congress, self._written, self._channels(), self.faults)

    def _channels(self) -> Iterator[str]:
        for word in several(self._written["channels"]):
            name = _CHANNELS.get(_key(word), _key(word))
            if name in self._store.channels:
                yield name
            else:
                listed = "、".join(self._store.channels)
                self._fault("channel_unknown", "channels", word=word, channels=listed)

    def link(self) -> str:
        link = self._written["link"]
        if link and not rules.is_link(link):
            self._fault("link_wrong", "link", word=link[:_LINK_LIMIT])
        return link

    def button(self, buttons: Mapping[str, str]) -> str:
        word = _key(self._written["button"])
        for name, label in buttons.items():
            if word in (name, _key(label), _key(label).removeprefix("我要")):
                return name
        if word and word not in ("无", "没有", "none"):
            listed = "、".join(buttons.values())
            self._fault("button_unknown", "button", word=word, buttons=listed, names=", ".join(buttons))
        return ""

    def on_board(self) -> bool:
        word = _key(self._written["board"])
        if word and word not in _YES | _NO:
            self._fault("yes_or_no", "board")
        return word not in _NO

    def urgent(self) -> str:
        reason = self._written["urgent"]
        if reason and not self._congress.rules.announcement_urgent:
            self._fault("not_urgent", "urgent")
        if len(reason) > _URGENT_LIMIT:
            self._fault("too_long", "urgent", count=len(reason), limit=_URGENT_LIMIT)
        return reason

    def send_at(self) -> datetime | None:
        """In the congress's own time; None: at once."""
        word = self._written["when"]
        if not word or _key(word) in _NOW:
            return None
        try:
            at = _moment(word, ZoneInfo(self._congress.timezone))
        except NotWritten:
            self._fault("when_unreadable", "when", word=word)
            return None
        if at <= self._store.now:
            self._fault("when_past", "when", when=f"{at:%Y-%m-%d %H:%M}")
        return at

    # --- what lies beside it

    def papers(self, folder: Path) -> Iterator[Paper]:
        names = list(dict.fromkeys(several(self._written["files"], "；;\n")))
        if len(names) > rules.FILES:
            self._fault("files_many", "files", limit=rules.FILES)
            return
        for name in names:
            if PurePath(name).name != name or "\\" in name or name in (".", ".."):
                self._fault("file_elsewhere", "files", word=name)
            elif paper := self._paper(folder / name):
                yield paper

    def _paper(self, path: Path) -> Paper | None:
        try:
            if path.stat().st_size > SIZE_LIMIT:
                raise FileRefused(FileRefusal.TOO_LARGE)
            content = path.read_bytes()
            kind = check(content, "document", path.name, "", SIZE_LIMIT)
        except FileRefused as refused:
            chinese, english = WHY.get(refused.why, WHY[FileRefusal.UNKNOWN])
            self._fault("file_refused", "files", word=path.name, why=chinese, reason=english)
        except OSError:
            self._fault("file_missing", "files", word=path.name)
        else:
            digest = hashlib.sha256(content).hexdigest()
            return Paper(path, digest, len(content), kind.named(path.name), kind.media_type)
        return None


_CHANNELS = {
    **dict.fromkeys(("网页", "网页聊天", "web", "webchat"), "web"),
    **dict.fromkeys(("微信", "公众号", "微信公众号", "wechat"), "wechat"),
    **dict.fromkeys(("企业微信", "wecom"), "wecom"),
    **dict.fromkeys(("电报", "telegram"), "telegram"),
}


def _key(word: str) -> str:
    return "".join(narrow(word).split()).casefold()


def _moment(text: str, zone: ZoneInfo) -> datetime:
    """Raises NotWritten for what is no day with a time of it."""
    found = _MOMENT.fullmatch(narrow(text).strip())
    if found is None:
        raise NotWritten
    try:
        clock = time(int(found["hour"]), int(found["minute"] or 0))
    except ValueError:
        raise NotWritten from None
    return datetime.combine(read_day(found["day"]), clock, zone)


# --- writing


def apply_import(
    engine: Engine,
    areas: AreaIndex,
    plan: Plan,
    author: int,
    clock: Clock,
    files: FileStore,
    *,
    then: Callable[[Store, Announcement], None] = lambda *_: None,
) -> Announcement:
    """Carry out a plan on behalf of its author, and give the announcement as it stands then: a draft, unless `then` has
    taken it further in the same transaction.

    Raises TableRefused where the same came in meanwhile, or a file has changed; nothing is kept then.
    """
    for paper in plan.papers:
        _keep(paper, files)
    with transaction(engine) as unit:
        # Whoever else takes in a file for the congress waits until the commit; the weaker of the locks, for that others
        # refer to it.
        unit.read(select(congresses.c.id).where(congresses.c.id == plan.congress.id).with_for_update(key_share=True))
        now = clock()
        message = _message(unit, now, author, plan)
        store = Store(unit, now, areas, Actor(author, message))
        if same := _same(store, plan.congress, plan.content):
            raise TableRefused([AnnouncementFault("repeated", None, {"number": same})])
        number = store.announcements.add(plan.congress.id, plan.content)
        store.announcements.counted(number, 1, plan.reach.dump())
        store.links.add([message], Target.ANNOUNCEMENT, number, How.STATED)
        then(store, store.announcements.locked(number))
        return store.announcements.locked(number)


def _keep(paper: Paper, files: FileStore) -> None:
    try:
        digest = files.keep(paper.path.read_bytes())
    except OSError:
        digest = ""
    if digest != paper.digest:
        raise TableRefused([AnnouncementFault("file_missing", None, {"word": paper.path.name})])


def _message(unit: Unit, now: datetime, author: int, plan: Plan) -> int:
    """What its author has handed in, with the files."""
    key = f"announcement:{author}:{uuid.uuid4().hex}"  # of three parts, as all keys of the channel
    row = {"direction": "in", "channel": CHANNEL, "platform_key": key, "account_id": None, "person_id": author}
    said = {"kind": "text", "text": plan.content.title, "at": now, "stored_at": now}
    message = Arrivals(unit, now).record([{**row, **said}])[CHANNEL, key]
    for paper in plan.papers:
        kept = {"digest": paper.digest, "size": paper.size, "state": FileState.STORED, "due_at": now}
        named = {"message_id": message, "kind": "document", "name": paper.name, "media_type": paper.media_type}
        unit.write(insert(attachments), {**named, **kept})
    return message
