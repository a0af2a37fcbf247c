"""How deputies stand beside one another."""

from hypothesis import given
from hypothesis import strategies as st

from storage.domain.deputy_ranking import Reported, places

REPORTED = st.builds(Reported, st.integers(0, 5), st.none() | st.floats(0, 30))


def test_more_answers_come_first_then_quicker_ones_and_equals_share_a_place() -> None:
    found = places(
        {1: Reported(3, 4.0), 2: Reported(5, 9.0), 3: Reported(3, 2.0), 4: Reported(3, 4.0), 5: Reported(0, None)}
    )
    assert found == {2: 1, 3: 2, 1: 3, 4: 3, 5: 5}
    assert list(found) == [2, 3, 1, 4, 5]


@given(st.dictionaries(st.integers(1, 50), REPORTED))
def test_a_place_counts_everybody_who_did_better(reported: dict[int, Reported]) -> None:
    found = places(reported)
    assert found.keys() == reported.keys()
    for person, place in found.items():
        mine = reported[person]
        better = sum(
            (-one.answered, float("inf") if one.days is None else one.days)
            < (-mine.answered, float("inf") if mine.days is None else mine.days)
            for one in reported.values()
        )
        assert place == better + 1
