"""What an answer does, by the words that were shown: a choice is judged by its effect, not by what it was stored as."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from handlers.state import Asked
from handlers.talk import CONFIRM
from handlers.texts import proposals as proposal_texts
from handlers.texts import titles, welcome
from handlers.texts.phrase import Phrase
from handlers.texts.words import CATEGORY
from storage.database import Unit
from storage.domain.categories import Category
from storage.domain.proposal_status import Status
from storage.tables import people, proposal_supporters, proposals
from tests.handlers.machine.witness import Answer


@dataclass(frozen=True)
class Chosen:
    """The option that was chosen, as it was shown, and what came of it."""

    unit: Unit
    answer: Answer
    label: str

    def says(self, phrase: Phrase) -> bool:
        return self.label in (phrase.zh, phrase.en)

    @property
    def number(self) -> int:
        """The proposal that the conversation was about."""
        before = self.answer.before
        assert before is not None
        return int(before.arguments.get("number") or before.answers["number"])

    def of_person(self, column: str) -> object:
        query = select(people.c[column]).where(people.c.id == self.answer.person_id)
        return self.unit.read(query).scalar_one()

    def of_proposal(self, column: str) -> object:
        return self.unit.read(select(proposals.c[column]).where(proposals.c.id == self.number)).scalar_one()


def _language(chosen: Chosen) -> bool:
    return chosen.of_person("language") == ("en" if chosen.label == "English" else "zh")


def _notices(chosen: Chosen) -> bool:
    return chosen.of_person("notices") is chosen.says(welcome.ON)


def _forget(chosen: Chosen) -> bool:
    return chosen.says(titles.YES) is (("person", chosen.answer.person_id) in chosen.answer.changed)


def _withdraw(chosen: Chosen) -> bool:
    if ("proposal", chosen.number) not in chosen.answer.changed:
        return True  # it was refused, or kept
    return chosen.says(titles.YES) and chosen.of_proposal("status") == Status.WITHDRAWN


def _support(chosen: Chosen) -> bool:
    mine = (
        proposal_supporters.c.proposal_id == chosen.number,
        proposal_supporters.c.person_id == chosen.answer.person_id,
    )
    is_supporter = chosen.unit.read(select(proposal_supporters).where(*mine)).first() is not None
    if ("proposal", chosen.number) not in chosen.answer.changed:
        return True
    return chosen.says(proposal_texts.ME_TOO) and is_supporter


def _show(chosen: Chosen) -> bool:
    if ("proposal", chosen.number) not in chosen.answer.changed:
        return True
    return chosen.says(titles.YES) and chosen.of_proposal("cleared_at") is not None


def _category(chosen: Chosen) -> bool:
    if ("proposal", chosen.number) not in chosen.answer.changed:
        return True
    return chosen.says(CATEGORY[Category(str(chosen.of_proposal("category")))])


def _submit(chosen: Chosen) -> bool:
    made = any(row.action == "add" and row.record == "proposal" for row in chosen.answer.log)
    return not made or chosen.says(titles.SUBMIT)


_EFFECTS: dict[tuple[str, str], Callable[[Chosen], bool]] = {
    ("settings", "language"): _language,
    ("settings", "notices"): _notices,
    ("settings", "sure"): _forget,
    ("mine", "sure"): _withdraw,
    ("support", "sure"): _support,
    ("handle", "sure"): _show,
    ("handle", "category"): _category,
    **{(name, CONFIRM): _submit for name in ("suggest", "on_behalf", "paper")},
}


def check_effect(unit: Unit, answer: Answer, asked: Asked, at: int) -> None:
    """The effect of an answer is the one that its option named when it was shown."""
    assert answer.before is not None
    expected = _EFFECTS.get((answer.before.conversation, asked.name))
    chosen = Chosen(unit, answer, asked.options[at][1])
    assert expected is None or expected(chosen), (answer.before.conversation, asked.name, chosen.label)
