"""What is said to those who put a report of theirs right."""

from collections.abc import Sequence

from handlers.texts.inspections import REPORT, company, findings
from handlers.texts.phrase import Phrase, lines
from handlers.texts.words import passage
from storage.notes import New, Note, Part
from storage.projects import Project

FIELD = {
    "standing": Phrase("进展", "How it stands"),
    "progress": Phrase("进度", "Per cent"),
    "text": Phrase("情况", "What I said"),
    "photos": Phrase("补发照片", "More photos"),
    "where": Phrase("位置", "Where I was"),
    "problems": Phrase("补报问题", "Another problem"),
    "satisfied": Phrase("评价", "Whether I am satisfied"),
    "people": Phrase("同行的人", "Who came along"),
    "received": Phrase("接待人数", "How many came"),
}
_ASKED = {
    "progress": Phrase("进度应该是百分之几？", "How many per cent is it?"),
    "text": Phrase("请重新写一遍，也可以发语音。", "Please say it anew, in words or by voice."),
    "photos": Phrase("请发照片，发完回复 1。", "Please send the photos, then reply 1."),
    "where": Phrase("请发正确的位置；要去掉就回复 1。", "Please share the right location, or reply 1 to take it out."),
    "problems": Phrase("还发现什么问题？", "What else is wrong?"),
    "satisfied": Phrase("到目前为止，您满意吗？", "Are you satisfied so far?"),
    "received": Phrase("接待了几位群众？", "How many residents came?"),
}
ALL_RIGHT = Phrase("不改了", "It is all right")
KEPT = Phrase("好的，就这样记下。", "All right, it stays like that.")
CORRECTED = Phrase("改好了。", "That is corrected.")
NO_NOTES = Phrase(
    "您还没有写过督查。要写请回复“写督查”。", "You have made no report yet. To make one, reply “inspect”."
)
WHICH = Phrase("要改哪一份？", "Which report?")

EDIT_NOTED_OPEN = Phrase(
    "看到您改了前面的话。要改督查，请办完这一项再回复“改督查”。",
    "You changed an earlier message. To put your report right, finish this and reply “correct”.",
)


def option(project: Project | None, note: New) -> Phrase:
    name = REPORT[note.kind]
    if project is None:
        return name
    title = project.description.title
    return Phrase(f"{title}：{name.zh}", f"{title}: {name.en}")


def card(project: Project | None, note: Note, people: Sequence[tuple[Part, str]]) -> Phrase:
    """A report as it stands, and what is to be changed of it."""
    return lines([option(project, note), *findings(note), *company(people), Phrase("要改哪一项？", "What is wrong?")])


def edited(project: Project | None, note: Note, words: str) -> Phrase:
    """To somebody who rewrote the message by which they made a report."""
    about, said = option(project, note), passage(words)
    return Phrase(
        f"您改了前面的话。“{about.zh}”的情况也改成这样吗？\n{said.zh}",
        f"You changed an earlier message. Is your report to say so, too ({about.said('en')})?\n{said.said('en')}",
    )


def new_value(field: str) -> Phrase:
    return _ASKED.get(field, Phrase(""))


def too_late(office: Sequence[str]) -> Phrase:
    """After a day; `office` are the names of its staff."""
    names = f"（{'、'.join(office)}）" if office else ""
    english = f" ({', '.join(office)})" if office else ""
    return Phrase(
        f"督查记下 24 小时以后不能自己改了，请联系人大办公室{names}，或者回复“人工”。",
        f"After 24 hours a report is corrected by the office only{english}: reply “human” to ask them.",
    )
