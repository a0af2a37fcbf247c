"""What somebody wrote into a record, kept apart, so that "forget me" finds it; and what many are told alike."""

from datetime import datetime

from sqlalchemy import FromClause, Label, func, insert, select

from storage.database import Unit
from storage.tables import messages, texts

_ADD = insert(texts)


def said(some: FromClause) -> Label[str]:
    """What messages say: their own words, or a text that many get. `some` has the columns of `messages`."""
    body = select(texts.c.body).where(texts.c.id == some.c.text_id).scalar_subquery()
    return func.coalesce(body, some.c.text).label("text")


SAID = said(messages)


def keep_text(unit: Unit, now: datetime, body: str, written_by: int | None) -> int:
    """The id of a new text. Nobody's, where it was written for the office: that outlives their wish to be forgotten."""
    text_id = unit.number(texts)
    unit.later(_ADD, {"id": text_id, "body": body, "written_by": written_by, "written_at": now})
    return text_id
