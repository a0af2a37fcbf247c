"""What is left in the database and in everybody's chat, held against what people remember."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, func, select

from storage.database import reading
from storage.tables import (
    accounts,
    attachments,
    audit,
    conversations,
    drafts,
    leases,
    links,
    messages,
    outbox,
    prompts,
    proposal_authors,
    proposal_history,
    proposals,
    texts,
)
from tests.kill.resident import Resident
from tests.kill.stories import Story


@dataclass
class Verdict:
    """`problems` is empty when every promise was kept.

    `doubled` are the replies that came twice on Telegram, `most_doubled` those of the chat that had most of them.
    """

    messages: int = 0
    proposals: int = 0
    replies: int = 0
    doubled: int = 0
    most_doubled: int = 0
    kills: int = 0
    problems: list[str] = field(default_factory=list)


def judge(engine: Engine, crowd: Sequence[Resident]) -> Verdict:
    """Look at everything after the last message was answered."""
    records = Records(engine)
    verdict = Verdict(len(records.incoming), len(records.proposals), len(records.outgoing))
    verdict.problems += records.leftovers()
    for resident in crowd:
        verdict.problems += [
            f"{resident.channel} {resident.account}: {problem}" for problem in _wrong(records, resident)
        ]
        _, doubled = told(records.replies(resident), resident.memory.heard)
        verdict.doubled += doubled
        verdict.most_doubled = max(verdict.most_doubled, doubled)
    known = {key for resident in crowd for key in resident.memory.sent}
    verdict.problems += [f"{key} is stored, and nobody sent it" for _, key in records.incoming if key not in known]
    return verdict


def _wrong(records: "Records", resident: Resident) -> Iterator[str]:
    yield from resident.memory.complaints
    yield from records.unstored(resident)
    yield from records.unfulfilled(resident)
    yield from told(records.replies(resident), resident.memory.heard)[0]


def told(said: Sequence[str], heard: Sequence[str]) -> tuple[list[str], int]:
    """What is wrong with a chat in which `said` should stand in that order, and how many of it came twice in a row."""
    problems, doubled, at = [], 0, 0
    for text in heard:
        if at < len(said) and text == said[at]:
            at += 1
        elif at and text == said[at - 1]:
            doubled += 1
        else:
            problems.append(f"reply {at + 1} of {len(said)} came out of order")
            break
    if not problems and at < len(said):
        problems.append(f"{len(said) - at} replies of {len(said)} did not arrive")
    return problems, doubled


class Records:
    """The database as it stands."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.incoming = {
            (row.channel, row.platform_key): row
            for row in self._all(select(messages).where(messages.c.direction == "in"))
        }
        self.outgoing = self._all(select(messages).where(messages.c.direction == "out").order_by(messages.c.id))
        self.people = {(row.channel, row.external_id): row for row in self._all(select(accounts))}
        self.proposals = {
            row.id: row
            for row in self._all(select(proposals, texts.c.body).join(texts, texts.c.id == proposals.c.text_id))
        }
        self.authors = {row.proposal_id: row.person_id for row in self._all(select(proposal_authors))}
        self.links = Counter(
            (row.target, row.target_id, row.message_id) for row in self._all(select(links)) if row.replaced_at is None
        )
        self.files = self._all(select(attachments))

    def _all(self, statement: Any) -> list[Any]:
        with reading(self._engine) as unit:
            return list(unit.read(statement))

    def _count(self, statement: Any) -> int:
        with reading(self._engine) as unit:
            return int(unit.read(statement).scalar_one())

    # --- what nobody in particular remembers

    def leftovers(self) -> Iterator[str]:
        """Whatever should not be there when all is done."""
        for key, row in self.incoming.items():
            if row.fault:
                yield f"{key} met a fault: {row.fault}"
        for table in (drafts, prompts, leases):
            if count := self._count(select(func.count()).select_from(table)):
                yield f"{count} rows are left in {table.name}"
        open_ones = select(func.count()).where(conversations.c.state.is_not(None))
        if count := self._count(open_ones):
            yield f"{count} conversations are still open"
        yield from self._unsent()
        yield from (f"file {file.id} is {file.state} {file.failure}" for file in self.files if file.state != "stored")
        yield from self._odd_histories()

    def _unsent(self) -> Iterator[str]:
        rows = Counter(row.message_id for row in self._all(select(outbox)))
        yield from (f"reply {row.id} has {rows[row.id]} rows to be sent" for row in self.outgoing if rows[row.id] != 1)
        states = Counter(row.state for row in self._all(select(outbox)))
        yield from (f"{count} replies are {state}" for state, count in states.items() if state != "sent")
        answered = {row.in_reply_to for row in self.outgoing}
        yield from (f"{key} got no reply" for key, row in self.incoming.items() if row.id not in answered)

    def _odd_histories(self) -> Iterator[str]:
        """Each proposal was received once, by one message, and the log says so once."""
        events = Counter(row.proposal_id for row in self._all(select(proposal_history)))
        logged = Counter(
            row.record_id
            for row in self._all(select(audit).where(audit.c.record == "proposal", audit.c.action == "add"))
        )
        for number in self.proposals:
            if events[number] != 1 or logged[number] != 1 or number not in self.authors:
                yield f"proposal {number} has {events[number]} events and is logged {logged[number]} times"

    # --- what somebody remembers

    def unstored(self, resident: Resident) -> Iterator[str]:
        """Messages that are not there, or not as they were sent. A second row of a key cannot be: the key is unique."""
        for key, text in resident.memory.sent.items():
            row = self.incoming.get((resident.channel, key))
            if row is None:
                yield f"{key} is not stored"
            elif text is not None and row.text != text:
                yield f"{key} is stored otherwise than it was sent"

    def unfulfilled(self, resident: Resident) -> Iterator[str]:
        """Wishes that did not become one proposal each, as they were meant, with all that was said about them."""
        person = self.people[resident.channel, resident.account].person_id
        own = sorted(number for number, author in self.authors.items() if author == person)
        lived = list(zip(resident.stories, resident.memory.told, strict=True))
        fulfilled = [(story, keys) for story, keys in lived if story.wish]
        if len(own) != len(fulfilled):
            yield f"{len(fulfilled)} wishes became {len(own)} proposals"
            return
        if own != resident.memory.numbers:
            yield f"was thanked for {resident.memory.numbers} and has {own}"
        for number, (story, keys) in zip(own, fulfilled, strict=True):
            yield from self._unlike(number, story, [self.incoming[resident.channel, key].id for key in keys])

    def _unlike(self, number: int, story: Story, message_ids: Sequence[int]) -> Iterator[str]:
        """How a proposal is not what the story wished for."""
        wish, proposal = story.wish, self.proposals[number]
        assert wish
        if (proposal.body, proposal.cell_id, proposal.located_how) != (wish.text, wish.cell, wish.how):
            yield f"proposal {number} is not what was wished"
        if (photos := sum(file.message_id in message_ids for file in self.files)) != wish.photos:
            yield f"proposal {number} has {photos} photos"
        for step, message_id in zip(story.steps, message_ids, strict=True):
            for target in (("proposal", number), ("cell", wish.cell)):
                count = self.links[*target, message_id]
                if count > 1 or (step.tells and not count):
                    yield f"message {message_id} has {count} links to {target}"

    def replies(self, resident: Resident) -> list[str]:
        """What the bot said to somebody, in order."""
        account = self.people[resident.channel, resident.account].id
        return [row.text for row in self.outgoing if row.account_id == account]
