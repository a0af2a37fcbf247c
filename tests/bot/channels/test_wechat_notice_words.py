"""What stands in a notice or a template message, so that WeChat takes it."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat_notices import filled
from bot.channels.wechat_settings import Template
from handlers.messages import Notice, NoticeKind
from tests.bot.channels.test_wechat_notices import DUTY, PROPOSAL, T_DUTY
from tests.wechat_api import Template as Owned
from tests.wechat_api.notices import filled_in

MOMENT = datetime(2026, 9, 1, 23, 5, tzinfo=UTC)  # the next morning, in Beijing
SAYS: dict[str, tuple[str, str, Notice, str]] = {
    "a thing": ("thing1", "what", DUTY, "月度视察"),
    "what it is about": ("thing1", "about", DUTY, "村道硬化"),
    "about nothing": ("thing1", "about", DUTY._replace(about=""), "月度视察"),
    "nothing at all": ("thing1", "what", DUTY._replace(what=" \n"), "请查看"),
    "two lines": ("thing1", "what", DUTY._replace(what="月度\n\u3000视察\t一"), "月度 视察 一"),
    "20 characters": ("thing1", "about", DUTY._replace(about="路" * 20), "路" * 20),
    "21 characters": ("thing1", "about", DUTY._replace(about="路" * 21), "路" * 19 + "…"),
    "a sentence": (
        "thing1",
        "about",
        DUTY._replace(about="杨柳村一组机耕路硬化，以及沿线的路灯和排水沟"),
        "杨柳村一组机耕路硬化…",
    ),
    "a sentence that begins short": (
        "thing1",
        "about",
        DUTY._replace(about="路，" + "灯" * 30),
        "路，" + "灯" * 17 + "…",
    ),
    "English": ("thing1", "what", DUTY._replace(what="Monthly inspection of projects"), "Monthly inspection…"),
    "an emoji": ("thing1", "about", DUTY._replace(about="村道❤️😀①㎡\u200b"), "村道1"),
    "a constant": ("const1", "what", DUTY, "月度视察"),
    "a phrase": ("phrase1", "what", DUTY._replace(what="本月的督查报告"), "本月的督查"),
    "a phrase in English": ("phrase1", "what", DUTY._replace(what="Monthly inspection"), "请查看"),
    "a number": ("character_string1", "about", PROPOSAL, "12"),
    "no number": ("character_string1", "about", DUTY, "-"),
    "a long string": ("character_string1", "about", DUTY._replace(about="a" * 40), "a" * 32),
    "until": ("date1", "until", DUTY, "2026年9月30日"),
    "until, to the minute": ("time1", "until", DUTY, "2026年9月30日 23:59"),
    "until, in words": ("thing1", "until", DUTY, "2026年9月30日"),
    "until, in signs": ("character_string1", "until", DUTY, "2026-09-30"),
    "until no known day": ("date1", "until", DUTY._replace(until=""), "2026年9月2日"),
    "until no known day, to the minute": ("time1", "until", DUTY._replace(until=""), "2026年9月2日 07:05"),
    "until no known day, in words": ("thing1", "until", DUTY._replace(until="下周"), "请尽快"),
    "until no known day, in signs": ("character_string1", "until", DUTY._replace(until=""), "-"),
    "now": ("time1", "at", PROPOSAL, "2026年9月2日 07:05"),
    "today": ("date1", "at", PROPOSAL, "2026年9月2日"),
    "today, in words": ("thing1", "at", PROPOSAL, "2026年9月2日"),
}


@pytest.mark.parametrize(("keyword", "said", "notice", "value"), SAYS.values(), ids=SAYS)
def test_each_keyword_says_what_it_can(keyword: str, said: str, notice: Notice, value: str) -> None:
    assert filled(Template(T_DUTY, {keyword: said}), notice, MOMENT) == {keyword: value}


KEYWORDS = {"thing1": "what", "thing2": "about", "const3": "what", "phrase4": "about", "character_string5": "about"}
MOMENTS = {"time6": "until", "date7": "until", "time8": "at", "thing9": "until", "character_string10": "until"}


@given(
    what=st.text(max_size=60),
    about=st.text(max_size=60),
    until=st.dates(min_value=date(2000, 1, 1)).map(str) | st.text(max_size=12),
)
def test_whatever_it_is_wechat_takes_it(what: str, about: str, until: str) -> None:
    fields = {**KEYWORDS, **MOMENTS}
    says = filled(Template(T_DUTY, fields), Notice(NoticeKind.DUTY, what, about, until), MOMENT)
    content = "\n".join(f"{{{{{keyword}.DATA}}}}" for keyword in fields)
    filled_in(Owned("提醒", content), {keyword: {"value": value} for keyword, value in says.items()})
