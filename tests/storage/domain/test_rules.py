from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.domain.announcements import Levels
from storage.domain.rules import BadRule, Rules, Tie, TooFew

SHARES = st.fractions(Fraction(1, 1000), 1, max_denominator=1000)
COUNTS = st.integers(1, 10**6)
HOURS = st.integers(1, 24)
RULES = st.builds(
    Rules,
    margin=SHARES,
    quorum=SHARES,
    approvals_at_most_seats=st.booleans(),
    chosen_share=SHARES,
    tie=st.sampled_from(Tie),
    fewer_than_seats=st.sampled_from(TooFew),
    tellers=COUNTS,
    satisfied_share=SHARES,
    deputy_answers_within_hours=COUNTS,
    office_answers_within_working_days=COUNTS,
    deputies_ranked=st.booleans(),
    announcement_reviews=st.sampled_from(Levels),
    announcement_urgent=st.booleans(),
    announcement_quiet_from=HOURS,
    announcement_quiet_until=HOURS,
)


@given(RULES)
def test_rules_come_back_as_they_were_stored(rules: Rules) -> None:
    assert Rules.load(rules.dump()) == rules


@given(RULES)
def test_rules_may_be_written_as_words(rules: Rules) -> None:
    words = {
        name: str(value).lower() if isinstance(value, bool) else f" {value} " for name, value in rules.dump().items()
    }
    assert Rules.load(words) == rules


def test_what_is_missing_has_the_default_that_most_places_use() -> None:
    assert Rules.load({}) == Rules()
    assert Rules.load({"margin": "1/3"}) == Rules(margin=Fraction(1, 3))


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("margin", "0", "more than 0 and at most 1"),
        ("quorum", "4/3", "more than 0 and at most 1"),
        ("quorum", "a lot", "a fraction such as 1/5"),
        ("chosen_share", "1/0", "a fraction such as 1/5"),
        ("tellers", 0, "at least 1"),
        ("tellers", "three", "a whole number"),
        ("approvals_at_most_seats", "perhaps", "true or false"),
        ("announcement_quiet_from", 25, "a full hour, at most 24"),
        ("tie", "a coin", "one of vote_again, presidium, smaller_investment"),
    ],
)
def test_a_rule_that_will_not_do_is_named_with_what_it_may_be(name: str, value: object, says: str) -> None:
    with pytest.raises(BadRule, match=rf"the rule {name} must be {says} \(default: "):
        Rules.load({name: value})


def test_an_unknown_rule_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(BadRule, match="there is no rule colour; the rules and their defaults are margin=1/5, "):
        Rules.load({"colour": "red"})
