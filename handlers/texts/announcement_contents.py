"""What an announcement of each kind says, as far as the store knows it. Staff read it and fill in what is blank.

It goes to residents: short sentences, no words of office. Braces mean variables in an announcement, so that those of a
project's own description are put in another way.
"""

from collections.abc import Sequence
from datetime import date

from handlers.texts.phrase import Phrase, lines, many
from handlers.texts.pictures import calendar_day, money
from storage.announcement_contents import BLANK, Chosen, Collected, Progressed, ReceptionDay
from storage.domain.announcements import TEXT_LIMIT, TITLE_LIMIT, VARIABLES, filled_in
from storage.domain.areas import Station
from storage.domain.cycle import Cycle, Stage
from storage.project_standing import Standing
from storage.projects import Project

_CONTENT = 200  # characters of what is built
_BRACES = {ord("{"): "｛", ord("}"): "｝"}
_WEEKDAY = [
    Phrase("星期一", "Monday"),
    Phrase("星期二", "Tuesday"),
    Phrase("星期三", "Wednesday"),
    Phrase("星期四", "Thursday"),
    Phrase("星期五", "Friday"),
    Phrase("星期六", "Saturday"),
    Phrase("星期日", "Sunday"),
]
_STANDING = {
    Standing.STOPPED: Phrase("已停工", "at a standstill"),
    Standing.SLOW: Phrase("进度偏慢", "behind plan"),
    Standing.ON_PLAN: Phrase("按计划推进", "on plan"),
    Standing.FINISHED: Phrase("已完工", "finished"),
}

Words = tuple[Phrase, Phrase]  # title and text


def collecting(congress: str, known: Collected, today: date) -> Words:
    """That proposals are collected, will be, or were: by the window of the cycle."""
    cycle = known.cycle
    if cycle is None:
        return _titled(congress, "征集民生实事项目建议", "Propose livelihood projects"), lines([_asked(None), HOW])
    year = cycle.year
    if cycle.stage is not Stage.COLLECTING or today > cycle.collecting_to:
        title = _titled(congress, f"{year}年民生实事项目征集结束", f"Proposals for {year} are in")
        return title, _ended(cycle, known.proposals)
    title = _titled(congress, f"征集{year}年民生实事项目建议", f"Propose livelihood projects for {year}")
    return title, lines([_asked(cycle), HOW])


HOW = Phrase(
    "\n哪条路要修，哪里缺灯，老人孩子需要什么，都可以提。\n\n"
    "怎么提：\n"
    "1. 给我们发“提建议”，或者直接写您的愿望，可以发照片和位置。\n"
    "2. 请人大代表、网格员代您提，或者到代表联络站填纸质表。\n\n"
    "每条建议都有编号，办到哪一步会告诉您。",
    "\nA road to mend, a lamp that is missing, what children and the old need: all of it can be proposed.\n\n"
    "How to propose:\n"
    "1. Send us “suggest”, or just what you wish for, with photos and your location if you like.\n"
    "2. Or ask a deputy or a grid worker, or fill in a paper form at a deputies' station.\n\n"
    "Every proposal gets a number, and you hear what becomes of it.",
)


def _asked(cycle: Cycle | None) -> Phrase:
    if cycle is None:
        return Phrase(
            f"{BLANK}年民生实事项目现在开始征集，从{BLANK}到{BLANK}。",
            f"Livelihood projects for {BLANK} can be proposed from {BLANK} to {BLANK}.",
        )
    first, last = calendar_day(cycle.collecting_from), calendar_day(cycle.collecting_to)
    return Phrase(
        f"{cycle.year}年民生实事项目向大家征集建议，从{first.zh}到{last.zh}。",
        f"Livelihood projects for {cycle.year} can be proposed from {first.en} to {last.en}.",
    )


def _ended(cycle: Cycle, count: int) -> Phrase:
    last = calendar_day(cycle.collecting_to)
    return Phrase(
        f"{cycle.year}年民生实事项目征集到{last.zh}为止，共收到建议 {count} 条。谢谢大家。\n\n"
        "接下来人大会同政府梳理筛选，定出候选项目，再向大家公布。您的建议办到哪一步，请写“我的建议”。",
        f"Proposals for {cycle.year} were collected until {last.en}: {count} in all. Thank you.\n\n"
        "Next, candidates are chosen from among them, and made known to all. Write “mine” to see yours.",
    )


