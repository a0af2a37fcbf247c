"""Handing a problem to the implementing body: by the office, and by whatever note tells of one."""

from handlers.talk import Talk
from storage.links import How, Target
from storage.rectifications import Kind, NewRectification


def hand_over(talk: Talk, new: NewRectification) -> int | None:
    """Hand it over, so that the body's people hear of it as soon as they are free, and give its number. None where a
    late project owes its explanation already."""
    store = talk.store.rectifications
    number = store.owe_explanation(new) if new.kind is Kind.LATE else store.raise_(new)
    if number:
        link(talk, number, new.project)
        talk.prompted |= store.steps.tell(number)
    return number


def link(talk: Talk, number: int, project: int) -> None:
    """Say of the messages of a conversation which rectification, and which project, they are about."""
    for target, about in ((Target.RECTIFICATION, number), (Target.PROJECT, project)):
        talk.store.links.add(talk.heard_messages, target, about, How.STATED)
