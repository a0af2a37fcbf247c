"""Messages of both sides, as an account has seen them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, func, select

from storage.database import AnyRow, Unit
from storage.outbox import WAITING
from storage.tables import accounts, attachments, messages, outbox

LATEST = 200  # messages that are shown to who comes again

_ACCOUNT = select(accounts.c.id).where(
    accounts.c.channel == bindparam("channel"), accounts.c.external_id == bindparam("external_id")
)


class Messages:
    def __init__(self, unit: Unit, now: datetime) -> None:
        self._unit, self._now = unit, now

    def history(self, channel: str, external_id: str, after: int, limit: int) -> Sequence[AnyRow]:
        """(id, direction, kind, text, choices, at, platform_key, file name) of at most `limit` messages after one.

        Oldest first; after 0, those among the account's LATEST. Without what was blanked.
        """
        account = self._unit.read(_ACCOUNT, {"channel": channel, "external_id": external_id}).scalar()
        if account is None:
            return []
        # By its number: only of one that is known do the indexes tell the messages in order.
        mine = messages.c.account_id == account
        blanked = and_(messages.c.kind == "text", messages.c.text == "", attachments.c.id.is_(None))
        query = (
            select(
                messages.c.id,
                messages.c.direction,
                messages.c.kind,
                messages.c.text,
                messages.c.choices,
                messages.c.at,
                messages.c.platform_key,
                func.coalesce(attachments.c.name, ""),
            )
            .outerjoin(attachments, attachments.c.message_id == messages.c.id)
            .where(mine, ~blanked, messages.c.id > (after or self._before_the_latest(mine)))
            .order_by(messages.c.id)
            .limit(limit)
        )
        return self._unit.read(query).all()

    def _before_the_latest(self, mine: ColumnElement[bool]) -> int:
        ids = select(messages.c.id).where(mine).order_by(messages.c.id.desc())
        return self._unit.read(ids.offset(LATEST).limit(1)).scalar() or 0

    def file_of(self, channel: str, external_id: str, message_id: int) -> AnyRow | None:
        """(id, digest, name, media type) of the file that came with a message of this account."""
        return self._unit.read(
            select(attachments.c.id, attachments.c.digest, attachments.c.name, attachments.c.media_type)
            .join(messages, messages.c.id == attachments.c.message_id)
            .join(accounts, and_(accounts.c.id == messages.c.account_id, accounts.c.channel == channel))
            .where(messages.c.id == message_id, accounts.c.external_id == external_id)
        ).first()

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
