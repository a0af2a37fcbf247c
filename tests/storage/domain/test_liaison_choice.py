from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from storage.domain.liaison_choice import LEAST, MOST, Candidate, Site, kinship, proposed

ROAD = Site(1, ("/1/2/3/",), "石桥村道路硬化")
CLINIC = Site(2, ("/1/2/4/",), "卫生室改造")
NEAR_ROAD = Candidate(10, ("/1/2/3/",))
NEAR_CLINIC = Candidate(11, ("/1/2/4/",))
DOCTOR = Candidate(12, ("/1/2/",), "医疗卫生")
ELSEWHERE = Candidate(13, ("/1/9/",))

PATHS = st.lists(st.sampled_from(["/1/2/3/", "/1/2/4/", "/1/5/6/", "/7/8/", "/1/2/"]), max_size=2).map(tuple)
DEPUTIES = st.lists(PATHS, max_size=25).map(lambda all_: [Candidate(100 + at, paths) for at, paths in enumerate(all_)])


@st.composite
def towns(draw: st.DrawFn) -> tuple[list[Site], list[Candidate]]:
    deputies = draw(DEPUTIES)
    known = [one.person_id for one in deputies]
    people = st.frozensets(st.sampled_from(known), max_size=3) if known else st.just(frozenset[int]())
    sites = []
    for number in range(draw(st.integers(0, 8))):
        group = draw(people)
        sites.append(Site(number, draw(PATHS), group=tuple(sorted(group)), refused=draw(people) - group))
    return sites, deputies


def test_the_nearest_of_those_with_fewest_projects_is_asked_and_the_trade_decides_between_equals() -> None:
    assert kinship(ROAD, NEAR_ROAD) > kinship(ROAD, DOCTOR) > kinship(ROAD, ELSEWHERE)
    assert kinship(CLINIC, DOCTOR) == (2, 1)
    assert proposed([ROAD, CLINIC], [ELSEWHERE, DOCTOR, NEAR_CLINIC, NEAR_ROAD], least=1) == {1: [10, 13], 2: [11, 12]}


def test_who_declined_is_not_asked_again_and_who_is_in_stays() -> None:
    site = Site(1, ("/1/2/3/",), group=(11,), refused=frozenset({10}))
    assert proposed([site], [NEAR_ROAD, NEAR_CLINIC, DOCTOR]) == {1: [12]}


def test_without_deputies_nobody_is_proposed() -> None:
    assert proposed([ROAD], []) == {1: []}
    assert proposed([], [DOCTOR]) == {}


@given(towns())
def test_groups_are_large_enough_where_they_can_be_and_never_too_large(
    town: tuple[list[Site], list[Candidate]],
) -> None:
    sites, deputies = town
    found = proposed(sites, deputies)
    for site in sites:
        group = [*site.group, *found[site.number]]
        able = {one.person_id for one in deputies} - site.refused
        assert len(group) == len(set(group))
        assert not set(found[site.number]) & site.refused
        assert len(group) >= min(LEAST, len(able))
        assert len(group) <= max(MOST, len(site.group))


@given(towns())
def test_everybody_has_a_project_as_far_as_there_is_room(town: tuple[list[Site], list[Candidate]]) -> None:
    sites, deputies = town
    found = proposed(sites, deputies)
    load = Counter(person for site in sites for person in (*site.group, *found[site.number]))
    for one in deputies:
        if not load[one.person_id]:
            assert all(
                len(site.group) + len(found[site.number]) >= MOST or one.person_id in site.refused for site in sites
            )


@given(st.integers(8, 12), st.integers(2, 40))
def test_where_nobody_is_nearer_the_work_is_shared_evenly(projects: int, people: int) -> None:
    deputies = [Candidate(number) for number in range(people)]
    found = proposed([Site(number, ()) for number in range(projects)], deputies)
    load = Counter({one.person_id: 0 for one in deputies})
    load.update(person for group in found.values() for person in group)
    assert max(load.values()) - min(load.values()) <= 1
    assert all(len(group) == 2 or projects * 2 < people for group in found.values())
