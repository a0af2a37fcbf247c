"""What people do: they write, choose, tap, send, edit, repeat, on every channel they have."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy import select

from handlers.messages import Attachment, Inbound, Kind, Place, Received
from handlers.state import Asked
from handlers.turn import EXPIRES_AFTER
from storage.database import reading, transaction
from storage.tables import accounts
from tests.conversing import Person
from tests.handlers.machine.effects import check_effect
from tests.handlers.machine.happenings import Happenings
from tests.handlers.machine.witness import Answer

Who = tuple[str, str]
# Who writes, and on which channel; "resident" and "staff" are one person on two.
RESIDENT, NEIGHBOUR, STAFF = ("tap", "resident"), ("plain", "neighbour"), ("tap", "staff")
DEPUTY, WORKER, STRANGER = ("tap", "deputy"), ("tap", "worker"), ("web", "stranger")
WHO = st.sampled_from([RESIDENT, ("plain", "resident"), NEIGHBOUR, STAFF, ("web", "staff"), DEPUTY, WORKER, STRANGER])
_WORDS = (
    "提建议 我的建议 我也要 设置 菜单 人工 台账 代提 录入 我的网格留言 联系不上 人员 继续 帮助 返回 返回 修改 取消 "
    "柳树湾 老桥头 大塘村 不清楚 没有 好了 是 不是 提交 跳过 谢谢 您好 花果山 采纳 追问作者 撤回 忘记我 "
    "督查 写督查 改督查 我的项目 比计划慢 35 101 一样 有问题 没有问题 满意 就这些人 张三、王芳 "
    "督查情况 催办 督查报表 我的履职 回督查情况 "
    "我的数据 English 全部 下一页 1号 2号建议怎么样了 0 99 3."
)
WORDS = st.sampled_from(_WORDS.split())
_MATTERS = st.sampled_from(
    ["柳树湾修路", "老桥头装路灯", "村里没有医生", "大塘村的水渠坏了", "打13912345678找我", "字" * 700]
)
_HOW = st.sampled_from(["tap", "number", "wide", "label", "word"])
_CARD = ("台账", "按编号", "1")
_SUGGEST = ("提建议", "柳树湾修路")
# Ways to questions that chance seldom finds, and past them.
_RESIDENTS_WAYS = (
    *((*_SUGGEST, *rest) for rest in ((), ("没有",), ("没有", "提交"), ("没有", "修改"), ("返回",))),
    *(("我的建议", *rest) for rest in ((), ("1号",), ("1号", "撤回"), ("2号", "撤回", "是"), ("3号", "补充说明"))),
    *(("我也要", "柳树湾", *rest) for rest in ((), ("1",), ("2",), ("2号", "我也要"), ("1号", "我也要"))),
    *(("设置", *rest) for rest in (("语言",), ("通知",), ("我的网格",), ("忘记我",), ("忘记我", "是"))),
    *(("人工", *rest) for rest in ((), ("帮帮我",), ("帮帮我", "没有"))),
    ("提建议", "修水渠"),
    ("菜单",),
    ("村口要修路", "是"),
)
_OFFICE_WAYS = (
    *((*_CARD, *rest) for rest in ((), ("采纳",), ("采纳", "跳过"), ("不采纳",), ("不采纳", "超出本级职权"))),
    *(
        (*_CARD, *rest)
        for rest in (("追问作者",), ("追问作者", "多长？"), ("回复作者", "知道了"), ("恢复为已收到", "跳过"))
    ),
    *((*_CARD, *rest) for rest in (("改网格",), ("改类别",), ("公开给邻居看",), ("不再公开",), ("看全部留言",))),
    *((*_CARD, *rest) for rest in (("看全部留言", "1"), ("看全部留言", "1", "2"), ("列入储备库",))),
    *(("台账", what) for what in ("新收到", "按网格", "按状态", "按类别", "全部", "上传填好的台账", "导出台账")),
    *(("督查情况", what) for what in ("还没报的项目", "按代表看", "按网格看", "报表", "网格地图", "催办")),
    *(("人员", *rest) for rest in (("人大代表",), ("人大代表", "李强"), ("网格员", "赵敏", "是"), ("工作人员",))),
)
_HELPERS_WAYS = (
    *(
        (word, *rest)
        for word in ("代提", "录入")
        for rest in ((), ("张大爷", "没有"), ("张大爷", "没有", *_SUGGEST[1:]))
    ),
    *((word, "没有", "没有", "柳树湾修路", "没有", *rest) for word in ("代提", "录入") for rest in ((), ("提交",))),
    ("我的网格留言",),
)
_SEEN = ("比计划慢", "35", "路基做好了", "没有", "跳过")
_WATCHERS_WAYS = (
    *(("督查", "1", *_SEEN[:count]) for count in range(len(_SEEN) + 1)),
    *(("写督查", "1", *_SEEN, *rest) for rest in (("没有问题",), ("没有问题", "满意"), ("没有问题", "满意", "提交"))),
    *(
        ("写督查", "2", *_SEEN, "有问题", *rest)
        for rest in ((), ("护栏松动",), ("护栏松动", "一般", "没有了", "满意", "提交"))
    ),
    *(("写督查", "1", "我们几个人一起来的", *rest) for rest in ((), ("王芳",), ("张三、王芳", "就这些人"))),
    *(("写督查", "1", "本月无法督查", *rest) for rest in ((), ("路断了",), ("路断了", "改督查"))),
    *(("改督查", *rest) for rest in ((), ("1",), ("进度",), ("进度", "101"), ("同行的人",), ("补报问题",))),
    ("我的项目", "写督查"),
)
_LISTS = (
    (RESIDENT, ("我的建议",)),
    (NEIGHBOUR, ("我也要", "柳树湾")),
    (STAFF, ("台账", "全部")),
    (STAFF, ("台账", "新收到")),
    (RESIDENT, ("提建议", "修水渠")),
)
LAST = ("", "")  # whoever wrote last
_AGAIN = st.sampled_from([LAST, LAST, LAST]) | WHO
_THEN = st.none() | st.integers(1, 14)


class Walk(Happenings):
    """Everybody at once. `sent` is what came in, to be repeated or edited later; `codes` are open invites."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Inbound] = []
        self.codes: list[str] = []
        self.epoch = 0

    # --- what a message does

    def hears(self, inbound: Inbound) -> Answer:
        """Hand in one message, and check all that must follow from whatever message it is."""
        done = self.town.hand_in(inbound)
        assert done.received == [Received.ACTED_ON], self.town.faults
        self.sent.append(inbound)
        return self.follows(inbound)

    def follows(self, inbound: Inbound) -> Answer:
        (answer,) = self.all_follow([inbound])
        return answer

    def all_follow(self, batch: list[Inbound]) -> list[Answer]:
        before, heard_at = self.witness.states, self.witness.heard_at
        fresh, log = self.witness.look(self.town.areas)
        self.is_seen = True
        answers: list[Answer] = []
        for inbound in batch:
            (message,) = [row for row in fresh if (row.channel, row.platform_key) == (inbound.channel, inbound.key)]
            person, told = message.person_id, [row for row in fresh if row.direction == "out"]
            state = before.get(person)
            answer = Answer(
                inbound=inbound,
                message_id=message.id,
                person_id=person,
                before=state,
                after=self.witness.states.get(person),
                void=state is not None and self._is_void(state, heard_at[person]),
                told=told,
                log=[row for row in log if row.message_id == message.id],
            )
            self.witness.check_answered(answer)
            self.witness.check_touched(answer)
            answers.append(answer)
        self._note_forgotten(answers)
        return answers

    def _is_void(self, state: Any, heard_at: Any) -> bool:
        now = self.town.routes.named(state.conversation)
        return now is None or now.version != state.version or self.town.now - heard_at >= EXPIRES_AFTER

    def person(self, who: Who) -> Person:
        channel, account = self.somebody(who)
        return self.town.person(account, channel)

    def somebody(self, who: Who) -> Who:
        if who != LAST:
            return who
        return (self.sent[-1].channel, self.sent[-1].account) if self.sent else RESIDENT

    def record_of(self, who: Who) -> int | None:
        """The person behind an account, once there is one."""
        channel, name = self.somebody(who)
        mine = accounts.c.channel == channel, accounts.c.external_id == name
        with reading(self.engine) as unit:
            return unit.read(select(accounts.c.person_id).where(*mine)).scalar()

    def asked(self, who: Who) -> Asked | None:
        state = self.witness.states.get(self.record_of(who) or 0)
        return state.asked if state else None

    def says(self, who: Who, text: str) -> Answer:
        return self.hears(self.person(who).message(Kind.TEXT, text=text))

    def own_words(self, who: Who, text: str) -> str:
        """Words by which everything that somebody wrote can be found again."""
        return f"{text}\u3002{who[1]}的话{self.epoch}"

    def _note_forgotten(self, answers: list[Answer]) -> None:
        """Words of a resident who wants to be forgotten are never found again, from that moment on."""
        for answer in answers:
            if ("forget", "person") in {(row.action, row.record) for row in answer.log}:
                with reading(self.engine) as unit:
                    mine = accounts.c.person_id == answer.person_id
                    names = set(unit.read(select(accounts.c.external_id).where(mine)).scalars())
                if names <= {"resident", "neighbour", "stranger"}:
                    self.witness.forgotten |= {f"{name}的话{at}" for name in names for at in range(self.epoch + 1)}
                    self.epoch += 1

    # --- words

    @rule(who=WHO, text=WORDS)
    def says_a_word(self, who: Who, text: str) -> None:
        self.says(who, text)

    @rule(who=WHO, text=_MATTERS)
    def says_what_matters(self, who: Who, text: str) -> None:
        self.says(who, self.own_words(who, text))

    @rule(
        who=st.sampled_from([RESIDENT, ("plain", "resident"), NEIGHBOUR, WORKER]),
        way=st.sampled_from(_RESIDENTS_WAYS),
        then=_THEN,
        how=_HOW,
    )
    def a_resident_goes_on(self, who: Who, way: tuple[str, ...], then: int | None, how: str) -> None:
        self.goes(who, way, then, how)

    @rule(
        who=st.sampled_from([STAFF, STAFF, ("web", "staff")]), way=st.sampled_from(_OFFICE_WAYS), then=_THEN, how=_HOW
    )
    def the_office_goes_on(self, who: Who, way: tuple[str, ...], then: int | None, how: str) -> None:
        self.goes(who, way, then, how)

    @rule(who=st.sampled_from([DEPUTY, WORKER]), way=st.sampled_from(_HELPERS_WAYS), then=_THEN, how=_HOW)
    def a_helper_goes_on(self, who: Who, way: tuple[str, ...], then: int | None, how: str) -> None:
        self.goes(who, way, then, how)

    @rule(way=st.sampled_from(_WATCHERS_WAYS), then=_THEN, how=_HOW)
    def a_deputy_reports(self, way: tuple[str, ...], then: int | None, how: str) -> None:
        self.goes(DEPUTY, way, then, how)

    def goes(self, who: Who, way: tuple[str, ...], then: int | None, how: str) -> None:
        for text in way:
            self.says(who, text)
        if then is not None:
            self.choose(who, then, how)

    @rule(way=st.sampled_from(_LISTS), then=st.integers(1, 4), how=_HOW)
    def chooses_from_a_list_that_grew(self, way: tuple[Who, tuple[str, ...]], then: int, how: str) -> None:
        who, words = way
        self.goes(who, words, None, how)
        self.lists_grow()
        self.choose(who, then, how)

    # --- choices

    @rule(who=_AGAIN, number=st.integers(1, 14), how=_HOW)
    def chooses(self, who: Who, number: int, how: str) -> None:
        self.choose(who, number, how)

    def choose(self, who: Who, number: int, how: str) -> None:
        asked = self.asked(who)
        if asked is None or not asked.options:
            self.says(who, str(number))
            return
        at = (number - 1) % len(asked.options)
        _, label = asked.options[at]
        text = {
            "wide": chr(ord("\uff10") + at + 1) if at < 9 else str(at + 1),
            "label": f"{at + 1} {label}",
            "word": label,
        }
        if how == "tap":
            answer = self.hears(self.person(who).message(Kind.CHOICE, choice=f"{asked.id}.{at}"))
        else:
            answer = self.says(who, text.get(how, str(at + 1)))
        if how != "word":  # a word may name another option, too
            self.check_choice(answer, asked, at)

    def check_choice(self, answer: Answer, asked: Asked, at: int) -> None:
        self.witness.check_chosen(answer, asked, at)
        if not answer.void and self.deploys[self.replicas.index(self.town)].is_like_the_program:
            with reading(self.engine) as unit:
                check_effect(unit, answer, asked, at)

    @rule(who=_AGAIN, numbers=st.lists(st.integers(1, 5), min_size=2, max_size=5))
    def chooses_on_and_on(self, who: Who, numbers: list[int]) -> None:
        for number in numbers:
            self.choose(who, number, "number")

    @rule(who=WHO, number=st.integers(0, 200))
    def types_any_number(self, who: Who, number: int) -> None:
        self.says(who, str(number))

    @rule(who=WHO, offset=st.integers(1, 40))
    def taps_something_older(self, who: Who, offset: int) -> None:
        shown = self.witness.buttons[self.record_of(who) or 0]
        if not shown:
            return
        choice = shown[-min(offset, len(shown))]
        asked = self.asked(who)
        answer = self.hears(self.person(who).message(Kind.CHOICE, choice=choice))
        if asked is not None and choice.rpartition(".")[0] == asked.id:
            self.check_choice(answer, asked, int(choice.rpartition(".")[2]))
        else:
            self.witness.check_late(answer)

    @rule(who=WHO, whose=WHO, offset=st.integers(1, 9))
    def taps_what_somebody_else_was_shown(self, who: Who, whose: Who, offset: int) -> None:
        shown = self.witness.buttons[self.record_of(whose) or 0]
        if shown and self.record_of(who) != self.record_of(whose):
            choice = shown[-min(offset, len(shown))]
            self.witness.check_late(self.hears(self.person(who).message(Kind.CHOICE, choice=choice)))

    # --- everything else that can be sent

    @rule(
        who=WHO, group=st.sampled_from(["", "", "g", "h"]), following=st.none() | st.integers(0, 2), text=st.booleans()
    )
    def shows(self, who: Who, group: str, following: int | None, text: bool) -> None:
        person = self.person(who)
        files = (Attachment(Kind.PHOTO, f"photo{self.town.count}"),)
        words = self.own_words(who, "看看这里") if text else ""
        known = {"group": group, "following": following} if group else {}
        self.hears(person.message(Kind.PHOTO, attachments=files, text=words, **known))

    @rule(who=WHO, kind=st.sampled_from([Kind.VOICE, Kind.DOCUMENT, Kind.UNKNOWN, Kind.TEXT]))
    def sends(self, who: Who, kind: Kind) -> None:
        files = (
            (Attachment(kind, f"file{self.town.count}", "台账.xlsx"),) if kind in (Kind.VOICE, Kind.DOCUMENT) else ()
        )
        self.hears(self.person(who).message(kind, attachments=files))

    @rule(who=WHO, latitude=st.sampled_from([30.005, 50.0, 91.0]))
    def shares(self, who: Who, latitude: float) -> None:
        self.hears(self.person(who).message(Kind.LOCATION, place=Place(latitude, 120.015)))

    @rule(who=WHO, payload=st.sampled_from(["", "c-4", "c-2", "c-99", "s-1", "d-2", "d-9", "i-x", "?"]))
    def opens_a_link(self, who: Who, payload: str) -> None:
        self.hears(self.person(who).message(Kind.START, payload=payload))

    @rule(whom=st.sampled_from(["deputy", "worker"]))
    def somebody_is_invited(self, whom: str) -> None:
        with self.town.store() as store:
            person = store.people.get(self.place.deputy if whom == "deputy" else self.place.worker)
            self.codes.append(store.people.invite(person.id))

    @precondition(lambda self: self.codes)
    @rule(who=st.sampled_from([STRANGER, NEIGHBOUR, ("plain", "resident"), DEPUTY]))
    def opens_an_invite(self, who: Who) -> None:
        self.hears(self.person(who).message(Kind.START, payload=f"i-{self.codes.pop()}"))

    @precondition(lambda self: self.sent)
    @rule(at=st.integers(1, 30), text=st.sampled_from(["", "改成修桥", "1"]))
    def edits(self, at: int, text: str) -> None:
        old = self.sent[-min(at, len(self.sent))]
        person = self.town.person(old.account, old.channel)
        self.hears(
            person.message(
                Kind.EDIT, text=self.own_words((old.channel, old.account), text) if text else "", edits=old.key
            )
        )

    @rule(who=WHO)
    def blocks_and_returns(self, who: Who) -> None:
        for kind in (Kind.BLOCKED, Kind.RETURNED):
            self.hears(self.person(who).message(kind))

    # --- how messages come

    @precondition(lambda self: self.sent)
    @rule(at=st.integers(1, 30))
    def a_message_comes_again(self, at: int) -> None:
        old = self.sent[-min(at, len(self.sent))]
        before = self.witness.size(), self.witness.states
        assert self.town.hand_in(old._replace(at=self.town.now)).received == [Received.REPEATED]
        self.witness.look(self.town.areas)
        assert (self.witness.size(), self.witness.states) == before

    @rule(people=st.lists(WHO, min_size=2, max_size=5, unique=True), texts=st.lists(WORDS, min_size=5, max_size=5))
    def several_write_at_once(self, people: list[Who], texts: list[str]) -> None:
        """In one transaction; the second account of a person has to wait."""
        batch = [self.person(who).message(Kind.TEXT, text=text) for who, text in zip(people, texts, strict=False)]
        done = self.town.hand_in(*batch)
        acted = [inbound for inbound, received in zip(batch, done.received, strict=True) if received is not None]
        assert set(done.received) <= {Received.ACTED_ON, None}
        self.sent += acted
        self.all_follow(acted)
        for inbound in batch:
            if inbound not in acted:
                self.hears(inbound)

    @rule(who=WHO, text=WORDS)
    def the_database_fails_once(self, who: Who, text: str) -> None:
        """What was not committed never happened; the message is handed in again."""
        inbound = self.person(who).message(Kind.TEXT, text=text)
        before = self.witness.size()
        try:
            with transaction(self.engine) as unit:
                self.town.dispatcher.handle(unit, [inbound])
                unit.flush()
                raise ConnectionError
        except ConnectionError:
            assert self.witness.size() == before
        self.hears(inbound)
