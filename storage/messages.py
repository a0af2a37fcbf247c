"""Messages of both sides, as an account has seen them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, bindparam, func, select

from storage.database import AnyRow, Unit
from storage.outbox_states import WAITING
from storage.tables import accounts, attachments, messages, outbox
from storage.texts import said

LATEST = 200  # messages that are shown to who comes again

_ITS_ACCOUNT = messages.c.account_id == (
    select(accounts.c.id)
    .where(accounts.c.channel == bindparam("channel"), accounts.c.external_id == bindparam("external_id"))
    .scalar_subquery()
)
_BEFORE_THE_LATEST = select(messages.c.id).where(_ITS_ACCOUNT).order_by(messages.c.id.desc()).offset(LATEST).limit(1)
_PAGE = (
    select(messages)
    .where(_ITS_ACCOUNT, messages.c.id > bindparam("after"))
    .order_by(messages.c.id)
    .limit(bindparam("limit"))
    .cte("page")
)
_TOLD = (
    select(
        _PAGE.c.id,
        _PAGE.c.direction,
        _PAGE.c.kind,
        said(_PAGE),
        _PAGE.c.choices,
        _PAGE.c.at,
        _PAGE.c.platform_key,
        func.coalesce(attachments.c.name, "").label("file"),
        func.coalesce(_PAGE.c.edits_id, 0).label("edits"),
        and_(
            _PAGE.c.kind == "text",
            _PAGE.c.text == "",
            _PAGE.c.text_id.is_(None),
            attachments.c.id.is_(None),
        ).label("is_blanked"),
    )
    .outerjoin(attachments, attachments.c.message_id == _PAGE.c.id)
    .order_by(_PAGE.c.id)
)


class Messages:
    def __init__(self, unit: Unit, now: datetime) -> None:
        self._unit, self._now = unit, now

    def history(self, channel: str, external_id: str, after: int, limit: int) -> Sequence[AnyRow]:
        """(id, direction, kind, text, choices, at, platform_key, file name, edited id or 0, …) of at most `limit`
        messages after one.

        Oldest first; after 0, those among the account's LATEST. Without what was blanked.
        """
        account = {"channel": channel, "external_id": external_id}
        after = after or self._unit.read(_BEFORE_THE_LATEST, account).scalar() or 0
        told: list[AnyRow] = []
        while len(told) < limit:
            page = self._unit.read(_TOLD, {**account, "after": after, "limit": limit}).all()
            if not page:
                break
            told += [row for row in page if not row.is_blanked]
            after = page[-1].id
        return told[:limit]

    def file_of(self, channel: str, external_id: str, message_id: int) -> AnyRow | None:
        """(id, digest, name, media type) of the file that came with a message of this account."""
        return self._unit.read(
            select(attachments.c.id, attachments.c.digest, attachments.c.name, attachments.c.media_type)
            .join(messages, messages.c.id == attachments.c.message_id)
            .join(accounts, and_(accounts.c.id == messages.c.account_id, accounts.c.channel == channel))
            .where(messages.c.id == message_id, accounts.c.external_id == external_id)
        ).first()

    def file_sent(self, channel: str, message_id: int, since: datetime) -> int | None:
        """The id of the file that came with a message of ours which was stored since then."""
        found = self._unit.read(
            select(attachments.c.id)
            .join(messages, messages.c.id == attachments.c.message_id)
            .where(messages.c.id == message_id, messages.c.channel == channel, messages.c.direction == "out")
            .outerjoin(outbox, outbox.c.message_id == messages.c.id)
            .where(func.coalesce(outbox.c.settled_at, messages.c.stored_at) >= since)
        ).first()
        return found[0] if found else None

    def external_id(self, account_id: int) -> str:
        return str(self._unit.read(select(accounts.c.external_id).where(accounts.c.id == account_id)).scalar_one())

    def waiting(self) -> Sequence[AnyRow]:
        """(channel, count) of the rows that wait."""
        return self._unit.read(
            select(outbox.c.channel, func.count().label("rows")).where(WAITING).group_by(outbox.c.channel)
        ).all()

    def outbox_depth(self) -> tuple[int, float]:
        """How many rows wait, and the age of the oldest in seconds."""
        count, oldest = self._unit.read(select(func.count(), func.min(outbox.c.created_at)).where(WAITING)).one()
        return count, (self._now - oldest).total_seconds() if oldest else 0.0
