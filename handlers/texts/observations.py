"""What residents read of projects near them, and what is said about what they see there."""

from datetime import date

from handlers.texts.phrase import Phrase, lines, many
from handlers.texts.pictures import calendar_day, compared
from handlers.texts.projects import STAGE
from handlers.texts.words import excerpt, passage
from storage.domain.project_stages import Stage
from storage.observations import Observation
from storage.projects import Project

MENU_NEARBY = Phrase("身边项目", "Projects near me")
MENU_SEEN = Phrase("居民反映", "What residents see")

WHERE = Phrase("您住在哪里？", "Where do you live?")
NEARBY = Phrase("您身边的民生实事项目，回复数字查看：", "Livelihood projects near you; reply with a number:")
NEARBY_NONE = Phrase(
    "您这里现在没有民生实事项目。想提建议，直接写就行。",
    "There is no livelihood project near you now. If you wish for one, just write.",
)
OWN = Phrase("我反映过的", "What I have said")
SAY = Phrase("说说看到的", "Say what I see")
LEAVE = Phrase("看别的项目", "Other projects")
WHAT_NEXT = Phrase("要做什么？", "What next?")

WHAT = Phrase("您看到了什么？写字、发语音都行。", "What do you see there? In words or by voice.")
PHOTOS = Phrase("有照片吗？", "Are there photos?")
PLACE = Phrase("发个位置更清楚；不方便就回复 1。", "A location helps; reply 1 to leave it out.")
PLACE_WANTED = Phrase("请发位置，不方便就回复 1。", "Please send a location, or reply 1 to leave it out.")

OWN_NONE = Phrase("您还没有反映过。回复“身边项目”看看。", "You have said nothing yet. Reply “nearby” to look.")
SEEN_NONE = Phrase("没有等着答复的居民反映。", "Nothing that residents said waits for an answer.")
ANSWER = Phrase("答复", "Answer")
FILES = Phrase("看照片和附件", "Show photos and files")
TO_LIST = Phrase("回列表", "Back to the list")
ANSWER_WHAT = Phrase("请写答复，居民会原样收到。", "Please write your answer; the resident gets it as it is.")
ANSWERED_MEANWHILE = Phrase("刚有人答复过了。", "Somebody has just answered it.")
ANSWERED = Phrase("已答复，居民会收到。", "Answered; the resident will read it.")
ANSWERED_UNHEARD = Phrase(
    "答复已记下；居民现在收不到消息，再来时会看到。",
    "Your answer is kept; no message reaches the resident now, they read it when they come back.",
)
NO_ANSWER = Phrase("还没有答复", "not answered yet")


def option(project: Project) -> Phrase:
    stage, title = STAGE[project.stage], excerpt(project.description.title, 20)
    return Phrase(f"{title}（{stage.zh}，{project.progress}%）", f"{title} ({stage.en}, {project.progress}%)")


def card(project: Project, planned: int, inspected_on: date | None) -> Phrase:
    """What everybody may know of a project. `planned` is in per cent; `inspected_on`: of the newest note."""
    about, stage = project.description, STAGE[project.stage]
    far = Phrase(f"{stage.zh}，进度 {project.progress}%", f"{stage.en}, {project.progress}% done")
    if project.is_supervised:
        against = compared(project.progress, planned)
        far += Phrase(f"，计划 {planned}%，{against.zh}", f", {planned}% planned, {against.en}")
    due = calendar_day(about.deadline)
    seen = calendar_day(inspected_on) if inspected_on else Phrase("还没有", "not yet")
    return lines(
        [
            Phrase(about.title),
            far,
            Phrase(f"完成期限：{due.zh}", f"Deadline: {due.en}") if project.stage is not Stage.FINISHED else Phrase(""),
            Phrase(f"承办单位：{about.body}", f"Implementing body: {about.body}"),
            Phrase(f"代表最近督查：{seen.zh}", f"Last inspected by deputies: {seen.en}"),
        ]
    )


def thanks(title: str, *, pushes: bool = True) -> Phrase:
    """`pushes`: we may write to the resident first."""
    answer = Phrase("答复会发给您", "and you get an answer")
    if not pushes:
        answer = Phrase("有答复，您再来时会看到", "and you will see their answer when you write again")
    return Phrase(
        f"谢谢，记在“{title}”上了。联系代表和人大办公室每周一起看，{answer.zh}。",
        f"Thank you; it is noted for “{title}”. Its deputies and the office read it every week, {answer.en}.",
    )


def own_option(one: Observation, on: Phrase) -> Phrase:
    answered = Phrase("已答复", "answered") if one.answered_at else NO_ANSWER
    text, title = excerpt(one.text, 16), excerpt(one.title, 12)
    return on + Phrase(f" {title}：{text}（{answered.zh}）", f" {title}: {text} ({answered.en})")


def own_card(one: Observation, on: Phrase) -> Phrase:
    answer = passage(one.answer) if one.answer else NO_ANSWER
    return lines([on + Phrase(f" {one.title}"), passage(one.text), Phrase("答复：", "Answer: ") + answer])


def seen_head(shown: int) -> Phrase:
    return Phrase(
        f"居民说了 {shown} 条您项目上的情况，回复数字答复：",
        f"Residents say {many(shown, 'thing')} about your projects; reply with a number to answer one:",
    )


def seen_option(one: Observation, masked: str, place: Phrase, on: Phrase) -> Phrase:
    text, title = excerpt(masked, 24), excerpt(one.title, 12)
    return on + Phrase(f" {title}，{place.zh}：{text}", f" {title}, {place.said('en')}: {text}")


def seen_card(one: Observation, words: str, place: Phrase, on: Phrase) -> Phrase:
    head = Phrase(f"第{one.project}号项目　{one.title}", f"Project {one.project}: {one.title}")
    where = on + Phrase(f"，{place.zh}", f", {place.said('en')}")
    return lines([head, where, passage(words)])


def told_answer(one: Observation, words: str) -> Phrase:
    """To the resident."""
    return Phrase(
        f"您反映的“{excerpt(one.text, 20)}”（{one.title}）有答复了：{words}",
        f"What you said, “{excerpt(one.text, 20)}” ({one.title}), is answered: {words}",
    )


def files_shown(count: int) -> Phrase:
    return Phrase(f"{count} 个附件：", f"{many(count, 'file')}:")
