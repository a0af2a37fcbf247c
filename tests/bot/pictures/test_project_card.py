from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.pictures.canvas import INNER, Colour
from bot.pictures.month_row import MOST_MONTHS, Month, MonthMark
from bot.pictures.project_card import ProjectCard, project_card
from tests.bot.pictures.looking import edges_are_empty, longest_run, patches, picture, share

CARD = ProjectCard(
    congress="云溪镇人民代表大会（演示）",
    number=12,
    title="杨柳村至中心小学道路硬化与护栏安装",
    stage="实施中",
    body="云溪镇村镇建设办公室",
    leader="演示负责人",
    deadline=date(2026, 10, 31),
    investment=2_760_000,
    progress=62,
    planned=70,
    months=(),
    open_problems=0,
    worst="",
    as_of=date(2026, 9, 1),
)
TEXTS = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["", " ", "路", "很长的标题" * 40, "A" * 200, "Road to the school " * 20, "，。" * 100]),
    st.sampled_from(["👩‍👩‍👧‍👦🚧", "𠮷𪚥𮯠", "é̷̛̖" * 50, "\u202e路\u0000\ud800", "مشروع الطريق", "一\n二\t三"]),
)


def marks(*months: Month) -> tuple[MonthMark, ...]:
    return tuple(MonthMark(f"{number}月", month) for number, month in enumerate(months, start=1))


@pytest.mark.parametrize("progress", [10, 37, 62, 99, 100])
def test_the_bar_is_full_up_to_the_share_that_is_done(progress: int) -> None:
    image = picture(project_card(replace(CARD, progress=progress, planned=progress)))
    # The frame and the pointer of the plan stand on its ends.
    assert longest_run(image, Colour.BLUE) == pytest.approx(INNER * progress / 100, abs=6)


@pytest.mark.parametrize(("progress", "length"), [(-5, 0), (0, 0), (250, INNER)])
def test_a_share_that_no_bar_can_show_empties_or_fills_it(progress: int, length: int) -> None:
    image = picture(project_card(replace(CARD, progress=progress, planned=100, open_problems=1)))
    assert longest_run(image, Colour.BLUE) == pytest.approx(length, abs=6)
    assert edges_are_empty(image)


def test_what_should_be_done_and_is_not_is_striped() -> None:
    behind = picture(project_card(replace(CARD, progress=20, planned=80)))
    ahead = picture(project_card(replace(CARD, progress=80, planned=20)))
    assert share(behind, Colour.ORANGE) > 0.01
    assert share(ahead, Colour.ORANGE) == 0


@pytest.mark.parametrize("planned", [60, 75, 90])
def test_the_plan_is_pointed_at_where_it_is(planned: int) -> None:
    image = picture(project_card(replace(CARD, progress=100, planned=planned)))
    # The pointer parts the full bar in two.
    assert longest_run(image, Colour.BLUE) == pytest.approx(INNER * planned / 100, abs=6)


@pytest.mark.parametrize("count", [0, 1, 6, 7, 12, 13, MOST_MONTHS])
@pytest.mark.parametrize(("month", "colour"), [(Month.MISSED, Colour.ORANGE), (Month.LATE, Colour.AMBER)])
def test_there_is_a_dot_for_every_month_and_one_for_the_legend(count: int, month: Month, colour: Colour) -> None:
    card = replace(CARD, planned=62, months=marks(*[month] * count))
    assert patches(picture(project_card(card)), colour) == (count + 1 if count else 0)


def test_of_more_months_than_fit_the_last_are_shown() -> None:
    months = marks(*[Month.MISSED] * 5, *[Month.LATE] * MOST_MONTHS)
    image = picture(project_card(replace(CARD, planned=62, months=months)))
    assert patches(image, Colour.AMBER) == MOST_MONTHS + 1
    assert share(image, Colour.ORANGE) == 0


def test_open_problems_are_told_in_another_colour_than_none() -> None:
    some = picture(project_card(replace(CARD, planned=62, open_problems=2, worst="严重")))
    none = picture(project_card(replace(CARD, planned=62)))
    assert share(some, Colour.ORANGE) > 0
    assert share(none, Colour.ORANGE) == 0


CHANGES: list[dict[str, Any]] = [
    {"congress": "云溪县"},
    {"number": 13},
    {"title": "杨柳村至中心小学道路硬化与护栏拆除"},
    {"stage": "已完工"},
    {"body": "云溪镇财政所"},
    {"leader": ""},
    {"deadline": date(2026, 11, 30)},
    {"investment": None},
    {"progress": 63},
    {"planned": 71},
    {"months": marks(Month.OPEN)},
    {"open_problems": 1},
    {"as_of": date(2026, 9, 2)},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_whatever_a_card_is_told_can_be_seen(change: dict[str, Any]) -> None:
    assert project_card(replace(CARD, **change)) != project_card(CARD)


def test_the_same_card_is_the_same_bytes_whatever_was_drawn_between() -> None:
    card = replace(CARD, months=marks(*Month), open_problems=3, worst="一般")
    first = project_card(card)
    for number in range(100):  # more than memory keeps of what was written
        project_card(replace(CARD, number=number))
    assert project_card(replace(card)) == first


def test_the_card_speaks_the_language_of_its_reader() -> None:
    assert project_card(CARD, "en") != project_card(CARD, "zh") == project_card(CARD)
    assert edges_are_empty(picture(project_card(replace(CARD, months=marks(*Month)), "en")))


def test_sums_are_written_as_offices_write_them() -> None:
    seen = {yuan: project_card(replace(CARD, investment=yuan)) for yuan in (0, 9_999, 10_000, 2_765_432, 10**12)}
    assert len(set(seen.values())) == len(seen)
    # To the hundredth of ten thousand.
    assert project_card(replace(CARD, investment=2_765_499)) == seen[2_765_432]


@settings(max_examples=40, deadline=None)
@given(
    card=st.builds(
        ProjectCard,
        congress=TEXTS,
        number=st.integers(-1, 10**12),
        title=TEXTS,
        stage=TEXTS,
        body=TEXTS,
        leader=TEXTS,
        deadline=st.dates(),
        investment=st.none() | st.integers(-(10**6), 10**20),
        progress=st.integers(-1000, 10**9),
        planned=st.integers(-1000, 10**9),
        months=st.lists(st.builds(MonthMark, label=TEXTS, month=st.sampled_from(Month)), max_size=30),
        open_problems=st.integers(0, 10**12),
        worst=TEXTS,
        as_of=st.dates(),
    ),
    language=st.sampled_from(["zh", "en"]),
)
def test_no_value_breaks_a_card_or_leaves_its_margins(card: ProjectCard, language: str) -> None:
    assert edges_are_empty(picture(project_card(card, language)))