def candidates(congress: str, known: Collected) -> Words:
    """Candidates are not in the store: each of them is a blank, and its facts are named."""
    year, year_en = (f"{known.cycle.year}", f"{known.cycle.year}") if known.cycle else (BLANK, BLANK)
    title = _titled(congress, f"{year}年民生实事候选项目预告", f"Candidates for the livelihood projects of {year_en}")
    gathered = f"从收到的 {known.proposals} 条建议中，" if known.proposals else ""
    gathered_en = f"From {many(known.proposals, 'proposal')} " if known.proposals else ""
    rows = [
        Phrase(
            f"{at}. {BLANK}。建设内容：{BLANK}。投资：{BLANK}。承办单位：{BLANK}。完成期限：{BLANK}。",
            f"{at}. {BLANK}. Content: {BLANK}. Cost: {BLANK}. Body: {BLANK}. Deadline: {BLANK}.",
        )
        for at in (1, 2, 3)
    ]
    return title, lines(
        [
            Phrase(
                f"{gathered}定出 {BLANK} 个候选项目，请您先看一看：\n",
                f"{gathered_en or 'So far '}{BLANK} candidates were chosen. Please read them:\n",
            ),
            *rows,
            Phrase(
                f"\n人大代表将在{BLANK}投票，选出 {BLANK} 个。有意见请在{BLANK}前写“提建议”，或者告诉代表。",
                f"\nDeputies vote on {BLANK} and choose {BLANK}. Say what you think by {BLANK}: write “suggest”.",
            ),
        ]
    )


def vote_result(congress: str, known: Chosen) -> Words:
    """The chosen projects with what is built, what it costs, by whom and until when."""
    year = str(known.year or BLANK)
    title = _titled(congress, f"{year}年民生实事项目票决结果", f"The livelihood projects of {year}")
    costs = [one.description.investment for one in known.projects]
    total = money(sum(cost or 0 for cost in costs)) if costs and None not in costs else None
    count = str(len(costs) or BLANK)
    head = Phrase(
        f"人大代表投票选出{year}年民生实事项目 {count} 个{f'，总投资 {total.zh}' if total else ''}：\n",
        f"The deputies have chosen {_projects(len(costs))} for {year}{f', {total.en} in all' if total else ''}:\n",
    )
    rows = [_project(at, one) for at, one in enumerate(known.projects, 1)] or [_project(at, None) for at in (1, 2)]
    tail = Phrase(
        "\n从开工到完工，人大代表会一直看着。写“身边项目”随时看进度。",
        "\nDeputies watch over each of them until it is finished. Write “nearby” to see how far they are.",
    )
    return title, fitting(head, rows, tail, projects_left(len(known.projects)))


def _projects(count: int) -> str:
    return many(count, "livelihood project") if count else f"{BLANK} livelihood projects"


def _project(at: int, one: Project | None) -> Phrase:
    if one is None:
        return Phrase(
            f"{at}. {BLANK}。投资 {BLANK}，{BLANK}承办，{BLANK}前完成。",
            f"{at}. {BLANK}. Cost: {BLANK}. Body: {BLANK}. Deadline: {BLANK}.",
        )
    about = one.description
    cost = Phrase(BLANK) if about.investment is None else money(about.investment)
    until, content = calendar_day(about.deadline), _sentence(about.content)
    title, body = _plain(about.title), _plain(about.body)
    return Phrase(
        f"{at}. {title}。{content}投资 {cost.zh}，{body}承办，{until.zh}前完成。",
        f"{at}. {title}. {content}{' ' if content else ''}Cost: {cost.said('en')}. Body: {body}. Deadline: {until.en}.",
    )


def progress(congress: str, found: Sequence[Progressed], as_of: date) -> Words:
    """Every project, the gravest first: how far it is and should be, and how many of its problems are open."""
    on = calendar_day(as_of)
    title = _titled(congress, f"民生实事项目进展（{on.zh}）", f"How the livelihood projects stand ({on.en})")
    counts = {standing: sum(row.standing is standing for row in found) for standing in Standing}
    there = [(counts[standing], _STANDING[standing]) for standing in reversed(Standing) if counts[standing]]
    chinese = "，".join(f"{word.zh} {count} 个" for count, word in there)
    english = ", ".join(f"{count} {word.en}" for count, word in there)
    head = Phrase(
        f"截至{on.zh}，民生实事项目共 {len(found)} 个{f'：{chinese}' if there else ''}。",
        f"As of {on.en} there {'is' if len(found) == 1 else 'are'} {many(len(found), 'livelihood project')}"
        f"{f': {english}' if there else ''}.",
    )
    tail = Phrase(
        "\n您看到的情况和这里说的不一样？写“身边项目”告诉代表。",
        "\nIs it not as it says here? Write “nearby” and tell the deputies.",
    )
    return title, fitting(head, _progress_rows(found), tail, projects_left(len(found)))


def _progress_rows(found: Sequence[Progressed]) -> list[Phrase]:
    """The first of each standing has its heading above."""
    rows: list[Phrase] = []
    for at, row in enumerate(found):
        is_first = at == 0 or found[at - 1].standing is not row.standing
        standing = _STANDING[row.standing]
        heading = Phrase(f"\n【{standing.zh}】\n", f"\n[{standing.en}]\n") if is_first else Phrase("")
        rows.append(heading + _progressed(at + 1, row))
    return rows


def _progressed(at: int, row: Progressed) -> Phrase:
    title, done = _plain(row.project.description.title), row.project.progress
    if row.standing is Standing.FINISHED:
        told = Phrase(f"{at}. {title}：已完工", f"{at}. {title}: finished")
    else:
        told = Phrase(
            f"{at}. {title}：完成 {done}%，计划 {row.planned}%",
            f"{at}. {title}: {done}% done, {row.planned}% planned",
        )
    if row.problems:
        told += Phrase(f"，{row.problems} 个问题正在整改", f", problems being put right: {row.problems}")
    return told + Phrase("。", ".")


