"""Messages of both sides, as an account has seen them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, bindparam, func, select

from storage.among import among
from storage.database import AnyRow, Unit
from storage.outbox import WAITING
from storage.tables import accounts, attachments, messages, outbox

LATEST = 200  # messages that are shown to who comes again

_ACCOUNT = select(accounts.c.id).where(
    accounts.c.channel == bindparam("channel"), accounts.c.external_id == bindparam("external_id")
)
_IS_BLANKED = and_(messages.c.kind == "text", messages.c.text == "", attachments.c.id.is_(None))
_TOLD = (
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
    .where(among(messages.c.id, "ids"), ~_IS_BLANKED)
    .order_by(messages.c.id)
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
        after = after or self._before_the_latest(account)
        told: list[AnyRow] = []
        while len(told) < limit and (ids := self._ids(account, after, limit)):
            told += self._unit.read(_TOLD, {"ids": ids})
            after = ids[-1]
        return told[:limit]

    def _ids(self, account: int, after: int, limit: int) -> list[int]:
        """The account's messages after one: by its index alone, for the others lie scattered among everybody's."""
        mine = select(messages.c.id).where(messages.c.account_id == account, messages.c.id > after)
        return list(self._unit.read(mine.order_by(messages.c.id).limit(limit)).scalars())

    def _before_the_latest(self, account: int) -> int:
        mine = select(messages.c.id).where(messages.c.account_id == account).order_by(messages.c.id.desc())
        return self._unit.read(mine.offset(LATEST).limit(1)).scalar() or 0

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
