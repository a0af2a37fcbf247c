"""The card that shows how far an announcement is: what can be seen, and that nothing breaks it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.pictures.announcement_card import AnnouncementCard, announcement_card
from bot.pictures.canvas import INNER, Colour
from tests.bot.pictures.looking import edges_are_empty, longest_run, picture, share
from tests.bot.pictures.test_project_card import TEXTS

CARD = AnnouncementCard(
    congress="云溪镇人民代表大会（演示）",
    number=12,
    title="2027年民生实事项目开始征集",
    state="正在发送",
    as_of="2026-09-01 09:30",
    audience=50_000,
    sent=30_000,
    opened=12_000,
    waiting=15_000,
    held=3_000,
    failed=1_500,
    skipped=500,
    parts=50_000,
    reasons=(("停用、拉黑或注销", 1_500), ("本人退订", 500)),
)
NOTHING = replace(CARD, sent=0, opened=0, waiting=0, held=0, failed=0, skipped=0, reasons=())


@pytest.mark.parametrize("sent", [0, 12_500, 30_000, 50_000])
def test_the_bar_is_blue_up_to_the_share_that_was_reached(sent: int) -> None:
    image = picture(announcement_card(replace(NOTHING, sent=sent)))
    # Where nobody was reached, the longest blue row is that of a swatch or a sign.
    assert longest_run(image, Colour.BLUE) == pytest.approx(max(INNER * sent // 50_000, 56), abs=22)


def test_what_failed_is_told_by_its_pattern() -> None:
    none = picture(announcement_card(replace(CARD, failed=0)))
    many = picture(announcement_card(replace(CARD, failed=15_000)))
    assert share(many, Colour.ORANGE) > 3 * share(none, Colour.ORANGE) > 0  # the swatch is always there


def test_a_report_that_does_not_sum_up_is_marked() -> None:
    right, wrong = (picture(announcement_card(replace(CARD, parts=parts))) for parts in (50_000, 49_999))
    assert share(wrong, Colour.ORANGE) > share(right, Colour.ORANGE)


CHANGES: list[dict[str, Any]] = [
    {"congress": "云溪县"},
    {"number": 13},
    {"title": "候选项目公示"},
    {"state": "已发完"},
    {"as_of": "2026-09-01 09:31"},
    {"audience": 50_001},
    {"sent": 30_001},
    {"opened": 12_001},
    {"waiting": 15_001},
    {"held": 3_001},
    {"failed": 1_501},
    {"skipped": 501},
    {"parts": 50_001},
    {"reasons": (("停用、拉黑或注销", 1_501), ("本人退订", 500))},
    {"reasons": ()},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_whatever_a_card_is_told_can_be_seen(change: dict[str, Any]) -> None:
    assert announcement_card(replace(CARD, **change)) != announcement_card(CARD)


def test_more_reasons_than_there_is_room_for_are_summed_up() -> None:
    seven = replace(CARD, reasons=tuple((f"原因{number}", 10) for number in range(7)))
    eight = replace(CARD, reasons=tuple((f"原因{number}", 10) for number in range(8)))
    assert announcement_card(seven) != announcement_card(eight)
    assert edges_are_empty(picture(announcement_card(eight)))


def test_the_card_speaks_the_language_of_its_reader() -> None:
    assert announcement_card(CARD, "en") != announcement_card(CARD, "zh") == announcement_card(CARD)


@settings(max_examples=30)
@given(
    card=st.builds(
        AnnouncementCard,
        congress=TEXTS,
        number=st.integers(-1, 10**12),
        title=TEXTS,
        state=TEXTS,
        as_of=TEXTS,
        **dict.fromkeys(
            ("audience", "sent", "opened", "waiting", "held", "failed", "skipped", "parts"),
            st.integers(-5, 10**9),
        ),
        reasons=st.lists(st.tuples(TEXTS, st.integers(-1, 10**9)), max_size=9),
    ),
    language=st.sampled_from(["zh", "en"]),
)
def test_no_value_breaks_a_card_or_leaves_its_margins(card: AnnouncementCard, language: str) -> None:
    assert edges_are_empty(picture(announcement_card(card, language)))
