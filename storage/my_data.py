"""Everything that is kept about one person, for themselves."""

from collections.abc import Sequence

from sqlalchemy import case, func, literal, select, union_all

from storage.announcements import IS_CURRENT
from storage.database import AnyRow, Unit
from storage.tables import (
    accounts,
    announcement_recipients,
    announcement_reviews,
    announcement_versions,
    announcements,
    attachments,
    consents,
    conversations,
    drafts,
    messages,
    note_people,
    notes,
    observations,
    outbox,
    people,
    proposal_supporters,
    rectification_history,
    reminders,
    rounds,
    texts,
)
from storage.texts import SAID


class MyData:
    def __init__(self, unit: Unit, person_id: int) -> None:
        self._unit, self._person_id = unit, person_id

    def person(self) -> AnyRow:
        """(name, telephone, language, cell_id, notices, consented_at, created_at)"""
        columns = (
            people.c.name,
            people.c.telephone,
            people.c.language,
            people.c.cell_id,
            people.c.notices,
            people.c.consented_at,
            people.c.created_at,
        )
        return self._unit.read(select(*columns).where(people.c.id == self._person_id)).one()

    def accounts(self) -> Sequence[AnyRow]:
        """(channel, external_id, seen_at)"""
        mine = select(accounts.c.channel, accounts.c.external_id, accounts.c.seen_at)
        return self._unit.read(mine.where(accounts.c.person_id == self._person_id).order_by(accounts.c.id)).all()

    def consents(self) -> Sequence[AnyRow]:
        """(channel, room): how many notices they let us push."""
        room = func.sum(consents.c.room).label("room")
        mine = select(accounts.c.channel, room).join(accounts, accounts.c.id == consents.c.account_id)
        found = mine.where(accounts.c.person_id == self._person_id).group_by(accounts.c.channel)
        return self._unit.read(found.order_by(accounts.c.channel)).all()

    def messages(self) -> Sequence[AnyRow]:
        """(at, channel, direction, kind, text, latitude, longitude), oldest first."""
        columns = (
            messages.c.at,
            messages.c.channel,
            messages.c.direction,
            messages.c.kind,
            SAID,
            messages.c.latitude,
            messages.c.longitude,
        )
        mine = select(*columns).where(messages.c.person_id == self._person_id)
        return self._unit.read(mine.order_by(messages.c.id)).all()

    def files(self) -> Sequence[AnyRow]:
        """(at, kind, name, media_type, size, state) of what came with messages, both ways."""
        columns = (
            messages.c.at,
            attachments.c.kind,
            attachments.c.name,
            attachments.c.media_type,
            attachments.c.size,
            attachments.c.state,
        )
        mine = select(*columns).join(messages, messages.c.id == attachments.c.message_id)
        return self._unit.read(mine.where(messages.c.person_id == self._person_id).order_by(attachments.c.id)).all()

    def supports(self) -> Sequence[AnyRow]:
        """(number, at) of the neighbours' proposals that the person wants too."""
        columns = proposal_supporters.c.proposal_id, proposal_supporters.c.at
        mine = select(*columns).where(proposal_supporters.c.person_id == self._person_id)
        return self._unit.read(mine.order_by(proposal_supporters.c.at)).all()

    def notes(self) -> Sequence[AnyRow]:
        """(at, kind, number, standing, progress, satisfied, received, latitude, longitude, nearness) of what the person
        reported, oldest first; the words are among the `texts`, `number` is the project's."""
        columns = (
            notes.c.at,
            notes.c.kind,
            notes.c.project_id.label("number"),
            notes.c.standing,
            notes.c.progress,
            notes.c.satisfied,
            notes.c.received,
            notes.c.latitude,
            notes.c.longitude,
            notes.c.nearness,
        )
        mine = select(*columns).where(notes.c.author_id == self._person_id)
        return self._unit.read(mine.order_by(notes.c.id)).all()

    def company(self) -> Sequence[AnyRow]:
        """(at, kind, number, part) of what others reported having done together with the person."""
        columns = notes.c.at, notes.c.kind, notes.c.project_id.label("number"), note_people.c.part
        mine = select(*columns).join(note_people, note_people.c.note_id == notes.c.id)
        return self._unit.read(mine.where(note_people.c.person_id == self._person_id).order_by(notes.c.id)).all()

    def reminders(self) -> Sequence[AnyRow]:
        """(at, kind, period) of what the person was told to report, oldest first; `period` is a month."""
        told = select(reminders.c.at, rounds.c.duty.label("kind"), rounds.c.period)
        mine = told.join(rounds, rounds.c.id == reminders.c.round_id).where(reminders.c.person_id == self._person_id)
        return self._unit.read(mine.order_by(reminders.c.at, rounds.c.id)).all()

    def observations(self) -> Sequence[AnyRow]:
        """(at, number, cell_id, latitude, longitude, text, answer, answered_at) of what the person saw of projects,
        oldest first; `number` is the project's."""
        answers = texts.alias("answers")
        columns = (
            observations.c.at,
            observations.c.project_id.label("number"),
            observations.c.cell_id,
            observations.c.latitude,
            observations.c.longitude,
            texts.c.body.label("text"),
            answers.c.body.label("answer"),
            observations.c.answered_at,
        )
        mine = select(*columns).join(texts, texts.c.id == observations.c.text_id)
        mine = mine.outerjoin(answers, answers.c.id == observations.c.answer_id)
        return self._unit.read(
            mine.where(observations.c.author_id == self._person_id).order_by(observations.c.id)
        ).all()

    def rectifications(self) -> Sequence[AnyRow]:
        """(at, number, stage) of the steps of rectifications that the person made, oldest first; the words are among
        the `texts`."""
        columns = (
            rectification_history.c.at,
            rectification_history.c.rectification_id.label("number"),
            rectification_history.c.stage,
        )
        mine = select(*columns).where(rectification_history.c.person_id == self._person_id)
        return self._unit.read(mine.order_by(rectification_history.c.id)).all()

    def announcements(self) -> Sequence[AnyRow]:
        """(at, number, title, cell_id, channel, sent_at, not_sent, opened_at) of what the person was told, oldest
        first; `not_sent` says why not."""
        columns = (
            announcements.c.started_at.label("at"),
            announcements.c.id.label("number"),
            texts.c.body.label("title"),
            announcement_recipients.c.cell_id,
            announcement_recipients.c.channel,
            case((outbox.c.state == "sent", outbox.c.settled_at)).label("sent_at"),
            func.coalesce(outbox.c.failure, announcement_recipients.c.skipped).label("not_sent"),
            announcement_recipients.c.opened_at,
        )
        mine = (
            select(*columns)
            .join(announcements, announcements.c.id == announcement_recipients.c.announcement_id)
            .join(announcement_versions, IS_CURRENT)
            .join(texts, texts.c.id == announcement_versions.c.title_id)
            .outerjoin(outbox, outbox.c.message_id == announcement_recipients.c.message_id)
        )
        mine = mine.where(announcement_recipients.c.person_id == self._person_id)
        return self._unit.read(mine.order_by(announcements.c.id)).all()

    def announced(self) -> Sequence[AnyRow]:
        """(at, number, version, step) of what the person did to announcements, oldest first; who wrote a version has
        no step."""
        wrote = select(
            announcement_versions.c.at,
            announcement_versions.c.announcement_id.label("number"),
            announcement_versions.c.version,
            literal("").label("step"),
        ).where(announcement_versions.c.written_by == self._person_id)
        signed = select(
            announcement_reviews.c.at,
            announcement_reviews.c.announcement_id,
            announcement_reviews.c.version,
            announcement_reviews.c.step,
        ).where(announcement_reviews.c.person_id == self._person_id)
        return self._unit.read(union_all(wrote, signed).order_by("at", "number", "version", "step")).all()

    def texts(self) -> Sequence[AnyRow]:
        """(written_at, body) of every version of every text the person wrote into a record."""
        mine = select(texts.c.written_at, texts.c.body).where(texts.c.written_by == self._person_id)
        return self._unit.read(mine.where(texts.c.blanked_at.is_(None)).order_by(texts.c.written_at, texts.c.id)).all()

    def unfinished(self) -> list[object]:
        """What is open in a conversation, and what was put aside."""
        kept = select(drafts.c.state).where(drafts.c.person_id == self._person_id).order_by(drafts.c.id)
        state = select(conversations.c.state).where(conversations.c.person_id == self._person_id)
        states = [*self._unit.read(state).scalars(), *self._unit.read(kept).scalars()]
        return [one["answers"] for one in states if one and one.get("answers")]
