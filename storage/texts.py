"""What somebody wrote that becomes part of a record: kept apart, so that "forget me" finds it."""

from datetime import datetime

from sqlalchemy import insert

from storage.database import Unit
from storage.tables import texts

_ADD = insert(texts)


def keep_text(unit: Unit, now: datetime, body: str, written_by: int | None) -> int:
    """The id of a new text. Nobody's, where it was written for the office: that outlives their wish to be forgotten."""
    text_id = unit.number(texts)
    unit.later(_ADD, {"id": text_id, "body": body, "written_by": written_by, "written_at": now})
    return text_id
