from hypothesis import given
from hypothesis import strategies as st

from storage.domain.similarity import ALIKE, COMPARED, are_alike, pairs, resemblance

ROAD = "村口到小学的路坑洼不平，下雨天没法走"


def test_the_same_wish_in_other_words_is_alike() -> None:
    assert are_alike(pairs(ROAD), pairs("小学到村口的路坑洼不平，孩子下雨天没法走路"))


def test_another_wish_is_not() -> None:
    assert not are_alike(pairs(ROAD), pairs("希望给老人办一个食堂，中午能吃上热饭"))


def test_too_little_in_common_means_nothing() -> None:
    assert resemblance(pairs("修路"), pairs("修路")) == 0.0


def test_width_case_and_punctuation_make_no_difference() -> None:
    assert pairs("\uff21\uff22\uff0c路\uff01 灯") == pairs("ab路灯")


@given(st.text(), st.text())
def test_resemblance_is_mutual_and_a_share(one: str, other: str) -> None:
    found = resemblance(pairs(one), pairs(other))
    assert found == resemblance(pairs(other), pairs(one))
    assert 0.0 <= found <= 1.0
    assert are_alike(pairs(one), pairs(other)) is (found >= ALIKE)


@given(st.text(min_size=1))
def test_every_text_long_enough_is_like_itself(text: str) -> None:
    assert resemblance(pairs(text), pairs(text)) == (1.0 if len(pairs(text)) >= 6 else 0.0)


def test_of_a_long_text_the_beginning_is_compared() -> None:
    assert pairs("路" * COMPARED + "灯桥") == pairs("路路")
