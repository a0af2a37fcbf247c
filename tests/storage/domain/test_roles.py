import pytest

from storage.domain.roles import Holding, Role


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("代表", Role.DEPUTY),
        ("人大代表", Role.DEPUTY),
        (" Deputy ", Role.DEPUTY),
        ("工作人员", Role.STAFF),
        ("网格员", Role.GRID_WORKER),
        ("grid worker", Role.GRID_WORKER),
        ("grid_worker", Role.GRID_WORKER),
        ("监票人", Role.TELLER),
        ("计票人", Role.TELLER),
        ("居民", None),
        ("", None),
    ],
)
def test_a_role_is_known_by_its_english_and_chinese_names(name: str, role: Role | None) -> None:
    assert Role.named(name) is role


def test_every_role_is_known_by_the_word_it_is_stored_by() -> None:
    assert [Role.named(role) for role in Role] == list(Role)


def test_a_role_has_no_cells_of_its_own_until_some_are_given() -> None:
    assert Holding(1, 2, 3, Role.DEPUTY).areas == ()
