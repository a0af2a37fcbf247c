"""The Chinese and English words of the domain (DOMAIN.md, glossary)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.texts.phrase import Phrase
from storage.domain.categories import Category
from storage.domain.proposal_status import Reason, Status
from storage.domain.roles import Role

STATUS = {
    Status.RECEIVED: Phrase("已收到", "received"),
    Status.ASKED: Phrase("待补充", "waiting for your answer"),
    Status.TAKEN_UP: Phrase("已采纳", "taken up"),
    Status.RESERVE: Phrase("列入储备库", "kept in reserve"),
    Status.MERGED: Phrase("已归并", "merged"),
    Status.DECLINED: Phrase("未采纳", "not taken up"),
    Status.WITHDRAWN: Phrase("已撤回", "withdrawn"),
}

REASON = {
    Reason.NOT_PUBLIC: Phrase("不属于公共事务", "it is not a public matter"),
    Reason.SINGLE_BENEFICIARY: Phrase("只惠及一户或一家单位", "it serves one household or firm only"),
    Reason.OUTSIDE_POWERS: Phrase("超出本级职权", "it is outside this level's powers"),
    Reason.IN_LITIGATION: Phrase("已进入诉讼或信访程序", "it is before a court or a petition office"),
    Reason.ADDS_BURDEN: Phrase("会增加群众负担或政府债务", "it would add burdens or debt"),
    Reason.TOO_LONG: Phrase("一年内无法完成", "it cannot be done within a year"),
}

CATEGORY = {
    Category.ROADS: Phrase("道路交通", "roads and transport"),
    Category.WATER: Phrase("饮水水利", "water"),
    Category.POWER: Phrase("电力通信", "power and networks"),
    Category.EDUCATION: Phrase("教育", "education"),
    Category.HEALTH: Phrase("医疗卫生", "health"),
    Category.ENVIRONMENT: Phrase("环境卫生", "environment"),
    Category.CULTURE: Phrase("文化体育", "culture and sport"),
    Category.CARE: Phrase("养老救助", "care and relief"),
    Category.SAFETY: Phrase("公共安全", "safety"),
    Category.HOUSING: Phrase("住房小区", "housing"),
    Category.FARMING: Phrase("农业生产", "farming"),
    Category.SERVICES: Phrase("便民服务", "services"),
    Category.OTHER: Phrase("其他", "other"),
}

ROLE = {
    Role.DEPUTY: Phrase("人大代表", "deputy"),
    Role.STAFF: Phrase("工作人员", "staff"),
    Role.PRESIDIUM: Phrase("主席团成员", "member of the presidium"),
    Role.IMPLEMENTING_BODY: Phrase("承办单位人员", "implementing body"),
    Role.GRID_WORKER: Phrase("网格员", "grid worker"),
    Role.TELLER: Phrase("监票计票人", "teller"),
    Role.EXPERT: Phrase("评估小组成员", "panel expert"),
    Role.ADMINISTRATOR: Phrase("管理员", "administrator"),
}

PLACE_OPEN = Phrase("待核实", "to be determined")


def day(at: datetime, timezone: str = "Asia/Shanghai") -> Phrase:
    """The day of a moment as people there call it."""
    there = at.astimezone(ZoneInfo(timezone))
    return Phrase(f"{there:%-m月%-d日}", f"{there:%Y-%m-%d}")


def month_name(period: str) -> str:
    """A month in English, as September 2026; `period` as 2026-09."""
    year, month = period.split("-")
    return f"{_MONTHS[int(month) - 1]} {year}"


def quarter_name(year: str | int, number: int) -> str:
    return f"{('first', 'second', 'third', 'fourth')[number - 1]} quarter of {year}"


def half_name(year: str | int, number: int) -> str:
    return f"{('first', 'second')[number - 1]} half of {year}"


_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


# Why somebody is not reached now: the platform lets nothing be pushed to them before they write again.
AWAITS_CONTACT = Phrase("要等对方下次发消息", "when they write next")
BLANKED = "（作者已清空）"  # in place of a text whose author wanted to be forgotten


SHOWN = 1_000  # characters of a text on a card; the whole is to be had from there


def passage(body: str) -> Phrase:
    """A text as a card has it."""
    if len(body) <= SHOWN:
        return Phrase(body or BLANKED)
    beginning = body[: SHOWN - 1]
    return Phrase(f"{beginning}…（全文共 {len(body)} 字）", f"{beginning}… ({len(body)} characters in all)")


def excerpt(body: str, most: int = 40) -> str:
    """The beginning of a text, on one line."""
    flat = " ".join(body.split()) or BLANKED
    return flat if len(flat) <= most else flat[: most - 1] + "…"
