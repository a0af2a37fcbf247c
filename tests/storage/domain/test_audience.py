"""Whom an announcement is for, as it is stored."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.domain.audience import Audience, Groups, Reached
from storage.domain.roles import Role

IDS = st.lists(st.integers(1, 10**9), max_size=4, unique=True).map(tuple)
NAMES = st.lists(st.text(min_size=1, max_size=10), max_size=3, unique=True).map(tuple)
ROLES = st.lists(st.sampled_from(Role), max_size=3, unique=True).map(tuple)
GROUPS = st.builds(Groups, roles=ROLES, areas=IDS, groups=NAMES, projects=IDS, proposals=IDS)
AUDIENCES = st.builds(
    Audience,
    everybody=st.booleans(),
    those=GROUPS,
    without=GROUPS,
    channels=NAMES,
    of_announcement=st.none() | st.integers(1, 10**9),
    reached=st.sampled_from(Reached),
)


@given(AUDIENCES)
def test_it_comes_back_as_it_was_stored(audience: Audience) -> None:
    assert Audience.load(audience.dump()) == audience


@given(AUDIENCES)
def test_it_is_empty_where_nobody_is_named(audience: Audience) -> None:
    named = audience.those.roles, audience.those.areas, audience.those.groups
    others = audience.those.projects, audience.those.proposals, audience.of_announcement
    assert audience.is_empty == (not audience.everybody and not any(named) and not any(others))


@pytest.mark.parametrize("broken", [{}, {"those": {}}, {**Audience().dump(), "reached": "some"}])
def test_what_is_no_audience_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises((KeyError, ValueError, TypeError)):
        Audience.load(broken)
