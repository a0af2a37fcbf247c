import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.domain.categories import READ, Category, guess


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("村口要修路", Category.ROADS),
        ("自来水三天两头停水", Category.WATER),
        ("路灯坏了", Category.POWER),
        ("幼儿园太远", Category.EDUCATION),
        ("卫生室没有医生", Category.HEALTH),
        ("河边垃圾没人管", Category.ENVIRONMENT),
        ("想要一个篮球场", Category.CULTURE),
        ("老人没有食堂", Category.CARE),
        ("学校门口没有护栏，有安全隐患", Category.SAFETY),
        ("小区电梯老坏", Category.HOUSING),
        ("大棚的补贴没到", Category.FARMING),
        ("办事窗口排队太久", Category.SERVICES),
        ("请多关心我们", Category.OTHER),
        ("", Category.OTHER),
    ],
)
def test_plain_words_tell_the_category(text: str, category: Category) -> None:
    assert guess(text) is category


def test_the_longest_word_counts_where_one_holds_another() -> None:
    assert guess("路灯") is Category.POWER  # no 路
    assert guess("广场舞太吵，广场舞扰民") is Category.CULTURE


def test_what_is_said_more_often_counts_more() -> None:
    assert guess("学校门口的路，路太窄，要修路") is Category.ROADS


def test_on_a_tie_the_first_word_counts() -> None:
    assert guess("公交站旁有垃圾") is Category.ROADS
    assert guess("垃圾堆在公交站") is Category.ENVIRONMENT


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("杨柳小区三号楼天天停水", Category.WATER),
        ("河东路二桥边的垃圾没人收", Category.ENVIRONMENT),
        ("人民广场等不到公交", Category.ROADS),
        ("青石小区旁边的幼儿园不够", Category.EDUCATION),
        ("老桥头的路烂了", Category.ROADS),  # an address and nothing else about it
        ("三号楼老人多，楼里没有电梯", Category.HOUSING),
    ],
)
def test_an_address_does_not_outweigh_what_is_wanted(text: str, category: Category) -> None:
    assert guess(text) is category


@given(st.text(), st.integers(1, 5))
def test_a_guess_does_not_change_when_all_is_said_again(text: str, times: int) -> None:
    assert guess(f"{text}\n" * times) is guess(f"{text}\n")


def test_of_a_long_text_the_beginning_decides() -> None:
    assert guess("修路" + "。" * READ + "医院" * 9) is Category.ROADS
