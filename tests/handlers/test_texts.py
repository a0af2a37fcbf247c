import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import handlers.texts
from handlers.catalogue import ROUTES
from handlers.reading import plain
from handlers.rendering import shown
from handlers.texts.inspections import report
from handlers.texts.phrase import Phrase, join, lines, many
from handlers.texts.supervision import period_name
from handlers.texts.words import CATEGORY, REASON, ROLE, STATUS, day, excerpt
from storage.domain.cadence import Duty
from storage.domain.categories import Category
from storage.domain.proposal_status import Reason, Status
from storage.domain.report_period import read
from storage.domain.roles import Role
from tests.conversing import BUTTONS, NOW

CHINESE = "\u4e00-\u9fff"
# A half-width mark right beside a Chinese character, but for brackets in codes and the colon of a time.
HALF_WIDTH = re.compile(rf"[{CHINESE}][,;:?!()]|[,;:?!()][{CHINESE}]")


def phrases() -> Iterator[tuple[str, Phrase]]:
    for module in pkgutil.iter_modules(handlers.texts.__path__):
        for name, value in vars(importlib.import_module(f"handlers.texts.{module.name}")).items():
            for phrase in value.values() if isinstance(value, dict) else [value]:
                if isinstance(phrase, Phrase):
                    yield f"{module.name}.{name}", phrase


def test_every_saying_is_there_in_both_languages_each_with_its_own_marks() -> None:
    found = list(phrases())
    assert len(found) > 200
    for name, phrase in found:
        assert phrase.zh, name
        assert not HALF_WIDTH.search(phrase.zh), phrase.zh
        if re.search(f"[{CHINESE}]", phrase.zh) and name != "welcome.CHINESE":
            assert phrase.en, name
            assert not re.search(f"[{CHINESE}]", phrase.en.replace("语言", "")), phrase.en
        assert not re.search("[\uff0c\uff1b\uff1a\uff1f\uff01\uff08\uff09。]", phrase.en), phrase.en


def test_sayings_with_something_put_in_have_full_width_marks_too() -> None:
    for path in Path(next(iter(handlers.texts.__path__))).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                text = "".join(str(one.value) for one in node.values if isinstance(one, ast.Constant))
                assert not HALF_WIDTH.search(text), f"{path.name}: {text}"


def test_every_word_of_the_domain_is_said() -> None:
    assert set(STATUS) == set(Status)
    assert set(REASON) == set(Reason)
    assert set(CATEGORY) == set(Category)
    assert set(ROLE) == set(Role)


def test_no_word_begins_two_conversations_and_each_finds_its_own() -> None:
    words = [word for one in ROUTES.conversations for word in one.starts]
    assert len(words) == len(set(words))
    for one in ROUTES.conversations:
        for word in one.starts:
            assert ROUTES.begun_by(f" {word.upper()}\uff01") is one
        assert ROUTES.named(one.name) is one


def test_what_stands_in_the_menu_begins_when_it_is_typed_in_either_language() -> None:
    menu = [(word, one) for one in ROUTES.conversations if one.menu for word in (one.menu.zh, one.menu.en)]
    assert len({plain(word) for word, _ in menu}) == len(menu)  # and nothing is called like something else
    for word, one in menu:
        assert ROUTES.begun_by(word) is one, word


def test_whatever_stands_in_the_menu_fits_on_a_button_beside_its_number() -> None:
    for word in (word for one in ROUTES.conversations if one.menu for word in (one.menu.zh, one.menu.en)):
        assert shown("", [""] * 98 + [word], BUTTONS)[0] == "", word


def test_counts_are_said_in_english_as_people_say_them() -> None:
    assert [many(count, "report") for count in (0, 1, 2)] == ["0 reports", "1 report", "2 reports"]
    assert [many(count, "person", "people") for count in (1, 12)] == ["1 person", "12 people"]


def test_no_saying_leaves_the_plural_to_its_reader() -> None:
    for path in Path(next(iter(handlers.texts.__path__))).glob("*.py"):
        assert "(s)" not in path.read_text(), path.name


def test_periods_are_called_what_people_call_them() -> None:
    named = {"2026-09": "September 2026", "2026-Q3": "third quarter of 2026", "2026-H2": "second half of 2026"}
    assert {key: period_name(read(key)).en for key in named} == named
    assert report(Duty.DISPATCH, "2026-10") == Phrase("四季度调度报告", "quarterly report, fourth quarter of 2026")
    assert report(Duty.HALF_YEAR, "2026-07") == Phrase("下半年报告", "half-year report, second half of 2026")
    assert report(Duty.INSPECTION, "2026-12") == Phrase("12月督查", "inspection of December 2026")


def test_a_long_text_begins_nothing_even_if_it_is_one_word_again_and_again() -> None:
    assert ROUTES.begun_by("提建议" + " " * 50) is None


def test_phrases_are_put_together_in_both_languages() -> None:
    one, name = Phrase("您好", "Hello"), Phrase("王芳")
    assert (one + name) == Phrase("您好王芳", "Hello王芳")
    assert lines([one, Phrase(""), name]) == Phrase("您好\n王芳", "Hello\n王芳")
    assert join([one, one]) == Phrase("您好、您好", "Hello, Hello")
    assert [name.said("en"), one.said("en"), one.said("zh")] == ["王芳", "Hello", "您好"]


def test_a_day_is_that_of_the_place() -> None:
    assert day(NOW.replace(hour=17)) == Phrase("9月2日", "2026-09-02")
    assert day(NOW.replace(hour=17), "Europe/London") == Phrase("9月1日", "2026-09-01")


def test_an_excerpt_is_one_line_and_says_that_it_goes_on() -> None:
    assert excerpt("一\n二  三") == "一 二 三"
    assert excerpt("一二三四五", 4) == "一二三…"
    assert excerpt("一二三四", 4) == "一二三四"