def reception(congress: str, known: ReceptionDay) -> Words:
    """The day, and where the deputies are to be found. At which hours, the store does not know."""
    day = Phrase(BLANK) if known.on is None else calendar_day(known.on)
    weekday = Phrase("") if known.on is None else _WEEKDAY[known.on.weekday()]
    title = _titled(congress, f"代表接待日：{day.zh}", f"Deputies receive residents: {day.said('en')}")
    named = Phrase(f"{day.zh}（{weekday.zh}）", f"{weekday.en}, {day.en}") if known.on else day
    provisional = Phrase("，如有调整另行通知", "; if that changes, you will hear") if known.provisional else Phrase("")
    head = Phrase(
        f"{named.zh}，人大代表在联络站接待大家，有什么建议和困难都可以来说{provisional.zh}。\n\n时间：{BLANK}\n地点：",
        f"{named.said('en')}: deputies receive residents at their stations. Come and say what is needed"
        f"{provisional.en}.\n\nHours: {BLANK}\nWhere:",
    )
    rows = [_station(at, one) for at, one in enumerate(known.stations, 1)] or [Phrase(f"1. {BLANK}")]
    tail = Phrase("\n来不了也没关系，给我们发“提建议”就行。", "\nIf you cannot come, send us “suggest”.")
    return title, fitting(head, rows, tail, stations_left(len(known.stations)))


def _station(at: int, one: Station) -> Phrase:
    name, address = _plain(one.name), _plain(one.address) or BLANK
    return Phrase(f"{at}. {name}：{address}", f"{at}. {name}: {address}")


# --- what has room


def projects_left(count: int) -> Phrase:
    return Phrase(f"等 {count} 个项目，详见公告榜。", f"{many(count, 'project')} in all; the board has them.")


def stations_left(count: int) -> Phrase:
    return Phrase(f"等 {count} 个联络站，详见公告榜。", f"{many(count, 'station')} in all; the board has them.")


def fitting(head: Phrase, rows: Sequence[Phrase], tail: Phrase, left: Phrase, limit: int = TEXT_LIMIT) -> Phrase:
    """Head, rows and tail one under the other; where there is room for some rows only, for whole ones, and `left` says
    how many there are. Each language by itself."""
    return Phrase(*(_fitting(head, rows, tail, left, limit, language) for language in ("zh", "en")))


def _fitting(head: Phrase, rows: Sequence[Phrase], tail: Phrase, left: Phrase, limit: int, language: str) -> str:
    said = [row.said(language) for row in rows]
    whole = "\n".join([head.said(language), *said, tail.said(language)])
    if len(whole) <= limit:
        return whole
    more = left.said(language)
    room = limit - len("\n".join([head.said(language), more, tail.said(language)]))
    kept: list[str] = []
    for row in said:
        room -= len(row) + 1
        if room < 0:
            break
        kept.append(row)
    return "\n".join([head.said(language), *kept, more, tail.said(language)])


def shortened(text: str, most: int) -> str:
    """The beginning of a text, which says by … that there is more."""
    return text if len(text) <= most else text[: max(most - 1, 0)].rstrip() + "…"


def _titled(congress: str, zh: str, en: str) -> Phrase:
    """With the congress's name, where there is room for it."""
    chinese, english = f"{congress}{zh}", f"{congress}: {en}"
    return Phrase(*(full if len(full) <= TITLE_LIMIT else own for full, own in ((chinese, zh), (english, en))))


def _plain(text: str) -> str:
    return " ".join(text.split()).translate(_BRACES)


def _sentence(content: str) -> str:
    """What is built, in short and with a full stop; nothing where nothing was written."""
    short = shortened(_plain(content), _CONTENT)
    return short if not short or short.endswith(_ENDS) else f"{short}。"


_ENDS = ("。", "！", "？", "…", ".", "!", "?")


# --- to be forwarded by hand

GROUP_LIMIT = 300  # characters
# In a group there is nobody in particular.
_ANYBODY = dict(
    zip(
        VARIABLES,
        (
            Phrase("各位居民", "residents"),
            Phrase("您所在的网格", "your cell"),
            Phrase("您的联系代表", "your deputy"),
        ),
        strict=True,
    )
)


def group_text(title: str, text: str, address: str) -> Phrase:
    """What fits into a message of a WeChat group: the title, as much of the text as there is room for, and where all of
    it stands."""
    return Phrase(
        _group_text(to_anybody(f"{title}\n{text}", "zh"), f"全文：{address}"),
        _group_text(to_anybody(f"{title}\n{text}", "en"), f"All of it: {address}"),
    )


def to_anybody(text: str, language: str) -> str:
    """A text as it stands where nobody in particular reads it."""
    return filled_in(text, {name: said.said(language) for name, said in _ANYBODY.items()})


def _group_text(whole: str, end: str) -> str:
    return f"{shortened(whole.strip(), GROUP_LIMIT - len(end) - 1)}\n{end}"
