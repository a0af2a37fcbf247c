"""What is too long for a chat is read as a file."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.recipes.catalogue import Recipes
from storage.domain.proposal_status import Reason, Status
from storage.proposals import Event
from tests.office import Office, open_office

BODY = "修路\n请打 13812345678"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return open_office(engine, tmp_path)


def made(office: Office, kind: str, **arguments: object) -> str:
    path = office.folder / "made.txt"
    recipes = Recipes(office.town.engine, lambda _: office.town.areas, lambda: office.town.now)
    recipes.make({"kind": kind, "arguments": arguments}, path)
    return path.read_text(encoding="utf-8-sig")


def test_a_text_is_as_it_was_written(office: Office) -> None:
    assert made(office, "text", text="修路\n\U0001f44d") == "修路\n\U0001f44d"


def test_a_proposal_comes_with_every_word_of_its_history(office: Office) -> None:
    number = office.proposal(BODY)
    with office.town.store() as store:
        store.proposals.say(number, Event.QUESTION, "哪一段" * 50)
        store.proposals.change_status(number, Status.DECLINED, reason=Reason.TOO_LONG, body="明年再看")
        store.proposals.change_status(number, Status.RECEIVED, body="又能办了")
    told = made(office, "proposal", number=number, neighbours=False, language="zh")
    assert told == (
        f"{number}号建议\n\n{BODY}\n\n9月1日 办公室追问\n{'哪一段' * 50}\n"
        "\n9月1日 未采纳（一年内无法完成）\n明年再看\n\n9月1日 已收到\n又能办了"
    )
    assert made(office, "proposal", number=number, neighbours=False, language="en").startswith("Proposal ")


def test_neighbours_read_the_text_alone_and_no_number_in_it(office: Office) -> None:
    number = office.proposal(BODY)
    with office.town.store() as store:
        store.proposals.say(number, Event.REMARK, "秘密")
    told = made(office, "proposal", number=number, neighbours=True, language="zh")
    assert told == f"{number}号建议\n\n修路\n请打 138****78"


def test_there_is_no_file_of_a_proposal_that_is_not_there(office: Office) -> None:
    with pytest.raises(KeyError):
        made(office, "proposal", number=9, neighbours=False, language="zh")
